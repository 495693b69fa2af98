/* SPDX-License-Identifier: MIT */
/* decap: the walk through the layers, and the counts of what it came to. */
#include "dissectors/decap.h"

#include "dissectors/peel_common.h"
#include "dissectors/peel_layers.h"
#include "dissectors/peel_path.h"
#include "dissectors/peel_table.h"
#include "dissectors/udp_watch.h"

#include <glib.h>
#include <string.h>

/* Numbers without entry that have a count of their own; what comes later shares one. */
enum { MAX_UNKNOWN = 64, MAX_COUNTS = MAX_UNKNOWN + 128 };

/* Paths that are known.  Of the frames without one, one in so many is asked for its own: the less often, the
 * more of them had none. */
enum { PATHS = 8, LEARN_EVERY = 16, LEARN_EVERY_MAX = 65536 };

typedef struct UnknownName {
	PeelSpace space;
	uint16_t number;
	char text[LAYER_NAME_SIZE];
} UnknownName;

struct Decap {
	uint64_t n_tcp;
	unsigned n_counts;
	unsigned n_unknown;
	Fragments *fragments; /* NULL before the first */
	UdpWatch *udp;        /* likewise */
	const PeelPath *path; /* that of the last frame that had one; NULL before the first */
	unsigned n_paths, next_path;
	unsigned learn_every, until_learn;
	PeelPath paths[PATHS];
	DecapCount counts[MAX_COUNTS]; /* in the order of their first frame */
	UnknownName unknown[MAX_UNKNOWN];
};

static DecapCount *count_of(Decap *decap, const char *what)
{
	for (unsigned i = 0; i < decap->n_counts; i++)
		if (decap->counts[i].what == what || strcmp(decap->counts[i].what, what) == 0)
			return &decap->counts[i];
	g_assert(decap->n_counts < MAX_COUNTS);
	DecapCount *added = &decap->counts[decap->n_counts++];
	*added = (DecapCount){.what = what};
	return added;
}

static void count_many(Decap *decap, const char *what, uint64_t frames)
{
	if (frames > 0)
		count_of(decap, what)->frames += frames;
}

static void count(Decap *decap, const char *what)
{
	count_many(decap, what, 1);
}

static const char *unknown_name(Decap *decap, PeelSpace space, uint16_t number)
{
	for (unsigned i = 0; i < decap->n_unknown; i++)
		if (decap->unknown[i].space == space && decap->unknown[i].number == number)
			return decap->unknown[i].text;
	if (decap->n_unknown == MAX_UNKNOWN)
		return "other";
	UnknownName *name = &decap->unknown[decap->n_unknown++];
	name->space = space;
	name->number = number;
	layer_name_unknown(space, number, name->text);
	return name->text;
}

/* What runs over UDP, and may be MQTT all the same. */
static DecapResult count_udp(Decap *decap, const Peel *peel)
{
	static const char *const names[] = {"udp", "quic", "mqtt-over-quic", "mqtt-sn"};
	bool begins;
	if (decap->udp == NULL)
		decap->udp = udp_watch_new();
	UdpKind kind = udp_watch(decap->udp, &peel->segment->source, &peel->segment->destination,
	                         (ByteSpan){peel->data, peel->captured}, &begins);
	DecapCount *own = count_of(decap, names[kind]);
	own->frames++;
	own->connections += begins;
	return kind == UDP_PLAIN || kind == UDP_QUIC ? DECAP_OTHER : DECAP_UNDECODED;
}

static DecapResult count_unpeeled(Decap *decap, const Peel *peel, const Layer *layer)
{
	if (peel->space == PEEL_HALT && peel->number == PEEL_HALT_UDP)
		return count_udp(decap, peel);
	count(decap, layer != NULL ? layer->name : unknown_name(decap, peel->space, peel->number));
	return layer != NULL ? layer->result : DECAP_UNDECODED;
}

static G_GNUC_NO_INLINE DecapResult count_failure(Decap *decap, PeelStatus status)
{
	if (status == PEEL_WAITING)
		return DECAP_WAITING;
	if (status == PEEL_GIVEN_UP)
		return DECAP_UNDECODED;
	count(decap, status == PEEL_CUT ? "truncated-header" : "malformed-header");
	return status == PEEL_CUT ? DECAP_CUT : DECAP_MALFORMED;
}

static inline DecapResult count_status(Decap *decap, PeelStatus status)
{
	if (status != PEEL_TCP)
		return count_failure(decap, status);
	decap->n_tcp++;
	return DECAP_TCP;
}

Decap *decap_new(void)
{
	Decap *decap = g_new0(Decap, 1);
	decap->learn_every = LEARN_EVERY;
	return decap;
}

void decap_free(Decap *decap)
{
	if (decap == NULL)
		return;
	fragments_free(decap->fragments);
	udp_watch_free(decap->udp);
	g_free(decap);
}

/* --- fragments ---------------------------------------------------------------------------- */

