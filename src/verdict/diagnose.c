/* SPDX-License-Identifier: MIT */
#include "src/verdict/incidents.h"

#include "src/session/host.h"
#include "src/verdict/judge.h"
#include "src/verdict/ranking.h"
#include "src/verdict/recognise.h"
#include "src/verdict/rules_restart.h"

/* So many connections ahead, what will be looked at is called into the cache. */
enum { FETCH_AHEAD = 12 };

Finding finding_new(CauseId cause)
{
	const CauseInfo *info = cause_info(cause);
	return (Finding){
		.client = NO_INDEX,
		.from = NO_INDEX,
		.to = NO_INDEX,
		.other = NO_INDEX,
		.cause = (uint8_t)cause,
		.severity = (uint8_t)info->severity,
		.responsible = (uint8_t)info->responsible,
		.confidence = (uint8_t)info->cap,
		.absence_ns = INT64_MIN,
		.died_after = INSTANT_UNKNOWN,
		.died_before = INSTANT_UNKNOWN,
		.cost = NO_ABSENCE,
		.way = {NO_INDEX, NO_INDEX, 0, 0},
	};
}

Finding finding_of(const Reconnect *view, CauseId cause, Confidence confidence)
{
	Finding finding = finding_new(cause);
	finding.client = view->now->client;
	finding.from = view->before_index;
	finding.to = view->now_index;
	finding.confidence = (uint8_t)confidence_capped(cause, confidence);
	finding.absence_ns = view->absence_ns;
	finding.cost = view->now->absence;
	return finding;
}

void cause_list_add(CauseList *list, CauseId cause)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->causes[i] == cause)
			return;
	if (list->n < FINDING_MAX_CAUSES)
		list->causes[list->n++] = (uint8_t)cause;
}

static Instant opened_at(const Diagnosis *diagnosis, guint i)
{
	ConnectionIndex index = g_array_index(diagnosis->unnamed, ConnectionIndex, i);
	return model_connection(diagnosis->model, index)->opened;
}

/* The first of the unnamed that was opened no earlier than @moment. */
static guint first_since(const Diagnosis *diagnosis, Instant moment)
{
	guint low = 0, high = diagnosis->unnamed->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (opened_at(diagnosis, middle).ns < moment.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The late packets of a connection that is known may look like another. */
static bool is_another_of_host(const Model *model, const Connection *unnamed, const Connection *known)
{
	return unnamed->broker == known->broker && model_same_host(model, unnamed, known) &&
	       !endpoint_equal(&unnamed->source, &known->source);
}

/* Connections of one client, of the hosts that it comes from. */
enum { HOSTS_OF_CLIENT = 6 };
typedef struct HostsOfClient {
	const Connection *of[HOSTS_OF_CLIENT];
	unsigned n;
} HostsOfClient;

static void add_host(const Model *model, const Connection *connection, HostsOfClient *hosts)
{
	for (unsigned i = 0; i < hosts->n; i++)
		if (model_same_host(model, connection, hosts->of[i]))
			return;
	if (hosts->n < HOSTS_OF_CLIENT)
		hosts->of[hosts->n++] = connection;
}

/* A client that roams, or a twin of it, may be at any of the addresses that it had around that time. */
static HostsOfClient hosts_around(const Model *model, const Connection *first, const Connection *last)
{
	enum { LOOK = 8 };
	HostsOfClient hosts = {.of = {first, last}, .n = 2};
	ConnectionIndex before = first->previous, after = last->next;
	for (int i = 0; i < LOOK && before != NO_INDEX; i++) {
		const Connection *connection = model_connection(model, before);
		add_host(model, connection, &hosts);
		before = connection->previous;
	}
	for (int i = 0; i < LOOK && after != NO_INDEX; i++) {
		const Connection *connection = model_connection(model, after);
		add_host(model, connection, &hosts);
		after = connection->next;
	}
	return hosts;
}

static bool is_another_of_client(const Model *model, const Connection *unnamed, const HostsOfClient *hosts)
{
	for (unsigned i = 0; i < hosts->n; i++)
		if (is_another_of_host(model, unnamed, hosts->of[i]))
			return true;
	return false;
}

bool unnamed_between(const Diagnosis *diagnosis, ConnectionIndex before, ConnectionIndex now)
{
	enum { LOOK = 256 };
	const Model *model = diagnosis->model;
	const Connection *first = model_connection(model, before), *last = model_connection(model, now);
	Instant until = instant_known(last->connack_time) ? last->connack_time : last->connect_time;
	guint i = first_since(diagnosis, first->opened);
	if (i == diagnosis->unnamed->len || opened_at(diagnosis, i).ns > until.ns)
		return false;
	HostsOfClient hosts = hosts_around(model, first, last);
	for (guint steps = 0; i < diagnosis->unnamed->len; i++, steps++) {
		if (opened_at(diagnosis, i).ns > until.ns)
			return false;
		const Connection *between = model_connection(
			model, g_array_index(diagnosis->unnamed, ConnectionIndex, i));
		if (steps == LOOK || is_another_of_client(model, between, &hosts))
			return true; /* so many that one of them may be */
	}
	return false;
}

bool unnamed_at_broker(const Diagnosis *diagnosis, const Connection *left)
{
	enum { LOOK = 256 };
	guint i = first_since(diagnosis, left->opened);
	for (guint steps = 0; i < diagnosis->unnamed->len; i++, steps++) {
		ConnectionIndex index = g_array_index(diagnosis->unnamed, ConnectionIndex, i);
		const Connection *unnamed = model_connection(diagnosis->model, index);
		if (steps == LOOK || (unnamed->broker == left->broker &&
		                      !endpoint_equal(&unnamed->source, &left->source)))
			return true;
	}
	return false;
}

static gint by_opening(gconstpointer a, gconstpointer b, void *model)
{
	int64_t x = model_connection(model, *(const ConnectionIndex *)a)->opened.ns;
	int64_t y = model_connection(model, *(const ConnectionIndex *)b)->opened.ns;
	return (x > y) - (x < y);
}

/* Those of which nothing could be read are known only when they are over: not in order. */
static GArray *list_unnamed(const Model *model)
{
	GArray *unnamed = g_array_new(FALSE, FALSE, sizeof(ConnectionIndex));
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->client == NO_INDEX && !connection->forgotten)
			g_array_append_val(unnamed, i);
	}
	g_array_sort_with_data(unnamed, by_opening, (void *)(uintptr_t)model);
	return unnamed;
}

