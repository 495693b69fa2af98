/* SPDX-License-Identifier: MIT */
/* story_paths: who came from where, under which name, and to which broker. */
#include "src/session/expiry.h"
#include "src/verdict/story.h"
#include "src/verdict/takeover.h"

enum { NAME_MOST = 64 };

/* From the wire: what is not plain is not shown. */
static char *plain_name(const Model *model, ConnectionIndex index)
{
	const Client *client = model_client(model, model_connection(model, index)->client);
	ByteSpan id = model_text(model, client->id);
	GString *out = g_string_new(NULL);
	for (size_t i = 0; i < id.size && i < NAME_MOST; i++)
		g_string_append_c(out, g_ascii_isgraph(id.data[i]) && id.data[i] != '\\'
		                               ? (char)id.data[i] : '?');
	if (id.size > NAME_MOST)
		g_string_append(out, "...");
	return g_string_free(out, FALSE);
}

static void explain_renamed(GString *out, const Model *model, const Finding *finding)
{
	g_autofree char *before = plain_name(model, finding->from);
	g_autofree char *now = plain_name(model, finding->to);
	g_autofree char *absence = finding->absence_ns == INT64_MIN
	                                   ? g_strdup("some time")
	                                   : story_duration(finding->absence_ns);
	Expiry expiry = connection_expiry(model_connection(model, finding->from));
	g_string_append_printf(out, "The client %s left, and %s later a client %s came from the same "
	                            "address with the same settings and subscriptions: by the look of it "
	                            "one device that makes its Client Identifier up anew. A session "
	                            "belongs to the identifier, so it got a new one", before, absence,
	                       now);
	g_string_append(out, expiry_known(expiry) && expiry.seconds == 0
	                             ? "; the old one had ended when its connection closed."
	                             : ", and the old one waits for a client that does not return.");
}

static void add_host(GString *out, const IpAddress *address)
{
	char text[ENDPOINT_TEXT_SIZE];
	ip_address_format(address, text);
	g_string_append(out, text);
}

/* "6 times in 25.0 s, every 5.0 s" */
static void add_turns(GString *out, const PingPong *turns)
{
	g_autofree char *whole = story_duration(turns->end.ns - turns->begin.ns);
	g_autofree char *period = story_duration(turns->period_ns);
	g_string_append(out, " They throw each other out: ");
	add_host(out, &turns->hosts[0]);
	g_string_append(out, " and ");
	add_host(out, &turns->hosts[1]);
	if (turns->more_hosts)
		g_string_append(out, ", and others,");
	g_string_append_printf(out, " changed %" G_GUINT32_FORMAT " times in %s, every %s on average, "
	                            "about the time that either waits before it connects again.",
	                       turns->n, whole, period);
}

static void explain_takeover(GString *out, const Model *model, const Finding *finding)
{
	enum { PING_PONG = 3 };
	char source[ENDPOINT_TEXT_SIZE] = "Another host";
	const Connection *other = finding->other == NO_INDEX ? NULL
	                                                     : model_connection(model, finding->other);
	PingPong turns = ping_pong_of(model, model_client(model, finding->client));
	if (other != NULL)
		endpoint_format(&other->source, source);
	g_string_append_printf(out, "Two hosts use this Client Identifier. %s connected with it too",
	                       source);
	if (finding->severity == SEVERITY_NOTE)
		g_string_append(out, "; the broker closed the older connection and handed the session "
		                     "over. Each takes the other's place when it connects.");
	else
		g_string_append(out, other != NULL && other->clean_start
		                             ? ", with Clean Start 1, which discarded the session of the "
		                               "other."
		                             : ", and its settings ended the session when it left.");
	if (turns.n >= PING_PONG)
		add_turns(out, &turns);
}

static const struct {
	CauseId cause;
	void (*explain)(GString *out, const Model *model, const Finding *finding);
} explainers[] = {
	{CAUSE_CLIENT_ID_CHANGED, explain_renamed},
	{CAUSE_CLIENT_ID_TAKEOVER, explain_takeover},
};

bool story_explain_path(GString *out, const Model *model, const Finding *finding)
{
	if (finding->severity == SEVERITY_RISK)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(explainers); i++) {
		if (explainers[i].cause != finding->cause)
			continue;
		explainers[i].explain(out, model, finding);
		return true;
	}
	return false;
}
