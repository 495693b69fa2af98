/* SPDX-License-Identifier: MIT */
#include "ui/report/selection.h"

static bool matches(const Model *model, const Client *client, GPatternSpec **patterns)
{
	ByteSpan id = model_text(model, client->id);
	g_autofree char *text = g_strndup((const char *)id.data, id.size);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	for (; *patterns != NULL; patterns++) {
		if (g_pattern_match_string(*patterns, valid))
			return true;
	}
	return false;
}

static GPatternSpec **patterns_new(const GPtrArray *globs)
{
	GPatternSpec **patterns = g_new0(GPatternSpec *, globs->len + 1);
	for (guint i = 0; i < globs->len; i++)
		patterns[i] = g_pattern_spec_new(g_ptr_array_index(globs, i));
	return patterns;
}

static void patterns_free(GPatternSpec **patterns)
{
	for (GPatternSpec **at = patterns; *at != NULL; at++)
		g_pattern_spec_free(*at);
	g_free(patterns);
}

uint8_t *clients_fitting(const Model *model, const GPtrArray *globs)
{
	uint32_t n_clients = model_n_clients(model);
	uint8_t *clients = g_new0(uint8_t, (gsize)n_clients + 1);
	bool all = globs == NULL || globs->len == 0;
	GPatternSpec **patterns = all ? NULL : patterns_new(globs);
	for (uint32_t i = 0; i < n_clients; i++)
		clients[i] = all || matches(model, model_client(model, i), patterns);
	if (patterns != NULL)
		patterns_free(patterns);
	return clients;
}

static void select_findings(Selection *selection)
{
	const GArray *findings = selection->analysis->findings;
	selection->findings = g_new(uint32_t, (gsize)findings->len + 1);
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = &g_array_index(findings, Finding, i);
		if (finding->client == NO_INDEX ? selection->all : selection->clients[finding->client])
			selection->findings[selection->n_findings++] = i;
	}
}

const Finding *selection_finding(const Selection *selection, uint32_t nth)
{
	return &g_array_index(selection->analysis->findings, Finding, selection->findings[nth]);
}

/* It did, or will. */
static bool finding_ends_session(const Finding *finding)
{
	const CauseInfo *info = cause_info((CauseId)finding->cause);
	return info != NULL && info->group == CAUSE_GROUP_SESSION;
}

bool finding_ended_session(const Finding *finding)
{
	return finding->severity == SEVERITY_LOSS && finding_ends_session(finding);
}

bool connection_is_reconnect(const Connection *connection)
{
	return connection->accepted_before != NO_INDEX;
}

bool connection_resumed(const Connection *connection)
{
	return connection_is_reconnect(connection) && connection->outcome == OUTCOME_RESUMED;
}

/* In the order in which they lie in memory: those of one client lie far apart. */
static void tally_connections(Selection *selection)
{
	const Model *model = selection->analysis->model;
	Tally *tally = &selection->tally;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->client == NO_INDEX || selection->clients[connection->client] == 0)
			continue;
		tally->connections++;
		tally->reconnects += connection_is_reconnect(connection);
		tally->resumed += connection_resumed(connection);
	}
}

static void tally_cost(Selection *selection, const Finding *finding, GHashTable *counted)
{
	const Model *model = selection->analysis->model;
	Tally *tally = &selection->tally;
	if (!finding_messages_known(model, finding))
		tally->lost_unbounded = true;
	const Absence *cost = model_absence(model, finding->cost);
	if (finding->weakened != 0 || (cost != NULL && cost->inexact != 0))
		tally->lost_inexact = true;
	if (cost != NULL && cost->unbounded)
		tally->lost_unbounded = true;
	if (cost == NULL || !g_hash_table_add(counted, GUINT_TO_POINTER(finding->cost)))
		return;
	tally->lost_min += cost->lost.min;
	tally->lost_max += cost->lost.max;
}

/* Bits in Selection.clients beside 1, while counting. */
enum { HAS_LOSS = 2, HAS_ENDED = 4, HAS_RISK = 8 };

static void tally_finding(Selection *selection, const Finding *finding, GHashTable *counted)
{
	Tally *tally = &selection->tally;
	uint8_t bits = 0;
	g_assert(finding->cause < CAUSE_N && finding->responsible < RESPONSIBLE_N);
	if (finding->lapse) {
		tally->lapses++;
		tally->lapses_by_cause[finding->cause]++;
		tally->lapses_by_responsible[finding->responsible]++;
	}
	if (finding->severity == SEVERITY_LOSS) {
		tally->losses++;
		tally->losses_by_responsible[finding->responsible]++;
		tally_cost(selection, finding, counted);
		bits |= finding_ended_session(finding) ? HAS_LOSS | HAS_ENDED : HAS_LOSS;
	} else if (finding->severity == SEVERITY_RISK) {
		tally->risks++;
		bits |= finding_ends_session(finding) ? HAS_RISK : 0;
	} else {
		tally->notes++;
	}
	if (finding->client != NO_INDEX)
		selection->clients[finding->client] |= bits;
}

void selection_init(Selection *selection, const Analysis *analysis, const GPtrArray *globs)
{
	*selection = (Selection){.analysis = analysis};
	selection->all = globs == NULL || globs->len == 0;
	selection->clients = clients_fitting(analysis->model, globs);
	select_findings(selection);

	g_autoptr(GHashTable) counted = g_hash_table_new(NULL, NULL);
	for (uint32_t i = 0; i < selection->n_findings; i++)
		tally_finding(selection, selection_finding(selection, i), counted);

	Tally *tally = &selection->tally;
	uint32_t n_clients = model_n_clients(analysis->model);
	for (uint32_t i = 0; i < n_clients; i++) {
		if (selection->clients[i] == 0)
			continue;
		tally->clients++;
		tally->clients_with_loss += (selection->clients[i] & HAS_LOSS) != 0;
		tally->clients_ended += (selection->clients[i] & HAS_ENDED) != 0;
		tally->clients_at_risk += (selection->clients[i] & HAS_RISK) != 0;
	}
	tally_connections(selection);
}

void selection_clear(Selection *selection)
{
	g_free(selection->clients);
	g_free(selection->findings);
	*selection = (Selection){.analysis = NULL};
}
