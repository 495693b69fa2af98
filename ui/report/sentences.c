/* SPDX-License-Identifier: MIT */
#include "ui/report/sentences.h"

#include <string.h>

#include "src/session/expiry.h"
#include "ui/report/escape.h"
#include "ui/report/format.h"

static char *escaped(ByteSpan octets)
{
	GString *text = g_string_new(NULL);
	escape_append(text, octets);
	if (text->len == 0)
		g_string_append(text, "(empty)");
	return g_string_free(text, FALSE);
}

char *wire_sentence(const ReportContext *context, WireKind kind, uint32_t index)
{
	return escaped(report_wire_text(context->texts, kind, index));
}

char *octets_sentence(const ReportContext *context, WireKind kind, ByteSpan text)
{
	return escaped(report_wire_octets(context->texts, kind, text));
}

char *client_sentence(const ReportContext *context, ClientIndex client)
{
	if (client == NO_INDEX)
		return g_strdup("a client without name");
	return wire_sentence(context, WIRE_CLIENT_ID, model_client(context->model, client)->id);
}

/* The beginning of @octets, in which no character is cut. */
static ByteSpan beginning(ByteSpan octets, size_t most)
{
	enum { TRAIL = 0x80, TRAIL_MASK = 0xC0 };
	if (octets.size <= most)
		return octets;
	size_t size = most;
	while (size > most - 4 && (octets.data[size] & TRAIL_MASK) == TRAIL)
		size--;
	return (ByteSpan){octets.data, size};
}

static char *escaped_short(ByteSpan octets)
{
	enum { MOST = 2048 };
	ByteSpan begin = beginning(octets, MOST);
	char *text = escaped(begin);
	if (begin.size == octets.size)
		return text;
	char *cut = g_strconcat(text, "…", NULL);
	g_free(text);
	return cut;
}

char *octets_sentence_short(const ReportContext *context, WireKind kind, ByteSpan text)
{
	return escaped_short(report_wire_octets(context->texts, kind, text));
}

char *client_sentence_short(const ReportContext *context, ClientIndex client)
{
	if (client == NO_INDEX)
		return client_sentence(context, client);
	return escaped_short(report_wire_text(context->texts, WIRE_CLIENT_ID, model_client(context->model, client)->id));
}

char *endpoint_sentence(const Endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(endpoint, text);
	return g_strdup(text);
}

void frame_text(const ReportContext *context, FrameRef frame, char text[static 48])
{
	if (frame.number == 0)
		g_strlcpy(text, "", 48);
	else if (source_n_infos(context->analysis->source) > 1)
		g_snprintf(text, 48, "%u:%" G_GUINT64_FORMAT, (unsigned)frame.source,
		           (guint64)frame.number);
	else
		g_snprintf(text, 48, "%" G_GUINT64_FORMAT, (guint64)frame.number);
}

char *counted(uint64_t count, const char *singular, const char *plural)
{
	char number[FORMAT_SIZE];
	format_count(count, number);
	if (count == 1)
		return g_strdup_printf("1 %s", singular);
	return plural != NULL ? g_strdup_printf("%s %s", number, plural)
	                      : g_strdup_printf("%s %ss", number, singular);
}

static char *bounded_sentence(uint64_t min, uint64_t max, bool bounded)
{
	char number[FORMAT_SIZE];
	format_count(min, number);
	if (!bounded) {
		g_autofree char *least = counted(min, "message", NULL);
		return g_strdup_printf("at least %s", least);
	}
	g_autofree char *most = counted(max, "message", NULL);
	if (min == max)
		return g_steal_pointer(&most);
	if (min == 0)
		return g_strdup_printf("up to %s", most);
	return g_strdup_printf("%s to %s", number, most);
}

char *range_sentence(CountRange range, bool bounded)
{
	return bounded_sentence(range.min, range.max, bounded);
}

