/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "src/verdict/rules.h"

typedef struct Diagnosis {
	const Model *model;
	const DiagnoseOptions *options;
	GArray *findings;
	uint8_t *brokers_of_id; /* by text index: how many brokers know the identifier, up to 2 */
} Diagnosis;

static Finding new_finding(CauseId cause)
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
	};
}

static Finding finding_of(const Reconnect *view, CauseId cause, Confidence confidence)
{
	Finding finding = new_finding(cause);
	finding.client = view->now->client;
	finding.from = view->before_index;
	finding.to = view->now_index;
	finding.confidence = (uint8_t)confidence_capped(cause, confidence);
	finding.absence_ns = view->absence_ns;
	finding.cost = view->now->absence;
	return finding;
}

static void add_cause(CauseList *list, CauseId cause)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->causes[i] == cause)
			return;
	if (list->n < FINDING_MAX_CAUSES)
		list->causes[list->n++] = (uint8_t)cause;
}

/* --- when the session died ---------------------------------------------------------------- */

static Instant earlier_of(Instant a, Instant b)
{
	if (!instant_known(a))
		return b;
	return !instant_known(b) || a.ns < b.ns ? a : b;
}

static void bound_death(const Reconnect *view, Finding *finding)
{
	Instant closed = view->before->closed;
	finding->died_after = instant_known(closed) ? closed : view->before->last_from_client;
	finding->died_before = view->now->connack_time;
	if (view->cost != NULL)
		finding->died_before = earlier_of(finding->died_before, view->cost->no_matching);
	if (expiry_known(view->expiry) && view->expiry.seconds == 0) {
		finding->died_before = instant_known(closed) ? closed : finding->died_before;
		return;
	}
	Instant deadline = reconnect_deadline(view);
	bool by_deadline = finding->cause == CAUSE_EXPIRED || finding->cause == CAUSE_EXPIRY_SHORTENED;
	if (by_deadline && instant_known(deadline))
		finding->died_after = deadline;
	if (finding->cause == CAUSE_CLEAN_START || finding->cause == CAUSE_CLEAN_START_PER_PROCESS)
		finding->died_after = view->now->connect_time;
}

/* --- the session as a whole --------------------------------------------------------------- */

static bool lost_messages(const Absence *cost)
{
	return cost != NULL && cost->lost.min > 0;
}

/* Something that a session would have kept for the client. */
static bool had_state(const Reconnect *view)
{
	return view->before->had_subscriptions ||
	       (view->cost != NULL && (view->cost->n_subscriptions > 0 || view->cost->in_flight > 0 ||
	                               view->cost->lost.max > 0));
}

/* The client wanted no session: it began afresh, and had not asked to keep anything. */
static bool wanted_none(const Reconnect *view)
{
	return view->now->clean_start && expiry_known(view->expiry) && view->expiry.seconds == 0;
}

static void weigh(const Reconnect *view, Finding *finding)
{
	finding->lapse = !wanted_none(view);
	finding->severity = SEVERITY_LOSS;
	if (!finding->lapse && !lost_messages(view->cost))
		finding->severity = SEVERITY_NOTE;
	if (finding->at_the_edge)
		finding->responsible = RESPONSIBLE_UNKNOWABLE;
}

static bool judge_rules(const Reconnect *view, Finding *finding)
{
	size_t n_rules;
	const Rule *rules = rules_of_lost_session(&n_rules);
	bool found = false;
	for (size_t i = 0; i < n_rules; i++) {
		Ruling ruling = rules[i].judge(view);
		if (!ruling.applies)
			continue;
		if (found) {
			add_cause(&finding->also_sufficient, rules[i].cause);
			continue;
		}
		found = true;
		*finding = finding_of(view, rules[i].cause, ruling.confidence);
		finding->at_the_edge = ruling.at_the_edge;
		finding->other = ruling.other;
	}
	return found;
}

/* A narrower name for the same thing is not another cause. */
static void drop_synonyms(Finding *finding)
{
	static const struct {
		CauseId narrow, wide;
	} same[] = {
		{CAUSE_VERSION_SWITCH, CAUSE_EXPIRY_ABSENT},
		{CAUSE_EXPIRY_DROPPED, CAUSE_EXPIRY_ABSENT},
		{CAUSE_CLEAN_START_PER_PROCESS, CAUSE_CLEAN_START},
	};
	CauseList kept = {0};
	for (unsigned i = 0; i < finding->also_sufficient.n; i++) {
		CauseId cause = finding->also_sufficient.causes[i];
		bool synonym = false;
		for (size_t k = 0; k < G_N_ELEMENTS(same); k++)
			synonym |= finding->cause == same[k].narrow && cause == same[k].wide;
		if (!synonym)
			add_cause(&kept, cause);
	}
	/* The settings of a twin are no second cause: they are how it did it. */
	if (finding->cause == CAUSE_CLIENT_ID_TAKEOVER)
		kept.n = 0;
	finding->also_sufficient = kept;
}

/* C28: brokers that make no session before the first SUBSCRIBE answer 0 here, and nothing is lost.
 * One that has been seen to resume a session without subscriptions is not of that kind. */
