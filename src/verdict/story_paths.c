/* SPDX-License-Identifier: MIT */
/* story_paths: who came from where, under which name, and to which broker. */
#include "src/session/expiry.h"
#include "src/verdict/backends.h"
#include "src/verdict/story.h"
#include "src/verdict/takeover.h"

enum { NAME_MOST = 64 };

/* From the wire: what is not plain is not shown. */
static char *plain_name(const Model *model, ConnectionIndex index)
{
	const Connection *connection = model_connection(model, index);
	if (connection->forgotten)
		return g_strdup("?");
	const Client *client = model_client(model, connection->client);
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

/* --- other brokers ------------------------------------------------------------------------ */

static bool at_one_address(const Model *model, const Finding *finding)
{
	return model_connection(model, finding->from)->broker ==
	       model_connection(model, finding->to)->broker;
}

static void explain_behind_one_address(GString *out, const Model *model, const Finding *finding)
{
	char address[ENDPOINT_TEXT_SIZE];
	const Connection *before = model_connection(model, finding->from);
	const Connection *now = model_connection(model, finding->to);
	endpoint_format(&model_broker(model, now->broker)->endpoint, address);
	bool hosts = backend_relation(model, before, now) == BACKEND_OTHER;
	g_string_append_printf(out, "%s behind %s: the connection before was answered by one %s, "
	                            "this one by another, which did not have the session. ",
	                       hosts ? "Several hosts answer" : "Several hosts seem to answer",
	                       address, hosts ? "TCP" : "kind of host");
	g_string_append(out, finding->other == NO_INDEX
	                             ? "The session may still wait at the first. "
	                             : "Back at the first, the client found its session. ");
	g_string_append(out, "None of them need have dropped anything: they do not share sessions, and "
	                     "what stands before them does not send the client where its session is.");
}

static void explain_other_broker(GString *out, const Model *model, const Finding *finding)
{
	char address[2][ENDPOINT_TEXT_SIZE];
	if (at_one_address(model, finding)) {
		explain_behind_one_address(out, model, finding);
		return;
	}
	const Connection *before = model_connection(model, finding->from);
	const Connection *now = model_connection(model, finding->to);
	endpoint_format(&model_broker(model, before->broker)->endpoint, address[0]);
	endpoint_format(&model_broker(model, now->broker)->endpoint, address[1]);
	g_string_append_printf(out, "The client left its session at %s, where it was to last, and came "
	                            "to %s, which has none for it.", address[0], address[1]);
	if (finding->confidence <= CONFIDENCE_STRONG)
		g_string_append(out, " Later it was let in again at the first, and found it there.");
}

static void explain_other_namespace(GString *out, const Model *model, const Finding *finding)
{
	if (at_one_address(model, finding)) {
		g_string_append(out, "The client came back under another user name, and the broker had no "
		                     "session for it. Some brokers keep sessions apart by user, or "
		                     "take the identifier from the user name.");
		return;
	}
	explain_other_broker(out, model, finding);
	g_string_append(out, " It is another port of the same host: some brokers keep the sessions of "
	                     "each listener apart.");
}

static void add_backend(GArray *evidence, const Model *model, ConnectionIndex index)
{
	const Connection *connection = model_connection(model, index);
	const TcpPrint *print = model_backend(model, connection).print;
	if (print == NULL || connection->connect_frame.number == 0)
		return;
	GString *says = g_string_new("TCP connection; the host that answers: ");
	g_string_append_printf(says, "TTL %u, MSS %u", print->ttl, print->mss);
	if (print->window_scale != TCP_NO_SCALE)
		g_string_append_printf(says, ", window scale %u", print->window_scale);
	if (model_backend(model, connection).clock != 0)
		g_string_append_printf(says, ", timestamp clock %u (of 256 steps of 4 s)",
		                       model_backend(model, connection).clock);
	Evidence item = {connection->connect_frame, connection->connect_time,
	                 g_string_free(says, FALSE)};
	g_array_append_val(evidence, item);
}

static void add_unheard(GArray *evidence, const Model *model, const Finding *finding)
{
	const Unheard *unheard = model_unheard(model, model_connection(model, finding->from));
	Evidence item = {unheard->first, unheard->since,
	                 g_strdup("PUBLISH to the client, the first that TCP never saw acknowledged")};
	g_array_append_val(evidence, item);
}

void story_path_evidence(GArray *evidence, const Model *model, const Finding *finding)
{
	if (finding->cause == CAUSE_HALF_OPEN)
		add_unheard(evidence, model, finding);
	bool backends = finding->cause == CAUSE_OTHER_BROKER ||
	                (finding->weakened & GATE_OTHER_BACKEND) != 0;
	if (!backends || finding->from == NO_INDEX || finding->to == NO_INDEX ||
	    !at_one_address(model, finding))
		return;
	add_backend(evidence, model, finding->from);
	add_backend(evidence, model, finding->to);
	if (finding->other != NO_INDEX && finding->other != finding->from &&
	    finding->other != finding->to)
		add_backend(evidence, model, finding->other);
}

static void explain_half_open(GString *out, const Model *model, const Finding *finding)
{
	const Connection *dead = model_connection(model, finding->from);
	const Unheard *unheard = model_unheard(model, dead);
	g_autofree char *silent = story_duration(unheard->since.ns - unheard->silent.ns);
	g_string_append_printf(out, "The client had said nothing for %s when the broker sent it the first "
	                            "of %u messages that were never acknowledged by TCP%s: the path was "
	                            "dead, and the broker did not know it yet.", silent,
	                       (unsigned)(unheard->n_qos0 + unheard->n_queued),
	                       unheard->sent_again ? ", though they were sent again" : "");
	if (unheard->n_queued > 0)
		g_string_append_printf(out, " Those of QoS 1 or 2 (%u) come again when the session is "
		                            "resumed.", (unsigned)unheard->n_queued);
	if (unheard->n_qos0 > 0)
		g_string_append_printf(out, " Those of QoS 0 (%u) do not.", (unsigned)unheard->n_qos0);
}

static const StoryExplainer explainers[] = {
	{CAUSE_CLIENT_ID_CHANGED, explain_renamed},
	{CAUSE_CLIENT_ID_TAKEOVER, explain_takeover},
	{CAUSE_OTHER_BROKER, explain_other_broker},
	{CAUSE_HALF_OPEN, explain_half_open},
	{CAUSE_OTHER_NAMESPACE, explain_other_namespace},
};

bool story_explain_path(GString *out, const Model *model, const Finding *finding)
{
	return story_explain_by(explainers, G_N_ELEMENTS(explainers), out, model, finding);
}