static void append_messages(GString *sentence, const Tally *tally)
{
	if (tally->losses == 0)
		return;
	if (tally->lost_unbounded && tally->lost_min == 0) {
		g_string_append(sentence, "; how many messages, the capture cannot tell");
		return;
	}
	if (tally->lost_max == 0) {
		g_string_append(sentence, tally->lost_inexact ? "; no lost message shows"
		                                              : "; no message was lost with it");
		return;
	}
	g_autofree char *range =
		bounded_sentence(tally->lost_min, tally->lost_max, !tally->lost_unbounded);
	bool one = tally->lost_max == 1 && !tally->lost_unbounded;
	g_string_append_printf(sentence, "; %s %s gone", range, one ? "is" : "are");
}

/* "1 of 2 clients lost its session" */
static void append_share(GString *sentence, uint32_t part, uint32_t whole, const char *one,
                         const char *many)
{
	char number[FORMAT_SIZE];
	g_autofree char *clients = counted(whole, "client", NULL);
	format_count(part, number);
	g_string_append_printf(sentence, "%s of %s %s", number, clients, part == 1 ? one : many);
}

static void append_loss(GString *sentence, const Tally *tally)
{
	uint32_t partly = tally->clients_with_loss - tally->clients_ended;
	if (tally->clients_ended == 0) {
		append_share(sentence, partly, tally->clients, "kept its session but lost a part of it",
		             "kept their sessions but lost a part of them");
	} else {
		append_share(sentence, tally->clients_ended, tally->clients, "lost its session",
		             "lost their session");
		if (partly > 0)
			g_string_append_printf(sentence, ", %u more a part of it", partly);
	}
	append_messages(sentence, tally);
}

static void append_no_loss(GString *sentence, const Tally *tally)
{
	g_autofree char *clients = counted(tally->clients, "client", NULL);
	g_autofree char *reconnects = counted(tally->reconnects, "reconnect", NULL);
	char resumed[FORMAT_SIZE];
	format_count(tally->resumed, resumed);
	if (tally->reconnects == 0)
		g_string_append_printf(sentence, "No session was lost: none of %s came back in this capture",
		                       clients);
	else
		g_string_append_printf(sentence, "No session was lost: %s of %s, %s resumed", reconnects,
		                       clients, resumed);
}

char *verdict_sentence(const ReportContext *context)
{
	const Tally *tally = &context->selection->tally;
	if (model_counts(context->model)->connections == 0)
		return g_strdup("There is no MQTT in this capture.");
	if (tally->clients == 0)
		return g_strdup(context->selection->all ? "MQTT, but no client that has a name: no "
		                                          "CONNECT was captured."
		                                        : "No client matches --client.");
	GString *sentence = g_string_new(NULL);
	if (tally->clients_with_loss > 0)
		append_loss(sentence, tally);
	else
		append_no_loss(sentence, tally);
	if (tally->risks > 0) {
		g_autofree char *clients = counted(tally->clients_at_risk, "client", NULL);
		g_string_append_printf(sentence, "; %s will lose %s session at the next disconnect",
		                       clients, tally->clients_at_risk == 1 ? "its" : "their");
	}
	g_string_append_c(sentence, '.');
	return g_string_free(sentence, FALSE);
}

char *span_sentence(const Analysis *analysis)
{
	if (analysis->frames == 0)
		return g_strdup("no packet at all");
	char first[FORMAT_SIZE], last[FORMAT_SIZE], duration[FORMAT_SIZE];
	format_date_time(analysis->first, first);
	format_date_time(analysis->last, last);
	format_duration(ns_between(analysis->first, analysis->last), duration);
	bool same_day = strncmp(first, last, strlen("2026-11-22 ")) == 0;
	return g_strdup_printf("%s to %s UTC (%s)", first,
	                       same_day ? last + strlen("2026-11-22 ") : last, duration);
}

typedef struct Part {
	uint32_t count;
	const char *when;
} Part;

/* When messages were lost: ", while it was away", or each time with its count where there are
 * several. */
