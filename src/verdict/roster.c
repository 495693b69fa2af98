/* SPDX-License-Identifier: MIT */
#include "src/verdict/roster.h"

#include <stdlib.h>

#include "src/session/expiry.h"

StreamPoint finding_shows(const Model *model, const Finding *finding)
{
	ConnectionIndex index = finding->to != NO_INDEX ? finding->to : finding->from;
	if (finding->to == NO_INDEX && instant_known(finding->died_before))
		return (StreamPoint){finding->dead_frame, finding->died_before};
	if (index == NO_INDEX)
		return (StreamPoint){{0, 0}, INSTANT_UNKNOWN};
	const Connection *at = model_connection(model, index);
	if (instant_known(at->connack_time))
		return (StreamPoint){at->connack_frame, at->connack_time};
	if (instant_known(at->connect_time))
		return (StreamPoint){at->connect_frame, at->connect_time};
	return (StreamPoint){at->opened_frame, at->opened};
}

bool finding_messages_known(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	if (cost != NULL)
		return (cost->inexact & (INEXACT_NO_PUBLISHER_SEEN | INEXACT_REWRITTEN)) == 0;
	/* Of what did not come since a subscription is missing nothing was counted. */
	const CauseInfo *info = cause_info((CauseId)finding->cause);
	if (info != NULL && info->group == CAUSE_GROUP_PARTIAL &&
	    finding->severity == SEVERITY_LOSS)
		return false;
	if (finding->to != NO_INDEX && model_is_counting(model, finding->to))
		return false;
	/* Nothing was there to lose: that is known only if the connection before was seen. */
	return finding->severity != SEVERITY_RISK && finding->confidence != CONFIDENCE_CANNOT_KNOW &&
	       (finding->weakened & GATE_CONNECT_NOT_SEEN) == 0;
}

const char *client_state_name(ClientState state)
{
	static const char *const names[CLIENT_STATE_N] = {
		[CLIENT_ONLINE] = "online",
		[CLIENT_AWAY_KEPT] = "away, kept",
		[CLIENT_AWAY_GONE] = "away, gone",
		[CLIENT_AWAY_UNKNOWN] = "away, unknown",
		[CLIENT_REFUSED] = "refused",
	};
	return state < CLIENT_STATE_N ? names[state] : "unknown";
}

/* --- the findings of each client -------------------------------------------------------------- */