static void count_lost(Decap *decap)
{
	FragmentsLost lost;
	if (!fragments_lost(decap->fragments, &lost))
		return;
	count_many(decap, "ipv4-fragment", lost.incomplete[0]);
	count_many(decap, "ipv6-fragment", lost.incomplete[1]);
	count_many(decap, "fragments-in-conflict", lost.conflict);
	count_many(decap, "fragments-too-many", lost.limit);
}

void decap_finish(Decap *decap)
{
	if (decap->fragments == NULL)
		return;
	fragments_finish(decap->fragments);
	count_lost(decap);
}

static bool is_fragment(const Peel *peel)
{
	return peel->space == PEEL_HALT && (peel->number == PEEL_HALT_IPV4_FRAGMENT ||
	                                    peel->number == PEEL_HALT_IPV6_FRAGMENT);
}

/* Puts the fragment that @peel stands at to the others, and goes on with the whole packet. */
static PeelStatus peel_fragment(Decap *decap, Peel *peel, Instant time)
{
	Fragment fragment = {.time = instant_known(time) ? time : (Instant){0}};
	FragmentsWhole whole;
	if (peel->number == PEEL_HALT_IPV4_FRAGMENT)
		peel_ipv4_fragment_of(peel, &fragment);
	else
		peel_ipv6_fragment_of(peel, &fragment);
	if (decap->fragments == NULL)
		decap->fragments = fragments_new();
	FragmentsResult result = fragments_add(decap->fragments, &fragment, &whole);
	count_lost(decap);
	switch (result) {
	case FRAGMENTS_WHOLE:
		peel->data = whole.bytes.data;
		peel->captured = (uint32_t)whole.bytes.size;
		peel->on_wire = whole.size;
		return peel_on(peel, 0, PEEL_IP_PROTOCOL, whole.protocol);
	case FRAGMENTS_WAITING:
		return PEEL_WAITING;
	case FRAGMENTS_MALFORMED:
		return PEEL_MALFORMED;
	case FRAGMENTS_CONFLICT:
	case FRAGMENTS_LIMIT:
		break;
	}
	return PEEL_GIVEN_UP;
}

/* --- the walk ----------------------------------------------------------------------------- */

/* IP and TCP: runs as far as that is what follows, and the table has the rest. */
PEEL_INLINE PeelStatus peel_usual(Peel *peel)
{
	PeelStatus status;
	if (peel->space != PEEL_ETHERTYPE)
		return PEEL_NEXT;
	if (peel->number == ETHERTYPE_IPV4)
		status = peel_inline_ipv4(peel);
	else if (peel->number == ETHERTYPE_IPV6)
		status = peel_inline_ipv6(peel);
	else
		return PEEL_NEXT;
	peel->layers++;
	if (status != PEEL_NEXT || peel->space != PEEL_IP_PROTOCOL || peel->number != IP_PROTOCOL_TCP)
		return status;
	return peel_inline_tcp(peel);
}

/* Where most frames begin: Ethernet, perhaps one VLAN. */
PEEL_INLINE PeelStatus peel_usual_link(Peel *peel)
{
	if (peel->number != LINK_TYPE_ETHERNET)
		return PEEL_NEXT;
	PeelStatus status = peel_inline_ethernet(peel);
	peel->layers = 1;
	if (status != PEEL_NEXT || peel->number != ETHERTYPE_VLAN)
		return status;
	peel->layers = 2;
	return peel_inline_vlan(peel);
}

/* The layers of @peel one after the other, from the table. */
static PeelStatus peel_all(Decap *decap, Peel *peel, Instant time)
{
	for (; peel->layers < DECAP_MAX_DEPTH; peel->layers++) {
		const Layer *layer = layer_find(peel->space, peel->number);
		bool fragment = is_fragment(peel);
		if (!fragment && (layer == NULL || layer->peel == NULL))
			return PEEL_NEXT;
		PeelStatus status =
			fragment ? peel_fragment(decap, peel, time) : layer->peel(peel);
		if (status != PEEL_NEXT)
			return status;
	}
	return peel_halt(peel, PEEL_HALT_TOO_DEEP);
}

/* Takes @frame along one of the other paths, if that leads to the end. */
static PeelStatus peel_paths(Decap *decap, const Peel *frame)
{
	for (unsigned i = 0; i < decap->n_paths; i++) {
		Peel peel = *frame;
		if (&decap->paths[i] == decap->path || !path_take_found(&decap->paths[i], &peel))
			continue;
		PeelStatus status = peel_usual(&peel);
		if (status == PEEL_NEXT)
			continue;
		decap->path = &decap->paths[i];
		return status;
	}
	return PEEL_NEXT;
}

/* The table led to the segment of @frame. */
static void learn_path(Decap *decap, const Peel *frame)
{
	PeelPath path;
	if (decap->until_learn-- > 0)
		return;
	bool learned = path_learn(&path, frame);
	decap->learn_every = learned ? LEARN_EVERY : MIN(2 * decap->learn_every, (unsigned)LEARN_EVERY_MAX);
	decap->until_learn = decap->learn_every;
	if (!learned)
		return;
	if (decap->n_paths < PATHS)
		decap->n_paths++;
	decap->paths[decap->next_path] = path;
	decap->path = &decap->paths[decap->next_path];
	decap->next_path = (decap->next_path + 1) % PATHS;
}

