/* SPDX-License-Identifier: MIT */
/*
 * Whether frames are taken along a path or through all layers, the same comes out: shown with each
 * encapsulation, each bit of its headers turned over, each cut, and each of the others.
 */
#include "dissectors/decap.h"
#include "dissectors/peel_path.h"

#include "tests/dissectors/encapsulations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

#include <cmocka.h>

enum { WARM = 40 }; /* frames after which a path is known, if there is one */

/* A frame as it was captured. */
typedef struct Shot {
	uint16_t link_type;
	const FrameOctets *octets;
	size_t captured, on_wire;
} Shot;

typedef struct Sight {
	DecapResult result;
	TcpSegment segment;
	size_t payload_at;
} Sight;

static Sight see(Decap *decap, const Shot *shot)
{
	Sight sight = {.result = DECAP_OTHER};
	/* Of exactly that size, so that a sanitizer sees a read behind it. */
	uint8_t *copy = g_malloc(MAX(shot->captured, 1));
	memcpy(copy, shot->octets->data, shot->captured);
	Frame frame = {.bytes = {copy, shot->captured},
	               .wire_size = (uint32_t)shot->on_wire,
	               .link_type = shot->link_type};
	sight.result = decap_frame(decap, &frame, &sight.segment);
	if (sight.result == DECAP_TCP)
		sight.payload_at = (size_t)(sight.segment.payload.data - copy);
	g_free(copy);
	return sight;
}

static bool is_same_segment(const TcpSegment *a, const TcpSegment *b)
{
	return endpoint_equal(&a->source, &b->source) && endpoint_equal(&a->destination, &b->destination) &&
	       a->sequence == b->sequence && a->acknowledgement == b->acknowledgement && a->window == b->window &&
	       a->flags == b->flags && a->ttl == b->ttl && a->options_size == b->options_size &&
	       a->ip_id == b->ip_id && a->payload.size == b->payload.size && a->payload_size == b->payload_size;
}

static bool is_same_count(const Decap *a, const Decap *b)
{
	size_t n_a, n_b;
	const DecapCount *of_a = decap_counts(a, &n_a), *of_b = decap_counts(b, &n_b);
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (strcmp(of_a[i].what, of_b[i].what) != 0 || of_a[i].frames != of_b[i].frames)
			return false;
	return true;
}

static Decap *warm_decap(uint16_t link_type, const FrameOctets *octets)
{
	Decap *decap = decap_new();
	Shot shot = {link_type, octets, octets->size, octets->size};
	for (unsigned i = 0; i < WARM; i++)
		assert_int_equal(see(decap, &shot).result, DECAP_TCP);
	return decap;
}

/* @shot is the same to one that knows the path of @known, and to one that knows nothing. */
static void assert_same(const Encapsulation *row, const FrameOctets *known, const Shot *shot, const char *what)
{
	Decap *warm = warm_decap(row->link_type, known), *cold = decap_new();
	Sight a = see(warm, shot), b = see(cold, shot);
	bool same = a.result == b.result && is_same_count(warm, cold);
	if (same && a.result == DECAP_TCP)
		same = is_same_segment(&a.segment, &b.segment) && a.payload_at == b.payload_at;
	if (!same)
		fail_msg("%s: %s: %d on the path of the frames before, %d without", row->name, what, (int)a.result,
		         (int)b.result);
	decap_free(warm);
	decap_free(cold);
}

static void any_bit_decides_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_encapsulations; i++) {
		const Encapsulation *row = &encapsulations[i];
		FrameOctets known = frame_octets(row->before, TCP PAYLOAD), other = known;
		for (size_t bit = 0; bit < 8 * known.size; bit++) {
			char what[64];
			snprintf(what, sizeof what, "bit %zu of octet %zu", bit % 8, bit / 8);
			other.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_same(row, &known, &(Shot){row->link_type, &other, other.size, other.size}, what);
			other.data[bit / 8] = known.data[bit / 8];
		}
	}
}