static bool view_reconnect(const Diagnosis *diagnosis, ConnectionIndex index, Reconnect *view)
{
	if (!reconnect_view(diagnosis->model, diagnosis->options, index, view))
		return false;
	view->other_brokers = is_known_elsewhere(diagnosis, view->client);
	if (unnamed_between(diagnosis, view->before_index, view->now_index))
		view->unseen_between |= GATE_CONNECT_NOT_SEEN;
	if (view->unseen_between != 0)
		view->absence_ns = INT64_MIN;
	view->record = &diagnosis->records[view->client->broker];
	view->restart = restart_between(diagnosis->restarts, view->before, view->now, true);
	view->any_restart = restart_between(diagnosis->restarts, view->before, view->now, false);
	if (view->earlier != NULL)
		view->restart_earlier =
			restart_between(diagnosis->restarts, view->earlier, view->before, false);
	return true;
}

/* A host that was seen to come before has another connection, whose beginning is missing: how the
 * broker answered it is not known. */
static void doubt_brokers(Diagnosis *diagnosis)
{
	enum { LOOK = 16 };
	const Model *model = diagnosis->model;
	for (guint i = 0; i < diagnosis->unnamed->len && i < LOOK; i++) {
		const Connection *unnamed = model_connection(
			model, g_array_index(diagnosis->unnamed, ConnectionIndex, i));
		for (ConnectionIndex k = 0; k < model_n_connections(model); k++) {
			const Connection *known = model_connection(model, k);
			if (known->opened.ns < unnamed->opened.ns && known->connect_seen &&
			    is_another_of_host(model, unnamed, known)) {
				diagnosis->records[known->broker].doubtful = true;
				break;
			}
		}
	}
}

/* What each broker did with all sessions, before the first of them is judged. */
static void record_brokers(Diagnosis *diagnosis)
{
	const Model *model = diagnosis->model;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *now = model_connection(model, i);
		if (now->broker == NO_INDEX || now->forgotten)
			continue;
		BrokerRecord *record = &diagnosis->records[now->broker];
		broker_record_see(record, model, now);
		bool tells = now->outcome == OUTCOME_RESUMED ||
		             now->outcome == OUTCOME_FRESH_UNEXPECTED;
		Reconnect view;
		reconnect_fetch(model, i + FETCH_AHEAD);
		if (tells && now->accepted_before != NO_INDEX &&
		    broker_record_wants(model_connection(model, now->accepted_before)) &&
		    view_reconnect(diagnosis, i, &view))
			broker_record_add(record, &view);
	}
}

static void judge_reconnect(Diagnosis *diagnosis, ConnectionIndex index)
{
	Reconnect view;
	if (!view_reconnect(diagnosis, index, &view))
		return;
	judge_in_flight(diagnosis, &view);
	switch ((Outcome)view.now->outcome) {
	case OUTCOME_RESUMED:
		judge_resumed_session(diagnosis, &view);
		judge_kept_session(diagnosis, &view);
		judge_kept_subscriptions(diagnosis, &view);
		judge_harmless(diagnosis, &view);
		return;
	case OUTCOME_FRESH_AS_REQUESTED:
	case OUTCOME_FRESH_UNEXPECTED:
		judge_lost_session(diagnosis, &view);
		judge_kept_subscriptions(diagnosis, &view);
		judge_harmless(diagnosis, &view);
		judge_no_resubscribe(diagnosis, &view);
		return;
	case OUTCOME_FIRST_SEEN:
	case OUTCOME_REFUSED:
	case OUTCOME_NOT_OBSERVABLE:
		return;
	}
}