/* @user: when each finding showed, by its index. */
static int by_time(const void *a, const void *b, void *user)
{
	const int64_t *showed = user;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	if (showed[x] != showed[y])
		return showed[x] < showed[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Once for each: comparing looks at them again and again. */
static int64_t *list_times(const Model *model, const GArray *findings)
{
	int64_t *showed = g_new(int64_t, (gsize)findings->len + 1);
	for (guint i = 0; i < findings->len; i++)
		showed[i] = finding_showed(model, &g_array_index(findings, Finding, i)).ns;
	return showed;
}

static void index_findings(Roster *roster, const Model *model, const GArray *findings)
{
	uint32_t n = roster->n_rows;
	uint32_t *first = roster->first = g_new0(uint32_t, (gsize)n + 2);
	roster->by_client = g_new(uint32_t, (gsize)findings->len + 1);
	for (guint i = 0; i < findings->len; i++) {
		ClientIndex client = g_array_index(findings, Finding, i).client;
		if (client < n)
			first[client + 2]++; /* two further on, so that filling moves it into place */
	}
	for (uint32_t i = 2; i < n + 2; i++)
		first[i] += first[i - 1];
	for (guint i = 0; i < findings->len; i++) {
		ClientIndex client = g_array_index(findings, Finding, i).client;
		if (client < n)
			roster->by_client[first[client + 1]++] = i;
	}
	g_autofree int64_t *showed = list_times(model, findings);
	for (uint32_t i = 0; i < n; i++)
		if (first[i + 1] - first[i] > 1)
			g_qsort_with_data(roster->by_client + first[i], (gint)(first[i + 1] - first[i]),
			                  sizeof *roster->by_client, by_time, showed);
}

/* --- what they say of it ---------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static uint32_t add_capped(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* @costs: absences, perhaps several times. */
static void add_costs(RosterRow *row, const Model *model, GArray *costs)
{
	g_array_sort(costs, by_number);
	for (guint i = 0; i < costs->len; i++) {
		AbsenceIndex index = g_array_index(costs, AbsenceIndex, i);
		if (i > 0 && index == g_array_index(costs, AbsenceIndex, i - 1))
			continue;
		const Absence *cost = model_absence(model, index);
		row->lost.min = add_capped(row->lost.min, cost->lost.min);
		row->lost.max = add_capped(row->lost.max, cost->lost.max);
		row->lost_unbounded |= cost->unbounded;
	}
}

static void add_finding(RosterRow *row, const Model *model, const Finding *finding, GArray *costs)
{
	row->n_findings++;
	row->n_lapses += finding->lapse;
	row->severity = MIN(row->severity, finding->severity);
	if (finding->severity != SEVERITY_LOSS)
		return;
	row->lost_unknown |= !finding_messages_known(model, finding);
	if (finding->cost != NO_ABSENCE)
		g_array_append_val(costs, finding->cost);
}

/* The last loss, else the worst of them: the first of those that are most severe. */
static uint32_t leading(const Roster *roster, const GArray *findings, const RosterRow *row)
{
	uint32_t worst = UINT32_MAX;
	uint32_t begin = roster->first[row->client], end = roster->first[row->client + 1];
	for (uint32_t i = end; i-- > begin;) {
		uint32_t index = roster->by_client[i];
		if (g_array_index(findings, Finding, index).severity == SEVERITY_LOSS)
			return index;
		worst = MIN(worst, index);
	}
	return worst;
}

static void add_findings(Roster *roster, const Model *model, const GArray *findings)
{
	g_autoptr(GArray) costs = g_array_new(FALSE, FALSE, sizeof(AbsenceIndex));
	for (uint32_t i = 0; i < roster->n_rows; i++) {
		RosterRow *row = &roster->rows[i];
		if (roster->first[i] == roster->first[i + 1])
			continue;
		g_array_set_size(costs, 0);
		for (uint32_t k = roster->first[i]; k < roster->first[i + 1]; k++)
			add_finding(row, model, &g_array_index(findings, Finding, roster->by_client[k]), costs);
		add_costs(row, model, costs);
		row->finding = leading(roster, findings, row);
		const Finding *finding = &g_array_index(findings, Finding, row->finding);
		row->cause = finding->cause;
		row->responsible = finding->responsible;
	}
}

/* --- where it stands -------------------------------------------------------------------------- */

static Instant later(Instant a, Instant b)
{
	return a.ns > b.ns ? a : b;
}

/* INSTANT_UNKNOWN is before all others. */
static Instant last_sign(const Connection *connection)
{
	Instant sign = later(connection->opened, connection->connect_time);
	return later(sign, connection->last_from_client);
}

/* A later CONNECT was not answered as far as was seen: the session may be in use, or new. */
static bool may_be_back(const Model *model, const Client *client)
{
	for (ConnectionIndex i = client->last; i != client->accepted && i != NO_INDEX;) {
		const Connection *connection = model_connection(model, i);
		if (!connection->connack_seen)
			return true;
		i = connection->previous;
	}
	return false;
}

static bool died(const Roster *roster, const GArray *findings, const RosterRow *row,
                 ConnectionIndex accepted)
{
	for (uint32_t i = roster->first[row->client]; i < roster->first[row->client + 1]; i++) {
		const Finding *finding = &g_array_index(findings, Finding, roster->by_client[i]);
		if (finding->to == NO_INDEX && finding->from == accepted && finding->lapse &&
		    finding->severity == SEVERITY_LOSS && instant_known(finding->died_before) &&
		    finding->died_before.ns <= roster->now.ns)
			return true;
	}
	return false;
}

/* By the settings of the connection that ended last. */
static ClientState away_by_settings(RosterRow *row, const Connection *last, Instant now)
{
	Expiry expiry = connection_expiry(last);
	if (!expiry_known(expiry))
		return CLIENT_AWAY_UNKNOWN;
	if (expiry.seconds == EXPIRY_NEVER) {
		row->never = true;
		return CLIENT_AWAY_KEPT;
	}
	int64_t end;
	if (!instant_known(last->closed) ||
	    __builtin_add_overflow(last->closed.ns, expiry.seconds * NS_PER_SECOND, &end))
		return CLIENT_AWAY_UNKNOWN;
	if (expiry.seconds == 0)
		return CLIENT_AWAY_GONE;
	row->deadline.ns = end;
	return row->deadline.ns > now.ns ? CLIENT_AWAY_KEPT : CLIENT_AWAY_GONE;
}

static void see_away(RosterRow *row, const Roster *roster, const Model *model, const GArray *findings)
{
	const Client *client = model_client(model, row->client);
	ConnectionIndex index = client->accepted != NO_INDEX ? client->accepted : client->last;
	if (index == NO_INDEX) {
		row->state = CLIENT_AWAY_UNKNOWN;
		return;
	}
	const Connection *last = model_connection(model, index);
	row->since = instant_known(last->closed) ? last->closed : last_sign(last);
	if (client->accepted == NO_INDEX)
		row->state = may_be_back(model, client) ? CLIENT_AWAY_UNKNOWN : CLIENT_REFUSED;
	else if (died(roster, findings, row, index))
		row->state = CLIENT_AWAY_GONE;
	else if (may_be_back(model, client))
		row->state = CLIENT_AWAY_UNKNOWN;
	else
		row->state = (uint8_t)away_by_settings(row, last, roster->now);
}

static void see_state(RosterRow *row, const Roster *roster, const Model *model, const GArray *findings)
{
	const Client *client = model_client(model, row->client);
	row->n_connections = client->n_connections;
	if (client->last != NO_INDEX)
		row->version = model_connection(model, client->last)->version;
	if (client->current == NO_INDEX) {
		see_away(row, roster, model, findings);
		return;
	}
	const Connection *now = model_connection(model, client->current);
	row->state = CLIENT_ONLINE;
	row->since = later(now->connect_time, now->connack_time);
	if (!instant_known(row->since))
		row->since = now->opened;
}

static void count_connections(Roster *roster, const Model *model)
{
	uint32_t n = model_n_connections(model);
	for (ConnectionIndex i = 0; i < n; i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->client >= roster->n_rows)
			continue;
		RosterRow *row = &roster->rows[connection->client];
		bool reconnect = connection->accepted_before != NO_INDEX;
		row->n_reconnects += reconnect;
		row->n_resumed += reconnect && connection->outcome == OUTCOME_RESUMED;
		row->last_seen = later(row->last_seen, last_sign(connection));
	}
}

Roster *roster_new(const Model *model, const Verdict *verdict, Instant now)
{
	Roster *roster = g_new(Roster, 1);
	uint32_t n = model_n_clients(model);
	*roster = (Roster){.n_rows = n, .now = now, .rows = g_new(RosterRow, (gsize)n + 1)};
	index_findings(roster, model, verdict->findings);
	for (ClientIndex i = 0; i < n; i++) {
		roster->rows[i] = (RosterRow){
			.client = i,
			.severity = SEVERITY_N,
			.cause = CAUSE_NONE,
			.responsible = RESPONSIBLE_N,
			.finding = UINT32_MAX,
			.since = INSTANT_UNKNOWN,
			.deadline = INSTANT_UNKNOWN,
			.last_seen = INSTANT_UNKNOWN,
		};
		see_state(&roster->rows[i], roster, model, verdict->findings);
		roster->by_state[roster->rows[i].state]++;
	}
	count_connections(roster, model);
	add_findings(roster, model, verdict->findings);
	return roster;
}

void roster_free(Roster *roster)
{
	if (roster == NULL)
		return;
	g_free(roster->rows);
	g_free(roster->by_client);
	g_free(roster->first);
	g_free(roster);
}