static void any_octet_decides_the_same(void **state)
{
	(void)state;
	GRand *dice = g_rand_new_with_seed(4711);
	for (size_t i = 0; i < n_encapsulations; i++) {
		const Encapsulation *row = &encapsulations[i];
		FrameOctets known = frame_octets(row->before, TCP PAYLOAD), other = known;
		for (unsigned round = 0; round < 300; round++) {
			size_t at = (size_t)g_rand_int_range(dice, 0, (int)known.size);
			size_t also = (size_t)g_rand_int_range(dice, 0, (int)known.size);
			other.data[at] = (uint8_t)g_rand_int(dice);
			other.data[also] = g_rand_boolean(dice) ? 0 : (uint8_t)g_rand_int(dice);
			assert_same(row, &known, &(Shot){row->link_type, &other, other.size, other.size}, "two octets");
			other.data[at] = known.data[at];
			other.data[also] = known.data[also];
		}
	}
	g_rand_free(dice);
}

static void any_size_decides_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_encapsulations; i++) {
		const Encapsulation *row = &encapsulations[i];
		FrameOctets known = frame_octets(row->before, TCP PAYLOAD), longer = known;
		frame_append(&longer, "00000000");
		for (size_t size = 0; size <= known.size; size++) {
			assert_same(row, &known, &(Shot){row->link_type, &known, size, known.size}, "cut");
			assert_same(row, &known, &(Shot){row->link_type, &known, size, size}, "short");
		}
		assert_same(row, &known, &(Shot){row->link_type, &longer, longer.size, longer.size}, "padded");
		assert_same(row, &longer, &(Shot){row->link_type, &known, known.size, known.size}, "padded before");
	}
}

static void another_encapsulation_is_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_encapsulations; i++) {
		FrameOctets known = frame_octets(encapsulations[i].before, TCP PAYLOAD);
		for (size_t k = 0; k < n_encapsulations; k++) {
			FrameOctets other = frame_octets(encapsulations[k].before, TCP PAYLOAD);
			Shot shot = {encapsulations[k].link_type, &other, other.size, other.size};
			assert_same(&encapsulations[i], &known, &shot, encapsulations[k].name);
		}
	}
}

/* Others like these go through all layers each. */
static const char *const without_path[] = {
	"SNAP", "hop by hop", "routing, long", "destination", "authentication", "atomic fragment", "extension headers",
	"radiotap", "radiotap, QoS, two words of fields", "radiotap, QoS, padded header",
	"802.11, four addresses", "802.11, four addresses, QoS, HT Control", "PPI", "NFLOG, little end", "NFLOG, big end",
};

static bool has_path(const Encapsulation *row)
{
	for (size_t i = 0; i < G_N_ELEMENTS(without_path); i++)
		if (strcmp(without_path[i], row->name) == 0)
			return false;
	return true;
}

/* Else all of the above would show nothing. */
static void most_encapsulations_have_a_path(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_encapsulations; i++) {
		const Encapsulation *row = &encapsulations[i];
		FrameOctets octets = frame_octets(row->before, TCP PAYLOAD);
		TcpSegment segment;
		Peel frame = {.data = octets.data,
		              .captured = (uint32_t)octets.size,
		              .on_wire = (uint32_t)octets.size,
		              .space = PEEL_LINK_TYPE,
		              .number = row->link_type,
		              .segment = &segment};
		PeelPath path;
		bool learned = path_learn(&path, &frame);
		if (learned != has_path(row))
			fail_msg("%s: %s", row->name, learned ? "has a path" : "has no path");
		if (learned && !path_take_found(&path, &frame))
			fail_msg("%s: its own frame does not fit", row->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bit_decides_the_same),
		cmocka_unit_test(any_octet_decides_the_same),
		cmocka_unit_test(any_size_decides_the_same),
		cmocka_unit_test(another_encapsulation_is_what_it_is),
		cmocka_unit_test(most_encapsulations_have_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