PEEL_INLINE Peel peel_of(const Frame *frame, TcpSegment *segment)
{
	ByteSpan bytes = frame->bytes;
	uint32_t captured = bytes.size < UINT32_MAX ? (uint32_t)bytes.size : UINT32_MAX;
	return (Peel){
		.data = bytes.data,
		.captured = captured,
		.on_wire = frame->wire_size > captured ? frame->wire_size : captured,
		.space = PEEL_LINK_TYPE,
		.number = frame->link_type,
		.segment = segment,
	};
}

/* A Peel goes to a call in registers: of one in memory, the parts are stored one by one and loaded as one, and the
 * processor has to wait for that. */
static inline uint64_t packed_sizes(const Peel *peel)
{
	return (uint64_t)peel->captured << 32 | peel->on_wire;
}

static inline uint64_t packed_layer(const Peel *peel)
{
	return (uint64_t)peel->space << 32 | (uint32_t)peel->layers << 16 | peel->number;
}

static inline Peel unpacked(TcpSegment *segment, const uint8_t *data, uint64_t sizes, uint64_t layer)
{
	return (Peel){
		.data = data,
		.captured = (uint32_t)(sizes >> 32),
		.on_wire = (uint32_t)sizes,
		.space = (PeelSpace)(layer >> 32),
		.layers = (uint8_t)(layer >> 16),
		.number = (uint16_t)layer,
		.segment = segment,
	};
}

/* The rest of @frame, behind where the usual way ended. */
static G_GNUC_NO_INLINE DecapResult peel_unusual(Decap *decap, const Frame *frame, TcpSegment *segment,
                                                 const uint8_t *data, uint64_t sizes, uint64_t layer)
{
	Peel peel = unpacked(segment, data, sizes, layer);
	if (is_fragment(&peel)) {
		PeelStatus status = peel_fragment(decap, &peel, frame->time);
		if (status == PEEL_WAITING)
			return DECAP_WAITING;
		if (status != PEEL_NEXT)
			return count_failure(decap, status);
	}
	Peel whole = peel_of(frame, peel.segment);
	PeelStatus status = peel_paths(decap, &whole);
	if (status != PEEL_NEXT)
		return count_status(decap, status);
	status = peel_all(decap, &peel, frame->time);
	if (status == PEEL_NEXT)
		return count_unpeeled(decap, &peel, layer_find(peel.space, peel.number));
	if (status == PEEL_TCP)
		learn_path(decap, &whole);
	return count_status(decap, status);
}

PEEL_INLINE DecapResult peel_on_from(Decap *decap, const Frame *frame, const Peel *peel)
{
	return peel_unusual(decap, frame, peel->segment, peel->data, packed_sizes(peel), packed_layer(peel));
}

/* The rest of @frame, of which @peel has the front taken off with that @status. */
PEEL_INLINE DecapResult peel_rest(Decap *decap, const Frame *frame, Peel *peel, PeelStatus status)
{
	if (status == PEEL_NEXT)
		status = peel_usual(peel);
	return status != PEEL_NEXT ? count_status(decap, status) : peel_on_from(decap, frame, peel);
}

static G_GNUC_NO_INLINE DecapResult peel_on_found_path(Decap *decap, const Frame *frame, TcpSegment *segment)
{
	Peel peel = peel_of(frame, segment);
	PeelStatus status = PEEL_NEXT;
	if (!path_take_found(decap->path, &peel))
		status = peel_usual_link(&peel);
	return peel_rest(decap, frame, &peel, status);
}

static G_GNUC_NO_INLINE DecapResult peel_on_path(Decap *decap, const Frame *frame, TcpSegment *segment)
{
	if (decap->path->found)
		return peel_on_found_path(decap, frame, segment);
	Peel peel = peel_of(frame, segment);
	PeelStatus status = PEEL_NEXT;
	if (!path_take(decap->path, &peel))
		status = peel_usual_link(&peel);
	return peel_rest(decap, frame, &peel, status);
}

/* Most captures have no frame with a path; in the others the path of the last one is tried first. */
DecapResult decap_frame(Decap *decap, const Frame *frame, TcpSegment *segment)
{
	if (decap->path != NULL)
		return peel_on_path(decap, frame, segment);
	Peel peel = peel_of(frame, segment);
	PeelStatus status = peel_usual_link(&peel);
	if (status == PEEL_NEXT)
		status = peel_usual(&peel);
	if (status == PEEL_NEXT)
		return peel_on_from(decap, frame, &peel);
	return count_status(decap, status);
}

const DecapCount *decap_counts(const Decap *decap, size_t *n_counts)
{
	*n_counts = decap->n_counts;
	return decap->counts;
}

uint64_t decap_n_tcp(const Decap *decap)
{
	return decap->n_tcp;
}