static bool had_nothing_to_keep(const Reconnect *view)
{
	return !had_state(view) && view->broker->facts.n_resumed_without_subscriptions == 0;
}

static Finding unexplained(const Reconnect *view)
{
	if (had_nothing_to_keep(view)) {
		Finding harmless = finding_of(view, CAUSE_NO_SUBSCRIPTIONS, CONFIDENCE_PROVEN);
		harmless.severity = SEVERITY_NOTE;
		return harmless;
	}
	uint32_t unseen = reconnect_unseen(view);
	const uint32_t blinding = GATE_CONNACK_NOT_SEEN | GATE_END_NOT_SEEN | GATE_HOLES |
	                          GATE_CAPTURE_LOSS;
	bool blind = (unseen & blinding) != 0 || !expiry_known(view->expiry);
	Finding finding = finding_of(view, CAUSE_DROPPED_UNEXPLAINED,
	                             blind ? CONFIDENCE_CANNOT_KNOW : CONFIDENCE_CONSISTENT);
	finding.responsible = RESPONSIBLE_UNKNOWABLE;
	finding.weakened = unseen;
	finding.lapse = true;
	finding.severity = SEVERITY_LOSS;
	add_cause(&finding.also_possible, CAUSE_RESTART_WITHOUT_PERSISTENCE);
	add_cause(&finding.also_possible, CAUSE_SILENT_CAP);
	add_cause(&finding.also_possible, CAUSE_ADMIN_REMOVED);
	if ((unseen & GATE_OTHER_BROKER) != 0)
		add_cause(&finding.also_possible, CAUSE_OTHER_BROKER);
	if ((unseen & (GATE_CLIENT_VANTAGE | GATE_HOLES | GATE_CAPTURE_LOSS)) != 0)
		add_cause(&finding.also_possible, CAUSE_CLIENT_ID_TAKEOVER);
	return finding;
}

/* Evidence that decides the cause and may have been missed: a DISCONNECT could have changed the
 * interval, an unseen CONNACK too. */
static void weaken(const Reconnect *view, Finding *finding)
{
	bool by_time = finding->cause == CAUSE_EXPIRED || finding->cause == CAUSE_EXPIRY_SHORTENED;
	uint32_t unseen = reconnect_unseen(view) & (GATE_END_NOT_SEEN | GATE_HOLES);
	if (!by_time || unseen == 0)
		return;
	finding->weakened |= unseen;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_STRONG);
}

static void judge_lost_session(Diagnosis *diagnosis, const Reconnect *view)
{
	Finding finding;
	if (judge_rules(view, &finding)) {
		if (wanted_none(view) && !had_state(view))
			return; /* clean by design, and nothing was missed */
		drop_synonyms(&finding);
		weigh(view, &finding);
		weaken(view, &finding);
	} else if (view->now->outcome == OUTCOME_FRESH_UNEXPECTED) {
		finding = unexplained(view);
	} else {
		return;
	}
	bound_death(view, &finding);
	g_array_append_val(diagnosis->findings, finding);
}

/* --- sessions that were resumed ----------------------------------------------------------- */

static bool is_queue_limit(const Absence *cost)
{
	return cost->pattern == LOSS_NEWEST || cost->pattern == LOSS_OLDEST;
}

static void judge_resumed_session(Diagnosis *diagnosis, const Reconnect *view)
{
	if (view->now->clean_start) {
		Finding finding = finding_of(view, CAUSE_SESSION_PRESENT_AFTER_CLEAN_START,
		                             CONFIDENCE_PROVEN);
		g_array_append_val(diagnosis->findings, finding);
	}
	if (!lost_messages(view->cost))
		return;
	bool limit = is_queue_limit(view->cost);
	Finding finding = finding_of(view,
	                             limit ? CAUSE_QUEUE_OVERFLOW : CAUSE_QUEUED_MESSAGES_MISSING,
	                             limit ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT);
	finding.weakened = reconnect_unseen(view) & (GATE_HOLES | GATE_CAPTURE_LOSS);
	if (finding.weakened != 0 || !limit)
		finding.responsible = limit ? finding.responsible : RESPONSIBLE_UNKNOWABLE;
	if (finding.weakened != 0) {
		finding.confidence = CONFIDENCE_CANNOT_KNOW;
		finding.responsible = RESPONSIBLE_UNKNOWABLE;
	}
	add_cause(&finding.also_possible,
	          limit ? CAUSE_QUEUED_MESSAGES_MISSING : CAUSE_QUEUE_OVERFLOW);
	finding.severity = SEVERITY_LOSS;
	g_array_append_val(diagnosis->findings, finding);
}

/* Two hosts with one identifier, and the session passed from one to the other unharmed. */
static void note_takeover(Diagnosis *diagnosis, const Reconnect *view)
{
	if (reconnect_twin(view->model, view->before, view->now) != TWIN_PROVEN ||
	    view->before->close_kind != CLOSE_TAKEOVER)
		return;
	/* Once for a client: at the first time that it happened. */
	ConnectionIndex index = view->before->accepted_before;
	for (int i = 0; index != NO_INDEX && i < 64; i++) {
		const Connection *connection = model_connection(view->model, index);
		if (connection->close_kind == CLOSE_TAKEOVER && connection->answered_close)
			return;
		index = connection->accepted_before;
	}
	Finding finding = finding_of(view, CAUSE_CLIENT_ID_TAKEOVER, CONFIDENCE_PROVEN);
	finding.severity = SEVERITY_NOTE;
	finding.other = view->now_index;
	g_array_append_val(diagnosis->findings, finding);
}