static void append_parts(GString *sentence, const Part *parts, unsigned n_parts)
{
	unsigned n_times = 0;
	for (unsigned i = 0; i < n_parts; i++)
		n_times += parts[i].count > 0;
	for (unsigned i = 0; i < n_parts; i++) {
		if (parts[i].count == 0)
			continue;
		g_string_append(sentence, ", ");
		if (n_times > 1)
			g_string_append_printf(sentence, "%u ", parts[i].count);
		g_string_append(sentence, parts[i].when);
	}
}

char *cost_sentence(const ReportContext *context, const Finding *finding)
{
	const Absence *cost = model_absence(context->model, finding->cost);
	if (cost == NULL)
		return NULL;
	if (!finding_messages_known(context->model, finding))
		return g_strdup("how many messages, the capture cannot tell");
	if (cost->lost.max == 0 && (cost->inexact != 0 || finding->weakened != 0))
		return g_strdup("no message that this capture shows");
	if (cost->lost.max == 0)
		return g_strdup(cost->owed.max == 0 ? "no message: none was published for it"
		                                    : "no message: all that were owed came");
	g_autofree char *lost = range_sentence(cost->lost, !cost->unbounded);
	GString *sentence = g_string_new(lost);
	if (cost->owed.max > cost->lost.max) {
		g_autofree char *owed = range_sentence(cost->owed, !cost->unbounded);
		if (cost->lost.min == cost->lost.max && !cost->unbounded)
			g_string_printf(sentence, "%u of %s owed", cost->lost.max, owed);
		else
			g_string_append_printf(sentence, " of %s owed", owed);
	}
	const Part parts[] = {
		{cost->lost_offline, "published while it was away"},
		{cost->lost_resubscribe_gap, "before it had subscribed again"},
		{cost->lost_connected, "published while it was connected"},
		{cost->lost_in_flight, "in flight when the connection ended"},
	};
	append_parts(sentence, parts, G_N_ELEMENTS(parts));
	return g_string_free(sentence, FALSE);
}

char *kept_sentence(const Connection *connection)
{
	Expiry expiry = connection_expiry(connection);
	if (!expiry_known(expiry))
		return g_strdup("not known");
	if (expiry.seconds == EXPIRY_NEVER)
		return g_strdup("for ever");
	if (expiry.seconds == 0)
		return g_strdup("not kept");
	char duration[FORMAT_SIZE];
	format_duration((int64_t)expiry.seconds * NS_PER_SECOND, duration);
	return g_strdup(duration);
}

const char *severity_glyph(Severity severity)
{
	switch (severity) {
	case SEVERITY_LOSS:
		return "✗";
	case SEVERITY_RISK:
		return "!";
	case SEVERITY_NOTE:
	case SEVERITY_N:
		return "·";
	}
	return "·";
}

const char *responsible_sentence(Responsible responsible)
{
	static const char *const sentences[RESPONSIBLE_N] = {
		[RESPONSIBLE_CLIENT_CONFIG] = "the client's settings",
		[RESPONSIBLE_CLIENT_BUG] = "a bug in the client",
		[RESPONSIBLE_BROKER_POLICY] = "the broker's policy, which the standard allows",
		[RESPONSIBLE_BROKER_FAULT] = "the broker, against the standard",
		[RESPONSIBLE_OTHER_ACTOR] = "somebody else: another client, or an operator",
		[RESPONSIBLE_NETWORK] = "the network or the deployment",
		[RESPONSIBLE_UNKNOWABLE] = "nobody that this capture could name",
	};
	return responsible < RESPONSIBLE_N ? sentences[responsible] : "";
}

const char *confidence_sentence(Confidence confidence)
{
	static const char *const sentences[CONFIDENCE_N] = {
		[CONFIDENCE_PROVEN] = "proven by the frames below",
		[CONFIDENCE_STRONG] = "strong: an alternative is not excluded",
		[CONFIDENCE_CONSISTENT] = "consistent: other causes fit as well",
		[CONFIDENCE_CANNOT_KNOW] = "cannot be known from this capture",
	};
	return confidence < CONFIDENCE_N ? sentences[confidence] : "";
}
