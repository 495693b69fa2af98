/* SPDX-License-Identifier: MIT */
#include "src/verdict/incidents.h"

#include "src/session/host.h"
#include "src/verdict/judge.h"
#include "src/verdict/recognise.h"
#include "src/verdict/rules_restart.h"

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

/* The first of @unnamed that is not before @index. */
static guint lower_bound(const GArray *unnamed, ConnectionIndex index)
{
	guint low = 0, high = unnamed->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_array_index(unnamed, ConnectionIndex, middle) < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool unnamed_between(const Diagnosis *diagnosis, ConnectionIndex before, ConnectionIndex now)
{
	enum { LOOK = 64 };
	const GArray *unnamed = diagnosis->unnamed;
	const Connection *first = model_connection(diagnosis->model, before);
	const Connection *last = model_connection(diagnosis->model, now);
	guint i = lower_bound(unnamed, before);
	for (guint steps = 0; i < unnamed->len && steps < LOOK; i++, steps++) {
		ConnectionIndex index = g_array_index(unnamed, ConnectionIndex, i);
		if (index > now)
			return false;
		const Connection *between = model_connection(diagnosis->model, index);
		if (between->broker == last->broker &&
		    (model_same_host(diagnosis->model, between, last) ||
		     model_same_host(diagnosis->model, between, first)))
			return true;
	}
	return false;
}

static GArray *list_unnamed(const Model *model)
{
	GArray *unnamed = g_array_new(FALSE, FALSE, sizeof(ConnectionIndex));
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++)
		if (model_connection(model, i)->client == NO_INDEX)
			g_array_append_val(unnamed, i);
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

/* What each broker did with all sessions, before the first of them is judged. */
static void record_brokers(Diagnosis *diagnosis)
{
	const Model *model = diagnosis->model;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *now = model_connection(model, i);
		if (now->broker == NO_INDEX)
			continue;
		BrokerRecord *record = &diagnosis->records[now->broker];
		broker_record_see(record, model, now);
		bool tells = now->outcome == OUTCOME_RESUMED ||
		             now->outcome == OUTCOME_FRESH_UNEXPECTED;
		Reconnect view;
		if (tells && view_reconnect(diagnosis, i, &view))
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

/* --- all of it ---------------------------------------------------------------------------- */

/* Nearly every identifier is known to one broker only: those get no entry. */
static GHashTable *group_by_id(const Model *model)
{
	GHashTable *groups = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	if (model_n_brokers(model) < 2)
		return groups;
	g_autoptr(GHashTable) first = g_hash_table_new(NULL, NULL);
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		void *id = GUINT_TO_POINTER(model_client(model, i)->id);
		if (model_text(model, model_client(model, i)->id).size == 0)
			continue;
		void *before = g_hash_table_lookup(first, id);
		if (before == NULL) {
			g_hash_table_insert(first, id, GUINT_TO_POINTER(i + 1));
			continue;
		}
		GArray *group = g_hash_table_lookup(groups, id);
		if (group == NULL) {
			ClientIndex other = GPOINTER_TO_UINT(before) - 1;
			group = g_array_new(FALSE, FALSE, sizeof(ClientIndex));
			g_array_append_val(group, other);
			g_hash_table_insert(groups, id, group);
		}
		g_array_append_val(group, i);
	}
	return groups;
}

static uint32_t messages_lost(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	return cost == NULL ? 0 : cost->lost.max;
}

static int64_t time_of(const Model *model, const Finding *finding)
{
	ConnectionIndex at = finding->to != NO_INDEX ? finding->to : finding->from;
	return model_connection(model, at)->connect_time.ns;
}

static int compare(const void *a, const void *b, void *user)
{
	const Finding *x = a, *y = b;
	const Model *model = user;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	uint32_t lost_x = messages_lost(model, x), lost_y = messages_lost(model, y);
	if (lost_x != lost_y)
		return lost_x > lost_y ? -1 : 1;
	if (x->confidence != y->confidence)
		return x->confidence < y->confidence ? -1 : 1;
	int64_t time_x = time_of(model, x), time_y = time_of(model, y);
	if (time_x != time_y)
		return time_x < time_y ? -1 : 1;
	return x->client < y->client ? -1 : x->client > y->client;
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

static void name_products(const Diagnosis *diagnosis)
{
	BrokerProduct declared = diagnosis->options->broker_is;
	for (guint i = 0; i < diagnosis->findings->len; i++) {
		Finding *finding = &g_array_index(diagnosis->findings, Finding, i);
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
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		judge_reconnect(&diagnosis, i);
		judge_unnamed(&diagnosis, i);
		judge_grants(&diagnosis, i);
		judge_first_seen(&diagnosis, i);
		judge_stall(&diagnosis, i);
		judge_renamed(&diagnosis, i);
		judge_half_open(&diagnosis, i);
	}
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		judge_takeover(&diagnosis, i);
		judge_risk(&diagnosis, i);
		judge_gone(&diagnosis, i);
	}
	name_products(&diagnosis);
	g_array_sort_with_data(diagnosis.findings, compare, (void *)(uintptr_t)model);
	find_purges(model, verdict);
	incidents_number(verdict->incidents);
	return verdict;
}