static void judge_reconnect(Diagnosis *diagnosis, ConnectionIndex index)
{
	Reconnect view;
	if (!reconnect_view(diagnosis->model, diagnosis->options, index, &view))
		return;
	view.other_brokers = diagnosis->brokers_of_id[view.client->id] > 1;
	switch ((Outcome)view.now->outcome) {
	case OUTCOME_RESUMED:
		judge_resumed_session(diagnosis, &view);
		note_takeover(diagnosis, &view);
		return;
	case OUTCOME_FRESH_AS_REQUESTED:
	case OUTCOME_FRESH_UNEXPECTED:
		judge_lost_session(diagnosis, &view);
		return;
	case OUTCOME_FIRST_SEEN:
	case OUTCOME_REFUSED:
	case OUTCOME_NOT_OBSERVABLE:
		return;
	}
}

/* --- no identifier ------------------------------------------------------------------------ */

/* C11: without an identifier of its own the client can never come back to a session. */
static void judge_unnamed(Diagnosis *diagnosis, ConnectionIndex index)
{
	const Model *model = diagnosis->model;
	const Connection *now = model_connection(model, index);
	if (!now->empty_client_id || now->same_host_before == NO_INDEX || !now->connack_seen ||
	    now->return_code != 0 || now->clean_start)
		return;
	const Connection *before = model_connection(model, now->same_host_before);
	if (!instant_known(before->closed) || !before->had_subscriptions ||
	    before->closed.ns > now->connect_time.ns || before->client == NO_INDEX)
		return;
	Finding finding = new_finding(CAUSE_CLIENT_ID_ASSIGNED);
	finding.client = now->client;
	finding.from = now->same_host_before;
	finding.to = index;
	finding.severity = SEVERITY_LOSS;
	finding.lapse = true;
	finding.absence_ns = now->connect_time.ns - before->closed.ns;
	finding.died_after = before->closed;
	finding.died_before = INSTANT_UNKNOWN;
	g_array_append_val(diagnosis->findings, finding);
}

/* --- risks -------------------------------------------------------------------------------- */

/* Connected now, meaning to come back (Clean Start 0), and nothing will be kept. */
static void judge_risk(Diagnosis *diagnosis, ClientIndex index)
{
	const Client *client = model_client(diagnosis->model, index);
	if (client->current == NO_INDEX)
		return;
	const Connection *now = model_connection(diagnosis->model, client->current);
	Expiry expiry = connection_expiry(now);
	bool keeps = !expiry_known(expiry) || expiry.seconds > 0;
	if (keeps || now->version != MQTT_5_0 || now->clean_start ||
	    (client->n_subscriptions == 0 && !client->subscriptions_partial))
		return;
	bool by_connack = now->expiry_connect.known && now->expiry_connect.value > 0;
	CauseId cause = by_connack                          ? CAUSE_EXPIRY_SHORTENED
	                : expiry.source == EXPIRY_FROM_DEFAULT ? CAUSE_EXPIRY_ABSENT
	                                                       : CAUSE_EXPIRY_ZERO;
	Finding finding = new_finding(cause);
	finding.client = index;
	finding.from = client->current;
	finding.severity = SEVERITY_RISK;
	g_array_append_val(diagnosis->findings, finding);
}

/* --- all of it ---------------------------------------------------------------------------- */

static void count_brokers_of_ids(Diagnosis *diagnosis)
{
	uint32_t n_clients = model_n_clients(diagnosis->model);
	uint32_t highest = 0;
	for (ClientIndex i = 0; i < n_clients; i++)
		highest = MAX(highest, model_client(diagnosis->model, i)->id);
	diagnosis->brokers_of_id = g_new0(uint8_t, (gsize)highest + 1);
	for (ClientIndex i = 0; i < n_clients; i++) {
		const Client *client = model_client(diagnosis->model, i);
		uint8_t *n = &diagnosis->brokers_of_id[client->id];
		if (*n < 2 && model_text(diagnosis->model, client->id).size > 0)
			++*n;
	}
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

GArray *diagnose(const Model *model, const DiagnoseOptions *options)
{
	Diagnosis diagnosis = {model, options, g_array_new(FALSE, FALSE, sizeof(Finding)), NULL};
	count_brokers_of_ids(&diagnosis);
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		judge_reconnect(&diagnosis, i);
		judge_unnamed(&diagnosis, i);
	}
	for (ClientIndex i = 0; i < model_n_clients(model); i++)
		judge_risk(&diagnosis, i);
	g_array_sort_with_data(diagnosis.findings, compare, (void *)(uintptr_t)model);
	g_free(diagnosis.brokers_of_id);
	return diagnosis.findings;
}
