/* SPDX-License-Identifier: MIT */
#include "src/session/expiry.h"
#include "src/session/host.h"
#include "src/verdict/rules_overflow.h"
#include "src/verdict/story.h"

char *story_duration(int64_t ns)
{
	if (ns < NS_PER_SECOND)
		return g_strdup_printf("%" G_GINT64_FORMAT " ms", ns / 1000000);
	int64_t seconds = ns / NS_PER_SECOND;
	int64_t tenths = ns / (NS_PER_SECOND / 10) % 10;
	if (seconds < 60)
		return g_strdup_printf("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT " s", seconds, tenths);
	if (seconds < 3600)
		return g_strdup_printf("%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s", seconds / 60,
		                       seconds % 60);
	if (seconds < 86400)
		return g_strdup_printf("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min",
		                       seconds / 3600, seconds / 60 % 60);
	return g_strdup_printf("%" G_GINT64_FORMAT " d %" G_GINT64_FORMAT " h", seconds / 86400,
	                       seconds / 3600 % 24);
}

char *story_interval(uint32_t seconds)
{
	if (seconds == EXPIRY_NEVER)
		return g_strdup("0xFFFFFFFF (never expires)");
	if (seconds < 120)
		return g_strdup_printf("%" G_GUINT32_FORMAT " s", seconds);
	g_autofree char *readable = story_duration(seconds * NS_PER_SECOND);
	return g_strdup_printf("%" G_GUINT32_FORMAT " s (%s)", seconds, readable);
}

typedef struct Facts {
	const Model *model;
	const Connection *before, *now;
	const Absence *cost; /* NULL: nothing to lose */
	Expiry expiry;
	char *interval;      /* the effective one */
	char *absence;
	char *broker;
} Facts;

static void facts_clear(Facts *facts)
{
	g_free(facts->interval);
	g_free(facts->absence);
	g_free(facts->broker);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

static const Connection *connection_or_null(const Model *model, ConnectionIndex index)
{
	return index == NO_INDEX ? NULL : model_connection(model, index);
}

static Facts gather(const Model *model, const Finding *finding)
{
	char text[ENDPOINT_TEXT_SIZE];
	Facts facts = {
		.model = model,
		.before = connection_or_null(model, finding->from),
		.now = connection_or_null(model, finding->to),
		.cost = model_absence(model, finding->cost),
	};
	facts.expiry = connection_expiry(facts.before);
	facts.interval = story_interval(facts.expiry.seconds);
	facts.absence = finding->absence_ns == INT64_MIN ? g_strdup("some time")
	                                                 : story_duration(finding->absence_ns);
	const Client *client = model_client(model, finding->client);
	endpoint_format(&model_broker(model, client->broker)->endpoint, text);
	facts.broker = g_strdup(text);
	return facts;
}

static void explain_risk(GString *out, const Facts *facts, const Finding *finding)
{
	if (finding->cause == CAUSE_EXPIRY_SHORTENED) {
		g_string_append(out, "The client asked for a session, but the broker's CONNACK set the "
		                     "Session Expiry Interval to 0. ");
	} else {
		g_string_append_printf(out, "The client asks to resume (Clean Start 0), but %s. ",
		                       facts->before->expiry_connect.known
		                               ? "its Session Expiry Interval is 0"
		                               : "it never asked the broker to keep the session: "
		                                 "no Session Expiry Interval, default 0");
	}
	g_string_append(out, "It is connected now; when this connection closes the session ends, and "
	                     "messages published until it is back will not wait for it.");
}

static void explain_absent(GString *out, const Facts *facts, const Finding *finding)
{
	(void)finding;
	g_string_append(out, facts->before->clean_start
	                             ? "The client never asked the broker to keep the session: "
	                             : "The client asked to resume (Clean Start 0) but never asked "
	                               "the broker to keep the session: ");
	g_string_append(out, "no Session Expiry Interval in CONNECT, default 0, so the session ended "
	                     "when the connection closed. The broker did what MQTT 5.0 §3.1.2.11.2 "
	                     "orders; the note in that section which says otherwise is a known "
	                     "editing error.");
}

static void explain_time(GString *out, const Facts *facts, const Finding *finding)
{
	if (finding->cause == CAUSE_EXPIRY_SHORTENED)
		g_string_append_printf(out, "The broker's CONNACK set the Session Expiry Interval to %s, "
		                            "less than the client had asked for. ", facts->interval);
	if (finding->to == NO_INDEX) {
		g_string_append_printf(out, "The client stayed away longer than the Session Expiry "
		                            "Interval of %s, so the session had ended.",
		                       facts->interval);
		return;
	}
	if (finding->at_the_edge) {
		g_string_append_printf(out, "The client was away for %s, with a Session Expiry Interval "
		                            "of %s: at the edge, where the clocks of broker and "
		                            "capture decide. Nobody is to blame for that.",
		                       facts->absence, facts->interval);
		return;
	}
	g_string_append_printf(out, "The client was away for %s, longer than the Session Expiry "
	                            "Interval of %s, so the session had ended.",
	                       facts->absence, facts->interval);
}

/* What the capture was searched for in vain; only what it could have shown. */
static void explain_search(GString *out, const Facts *facts, const Finding *finding)
{
	const uint32_t elsewhere = GATE_CLIENT_VANTAGE | GATE_OTHER_BROKER;
	char source[ENDPOINT_TEXT_SIZE];
	if (facts->before->server_disconnected)
		g_string_append_printf(out, " The broker had ended the connection before with "
		                            "DISCONNECT 0x%02X.",
		                       facts->before->server_disconnect_reason);
	if (!model_same_host(facts->model, facts->before, facts->now)) {
		endpoint_format(&facts->before->source, source);
		g_string_append_printf(out, " The connection before came from another address, %s.",
		                       source);
	} else if ((finding->weakened & elsewhere) == 0) {
		g_string_append(out, " No other client with this identifier was seen.");
	}
}

static void explain_unexplained(GString *out, const Facts *facts, const Finding *finding)
{
	if (story_explain_death(out, finding, facts->expiry, facts->broker)) {
		return;
	}
	if (finding->confidence == CONFIDENCE_CANNOT_KNOW) {
		g_string_append_printf(out, "The broker at %s answered Session Present 0 after %s. The "
		                            "capture does not hold what would tell why.",
		                       facts->broker, facts->absence);
		return;
	}
	bool never = facts->expiry.seconds == EXPIRY_NEVER;
	g_string_append_printf(out, "The broker at %s answered Session Present 0 after %s, although "
	                            "by the client's settings the session %s%s. Nothing in the "
	                            "capture proves why.", facts->broker, facts->absence,
	                       never ? "should not have expired" : "should have lasted ",
	                       never ? "" : facts->interval);
	explain_search(out, facts, finding);
	if (finding->incident != NULL)
		g_string_append(out, " It had restarted meanwhile, but other sessions came through "
		                     "that, and nothing tells why this one did not.");
}

static void explain_queue(GString *out, const Facts *facts, const Finding *finding)
{
	const Absence *cost = facts->cost;
	g_string_append_printf(out, "The session was resumed after %s, but of %" G_GUINT32_FORMAT
	                            " messages that waited for it %" G_GUINT32_FORMAT
	                            " came and %" G_GUINT32_FORMAT " did not",
	                       facts->absence, cost->owed.max, cost->delivered, cost->lost.max);
	if (cost->lost.min < cost->lost.max)
		g_string_append_printf(out, " while it was watched; at least %" G_GUINT32_FORMAT
		                            " of these are lost", cost->lost.min);
	g_string_append(out, ". ");
	if (finding->cause == CAUSE_QUEUE_OVERFLOW)
		g_string_append_printf(out, "The %s ones are missing, all in a row, as when a queue "
		                            "is full.",
		                       cost->pattern == LOSS_NEWEST ? "newest" : "oldest");
	const char *who = overflow_limit_of(cost->delivered);
	if (finding->cause == CAUSE_QUEUE_OVERFLOW && who != NULL)
		g_string_append_printf(out, " %" G_GUINT32_FORMAT " is the default limit of %s.",
		                       cost->delivered, who);
}

/* Causes whose story needs the facts of the case. */
static const struct {
	CauseId cause;
	void (*explain)(GString *out, const Facts *facts, const Finding *finding);
} explainers[] = {
	{CAUSE_EXPIRY_ABSENT, explain_absent},
	{CAUSE_EXPIRED, explain_time},
	{CAUSE_EXPIRY_SHORTENED, explain_time},
	{CAUSE_DROPPED_UNEXPLAINED, explain_unexplained},
	{CAUSE_QUEUE_OVERFLOW, explain_queue},
	{CAUSE_QUEUED_MESSAGES_MISSING, explain_queue},
};

/* Causes that are told in the same words each time; the others have their meaning in the table. */
static const struct {
	CauseId cause;
	const char *says;
} fixed_texts[] = {
	{CAUSE_EXPIRY_ZERO,
	 "The client set the Session Expiry Interval to 0, so the session ended when the connection "
	 "closed, as MQTT 5.0 orders."},
	{CAUSE_DISCONNECT_EXPIRY_ZERO,
	 "The client's DISCONNECT changed the Session Expiry Interval to 0, which ended the session "
	 "at that moment."},
	{CAUSE_DISCONNECT_EXPIRY_INVALID,
	 "CONNECT asked for no session (Session Expiry Interval 0 or absent), and DISCONNECT asked "
	 "for one. That is a protocol error: the session ended with the connection, and a will is "
	 "published."},
	{CAUSE_EXPIRY_DROPPED,
	 "The session had been made to last, and was resumed; but that CONNECT left the Session "
	 "Expiry Interval out, which sets it to 0. The session ended when that connection closed."},
	{CAUSE_VERSION_SWITCH,
	 "The session was made with MQTT 3.1.1 (Clean Session 0). A CONNECT with MQTT 5.0 resumed "
	 "it, without a Session Expiry Interval: that made it end when the connection closed."},
	{CAUSE_CLEAN_SESSION_BEFORE,
	 "Clean Session was 1 on the connection before, so nothing was stored when it closed."},
};

static void explain(GString *out, const Facts *facts, const Finding *finding)
{
	if (finding->severity == SEVERITY_RISK) {
		explain_risk(out, facts, finding);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(explainers); i++) {
		if (explainers[i].cause == finding->cause) {
			explainers[i].explain(out, facts, finding);
			return;
		}
	}
	const char *says = cause_info(finding->cause)->text->meaning;
	for (size_t i = 0; i < G_N_ELEMENTS(fixed_texts); i++)
		if (fixed_texts[i].cause == finding->cause)
			says = fixed_texts[i].says;
	g_string_append(out, says);
}

bool story_explain_by(const StoryExplainer *list, size_t n, GString *out, const Model *model,
                      const Finding *finding)
{
	if (finding->severity == SEVERITY_RISK)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (list[i].cause != finding->cause)
			continue;
		list[i].explain(out, model, finding);
		return true;
	}
	return false;
}

char *story_explanation(const Model *model, const Finding *finding)
{
	g_auto(Facts) facts = gather(model, finding);
	g_autoptr(GString) out = g_string_new(NULL);
	if (!story_explain_path(out, model, finding) && !story_explain_event(out, finding) &&
	    !story_explain_in_flight(out, model, finding) &&
	    !story_explain_partial(out, model, finding) &&
	    !story_explain_policy(out, model, finding))
		explain(out, &facts, finding);
	story_add_not_back(out, finding);
	story_counterfactual(out, model, finding);
	return g_string_free(g_steal_pointer(&out), FALSE);
}
