/* SPDX-License-Identifier: MIT */
/* story_policy: what a broker does with all its sessions, and which of them show it. */
#include "src/session/expiry.h"
#include "src/verdict/story.h"

/* How long the client of @index had been away. */
static char *away_before(const Model *model, ConnectionIndex index)
{
	const Connection *now = model_connection(model, index);
	if (now->accepted_before == NO_INDEX)
		return g_strdup("some time");
	const Connection *before = model_connection(model, now->accepted_before);
	int64_t absence = now->connect_time.ns - before->closed.ns;
	return instant_known(before->closed) && absence >= 0 ? story_duration(absence)
	                                                     : g_strdup("some time");
}

static char *broker_of(const Model *model, const Finding *finding)
{
	char text[ENDPOINT_TEXT_SIZE];
	const Client *client = model_client(model, finding->client);
	endpoint_format(&model_broker(model, client->broker)->endpoint, text);
	return g_strdup(text);
}

static const char *times(uint32_t n)
{
	return n == 1 ? "time" : "times";
}

/* The broker's own default is all that speaks for it. */
static void explain_default_cap(GString *out, const Finding *finding)
{
	BrokerProduct product = (BrokerProduct)finding->product;
	g_autofree char *cap = story_duration(advice_broker_cap(product) * NS_PER_SECOND);
	g_autofree char *absence = story_duration(MAX(finding->absence_ns, 0));
	g_string_append_printf(out, "The client was away for %s. %s %s, which ends a session of MQTT 3.1.1 "
	                            "after %s unless told otherwise and never announces it; nothing in "
	                            "the capture speaks against that.", absence,
	                       finding->product_declared ? "The broker is said to be"
	                                                 : "By its CONNACK the broker looks like",
	                       advice_broker_name(product), cap);
}

static void explain_cap(GString *out, const Model *model, const Finding *finding)
{
	const BrokerWay *way = &finding->way;
	if (way->kept == NO_INDEX || way->n_kept < 2 || way->n_gone < 2) {
		explain_default_cap(out, finding);
		return;
	}
	g_autofree char *broker = broker_of(model, finding);
	g_autofree char *kept = away_before(model, way->kept);
	g_autofree char *gone = away_before(model, way->gone);
	g_string_append_printf(out, "The broker at %s resumed sessions after absences of up to %s (%u %s "
	                            "in this capture), and none after %s or more (%u %s, at moments that "
	                            "no single event spans). %s a limit on the lifetime of sessions "
	                            "between the two, which it never announced and need not announce.",
	                       broker, kept, way->n_kept, times(way->n_kept), gone, way->n_gone,
	                       times(way->n_gone),
	                       finding->confidence <= CONFIDENCE_STRONG ? "It has" : "That fits");
}

static void explain_not_stored(GString *out, const Model *model, const Finding *finding)
{
	const BrokerWay *way = &finding->way;
	const Connection *before = model_connection(model, finding->from);
	Expiry expiry = connection_expiry(before);
	g_autofree char *broker = broker_of(model, finding);
	g_autofree char *interval = story_interval(expiry.seconds);
	g_autofree char *absence = story_duration(MAX(finding->absence_ns, 0));
	g_autofree char *kept = away_before(model, way->kept);
	g_string_append_printf(out, "The CONNECT before asked for a new session (Clean Start 1) that is to be "
	                            "kept (Session Expiry Interval %s). The broker at %s answered Session "
	                            "Present 0 after %s; so it did after Clean Start 1 each time (%u). "
	                            "Sessions whose CONNECT had Clean Start 0 it resumed, after up to %s "
	                            "(%u %s). Whether to keep a session may not depend on Clean Start.",
	                       interval, broker, absence, way->n_gone, kept, way->n_kept,
	                       times(way->n_kept));
}

static void explain_none(GString *out, const Model *model, const Finding *finding)
{
	g_autofree char *broker = broker_of(model, finding);
	g_autofree char *gone = away_before(model, finding->way.gone);
	g_string_append_printf(out, "The broker at %s answered Session Present 0 to every client that asked "
	                            "to resume (%u %s in this capture), even after %s, and never 1. It does "
	                            "not offer sessions that outlast a connection, or they are switched "
	                            "off.", broker, finding->way.n_gone, times(finding->way.n_gone), gone);
}

static void explain_kept(GString *out, const Model *model, const Finding *finding)
{
	Expiry expiry = connection_expiry(model_connection(model, finding->from));
	g_autofree char *interval = story_interval(expiry.seconds);
	g_autofree char *absence = story_duration(MAX(finding->absence_ns, 0));
	g_string_append_printf(out, "The session was to last %s after its connection, and was resumed after "
	                            "%s. Nothing is lost, but what had been queued is older than the client "
	                            "asked for.", interval, absence);
}

static const StoryExplainer explainers[] = {
	{CAUSE_SILENT_CAP, explain_cap},
	{CAUSE_CLEAN_START_NOT_STORED, explain_not_stored},
	{CAUSE_NO_PERSISTENT_SESSIONS, explain_none},
	{CAUSE_KEPT_PAST_EXPIRY, explain_kept},
};

bool story_explain_policy(GString *out, const Model *model, const Finding *finding)
{
	return story_explain_by(explainers, G_N_ELEMENTS(explainers), out, model, finding);
}

static void add_contrast(GArray *evidence, const Model *model, const Finding *finding,
                         ConnectionIndex index, const char *what)
{
	if (index == NO_INDEX || index == finding->to)
		return;
	const Connection *connection = model_connection(model, index);
	g_autofree char *absence = away_before(model, index);
	Evidence item = {connection->connack_frame, connection->connack_time,
	                 g_strdup_printf("for comparison: %s away, and the session %s", absence, what)};
	g_array_append_val(evidence, item);
}

void story_policy_evidence(GArray *evidence, const Model *model, const Finding *finding)
{
	add_contrast(evidence, model, finding, finding->way.kept, "was there");
	add_contrast(evidence, model, finding, finding->way.gone, "was not");
}