static void judge_connections(Diagnosis *diagnosis)
{
	const Model *model = diagnosis->model;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->forgotten)
			continue;
		/* What follows is about clues and remarks, but for two. */
		bool remarked = connection->remarks != 0;
		reconnect_fetch(model, i + FETCH_AHEAD);
		judge_reconnect(diagnosis, i);
		if (connection->empty_client_id)
			judge_unnamed(diagnosis, i);
		if (remarked)
			judge_grants(diagnosis, i);
		judge_first_seen(diagnosis, i);
		if (!remarked)
			continue;
		judge_stall(diagnosis, i);
		judge_renamed(diagnosis, i);
		judge_half_open(diagnosis, i);
	}
}

/* For each client, whether a connection of it was taken over: as a rule none was. */
static uint8_t *list_taken_over(const Model *model)
{
	uint8_t *taken_over = g_new0(uint8_t, (gsize)model_n_clients(model) + 1);
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->close_kind == CLOSE_TAKEOVER && connection->client != NO_INDEX)
			taken_over[connection->client] = 1;
	}
	return taken_over;
}

static void judge_clients(Diagnosis *diagnosis)
{
	g_autofree uint8_t *taken_over = list_taken_over(diagnosis->model);
	for (ClientIndex i = 0; i < model_n_clients(diagnosis->model); i++) {
		if (taken_over[i])
			judge_takeover(diagnosis, i);
		judge_risk(diagnosis, i);
		judge_gone(diagnosis, i);
	}
}

/* --- all of it ---------------------------------------------------------------------------- */

static GArray *group_of(GHashTable *groups, uint32_t id, ClientIndex first)
{
	GArray *group = g_hash_table_lookup(groups, GUINT_TO_POINTER(id));
	if (group == NULL) {
		group = g_array_new(FALSE, FALSE, sizeof(ClientIndex));
		g_array_append_val(group, first);
		g_hash_table_insert(groups, GUINT_TO_POINTER(id), group);
	}
	return group;
}

static uint32_t largest_id(const Model *model)
{
	uint32_t largest = 0;
	for (ClientIndex i = 0; i < model_n_clients(model); i++)
		largest = MAX(largest, model_client(model, i)->id);
	return largest;
}

/* Nearly every identifier is known to one broker only: those get no entry. */
static GHashTable *group_by_id(const Model *model)
{
	GHashTable *groups = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	if (model_n_brokers(model) < 2)
		return groups;
	/* Of each identifier, the first client that has it + 1. */
	g_autofree ClientIndex *first = g_new0(ClientIndex, (gsize)largest_id(model) + 1);
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		uint32_t id = model_client(model, i)->id;
		if (first[id] == 0) {
			first[id] = i + 1;
		} else if (model_text(model, id).size > 0) {
			GArray *group = group_of(groups, id, first[id] - 1);
			g_array_append_val(group, i);
		}
	}
	return groups;
}

static Verdict *verdict_new(void)
{
	Verdict *verdict = g_new0(Verdict, 1);
	verdict->findings = g_array_new(FALSE, FALSE, sizeof(Finding));
	verdict->incidents = g_ptr_array_new_with_free_func(incident_free);
	return verdict;
}

void verdict_free(Verdict *verdict)
{
	if (verdict == NULL)
		return;
	g_array_unref(verdict->findings);
	g_ptr_array_unref(verdict->incidents);
	g_free(verdict);
}

static void complete_findings(const Diagnosis *diagnosis)
{
	BrokerProduct declared = diagnosis->options->broker_is;
	for (guint i = 0; i < diagnosis->findings->len; i++) {
		Finding *finding = &g_array_index(diagnosis->findings, Finding, i);
		weigh_finding(diagnosis->model, finding);
		doubt_forgotten(diagnosis->model, finding);
		const Client *client = model_client(diagnosis->model, finding->client);
		const Broker *broker = model_broker(diagnosis->model, client->broker);
		finding->product_declared = declared != BROKER_UNKNOWN;
		finding->product = (uint8_t)(finding->product_declared
		                                     ? declared : recognise_broker(&broker->facts));
	}
}

Verdict *diagnose(const Model *model, const DiagnoseOptions *options)
{
	g_autoptr(GHashTable) groups = group_by_id(model);
	g_autoptr(GArray) unnamed = list_unnamed(model);
	g_autofree BrokerRecord *records = broker_records_new(model_n_brokers(model));
	Verdict *verdict = verdict_new();
	incidents_find(model, options, verdict);
	g_autoptr(GPtrArray) restarts = restarts_of(verdict->incidents);
	Diagnosis diagnosis = {
		.model = model,
		.options = options,
		.findings = verdict->findings,
		.restarts = restarts,
		.clients_of_id = groups,
		.unnamed = unnamed,
		.records = records,
	};
	record_brokers(&diagnosis);
	doubt_brokers(&diagnosis);
	judge_connections(&diagnosis);
	judge_clients(&diagnosis);
	complete_findings(&diagnosis);
	if (options->unfinished)
		doubt_unsettled(&diagnosis);
	findings_rank(model, diagnosis.findings);
	if (options->n_forgotten == 0) /* what tells of a restart instead may be forgotten */
		find_purges(model, verdict);
	incidents_number(verdict->incidents);
	return verdict;
}
