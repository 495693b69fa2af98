/* SPDX-License-Identifier: MIT */
/* incident_site: the clients of one network fall silent together, and come back together. */
#include <string.h>

#include "src/verdict/incidents.h"

enum { SITE_MANY = 5 };
#define TOGETHER_NS (60 * NS_PER_SECOND) /* they come back within */
#define OUTAGE_NS (10 * NS_PER_SECOND)   /* a shorter silence is none */

/* A client that came back without that its connection had ended on the wire. */
typedef struct Silence {
	uint8_t network[16];
	const Connection *before;
	Instant back;
	FrameRef back_frame;
} Silence;

/* What those of one site have in common at least: the first 24 bits of an IPv4 address (mapped into
 * IPv6), 48 of another. */
static void network_of(const IpAddress *address, uint8_t network[static 16])
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	size_t n = memcmp(address->octets, mapped, sizeof mapped) == 0 ? 15 : 6;
	memset(network, 0, 16);
	memcpy(network, address->octets, n);
}

static bool was_silent(const Mark *mark, const Connection *connection)
{
	return mark->kind == MARK_SUPERSEDED ||
	       (mark->kind == MARK_CLOSED && connection->close_kind == CLOSE_KEEP_ALIVE);
}

static GArray *list_silences(const Model *model, const MarkList *marks)
{
	GArray *silences = g_array_new(FALSE, FALSE, sizeof(Silence));
	for (uint32_t i = 0; i < marks->n; i++) {
		const Mark *mark = marks->marks[i];
		if (mark->connection == NO_INDEX)
			continue;
		const Connection *before = model_connection(model, mark->connection);
		if (!was_silent(mark, before) || before->next == NO_INDEX ||
		    !instant_known(before->last_from_client))
			continue;
		const Connection *after = model_connection(model, before->next);
		Silence silence = {.before = before, .back = after->opened,
		                   .back_frame = after->connect_frame};
		network_of(&before->source.address, silence.network);
		g_array_append_val(silences, silence);
	}
	return silences;
}

static gint by_network_and_return(gconstpointer a, gconstpointer b)
{
	const Silence *x = a, *y = b;
	int order = memcmp(x->network, y->network, sizeof x->network);
	return order != 0 ? order : (x->back.ns > y->back.ns) - (x->back.ns < y->back.ns);
}

static const Silence *silence_at(const GArray *silences, guint index)
{
	return &g_array_index(silences, Silence, index);
}

/* The end of those that came back together with the @first. */
static guint end_of_group(const GArray *silences, guint first)
{
	const Silence *begin = silence_at(silences, first);
	guint end = first + 1;
	while (end < silences->len &&
	       memcmp(silence_at(silences, end)->network, begin->network, 16) == 0 &&
	       silence_at(silences, end)->back.ns - begin->back.ns <= TOGETHER_NS)
		end++;
	return end;
}

static unsigned common_bits(const IpAddress *a, const IpAddress *b)
{
	unsigned bits = 0;
	while (bits < 128 && ((a->octets[bits / 8] ^ b->octets[bits / 8]) & 0x80 >> bits % 8) == 0)
		bits++;
	return bits;
}

/* The longest prefix that all from @first to @end share, of the address of the @first. */
static unsigned prefix_of(const GArray *silences, guint first, guint end)
{
	unsigned bits = 128;
	for (guint i = first + 1; i < end; i++)
		bits = MIN(bits, common_bits(&silence_at(silences, first)->before->source.address,
		                             &silence_at(silences, i)->before->source.address));
	return bits;
}

/* What may have been one: silences that came back together, and who was heard meanwhile. */
typedef struct Outage {
	guint first, end; /* of the silences */
	Instant from, to;
	BrokerIndex broker;
	const IpAddress *site;
	unsigned bits; /* of @site, which all of them share */
	bool inside, outside; /* somebody of the site was heard during it; somebody else was */
} Outage;

/* False: too short to be one. */
static bool measure(const GArray *silences, guint first, guint end, Outage *outage)
{
	const Silence *begin = silence_at(silences, first);
	*outage = (Outage){.first = first, .end = end, .from = INSTANT_UNKNOWN, .to = begin->back,
	                   .broker = begin->before->broker, .site = &begin->before->source.address};
	for (guint i = first; i < end; i++) {
		Instant last = silence_at(silences, i)->before->last_from_client;
		if (!instant_known(outage->from) || last.ns > outage->from.ns)
			outage->from = last;
	}
	outage->bits = prefix_of(silences, first, end);
	return outage->to.ns - outage->from.ns >= OUTAGE_NS;
}

static void hear(Outage *outage, const Connection *connection)
{
	if (connection->last_from_client.ns <= outage->from.ns ||
	    connection->opened.ns >= outage->to.ns || connection->broker != outage->broker)
		return;
	if (common_bits(&connection->source.address, outage->site) >= outage->bits)
		outage->inside = true;
	else
		outage->outside = true;
}

/* One walk over all connections for all of @outages. */
static void hear_all(const Model *model, Outage *outages, unsigned n)
{
	for (ConnectionIndex i = 0; n > 0 && i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (!instant_known(connection->last_from_client))
			continue;
		for (unsigned k = 0; k < n; k++)
			if (!outages[k].inside)
				hear(&outages[k], connection);
	}
}

static void add_outage(const Model *model, const GArray *silences, const Outage *outage,
                       GArray *candidates)
{
	Candidate candidate = candidate_new(INCIDENT_SITE_OUTAGE, outage->broker, INSTANT_UNKNOWN);
	Incident *incident = &candidate.incident;
	incident->from = outage->from;
	incident->to = outage->to;
	/* Where nobody else was heard, it may have been the broker's own network. */
	incident->confidence = outage->outside ? CONFIDENCE_STRONG : CONFIDENCE_CONSISTENT;
	incident->signs = SIGN_VANISHED;
	incident->n_open = incident->n_ended = outage->end - outage->first;
	for (guint i = outage->first; i < outage->end; i++) {
		const Silence *silence = silence_at(silences, i);
		candidate_hit(&candidate, silence->before->client);
		candidate_add_frame(&candidate, silence->back_frame, silence->back, SIGN_VANISHED);
		const Connection *after = model_connection(model, silence->before->next);
		incident->n_resumed += after->outcome == OUTCOME_RESUMED;
		incident->n_lost += after->outcome == OUTCOME_FRESH_UNEXPECTED;
	}
	g_array_append_val(candidates, candidate);
}

/* The next groups of silences from *first on that are large and long enough, at most @most. */
static unsigned next_outages(const GArray *silences, guint *first, Outage *outages, unsigned most)
{
	unsigned n = 0;
	while (*first < silences->len && n < most) {
		guint begin = *first;
		*first = end_of_group(silences, begin);
		if (*first - begin >= SITE_MANY && measure(silences, begin, *first, &outages[n]))
			n++;
	}
	return n;
}

void find_site_outages(const Model *model, const MarkList *marks, GArray *candidates)
{
	enum { AT_ONCE = 32, IN_VAIN = 64 }; /* so many at least were none: no more are looked for */
	g_autoptr(GArray) silences = list_silences(model, marks);
	g_array_sort(silences, by_network_and_return);
	unsigned in_vain = 0;
	for (guint first = 0; first < silences->len && in_vain < IN_VAIN;) {
		Outage outages[AT_ONCE];
		unsigned n = next_outages(silences, &first, outages, AT_ONCE);
		hear_all(model, outages, n);
		for (unsigned i = 0; i < n; i++) {
			in_vain += outages[i].inside;
			if (!outages[i].inside)
				add_outage(model, silences, &outages[i], candidates);
		}
	}
}
