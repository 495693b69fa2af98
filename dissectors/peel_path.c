/* SPDX-License-Identifier: MIT */
/* peel_path: the layers of a frame once more, with a note of what they read. */
#include "dissectors/peel_path.h"

#include "dissectors/decap.h"
#include "dissectors/peel_layers.h"
#include "dissectors/peel_table.h"

typedef struct PathNotes {
	const uint8_t *frame;
	uint32_t on_wire;
	uint8_t mask[PATH_OCTETS + WINDOW_WORDS * sizeof(uint64_t)]; /* of what was read */
	bool found; /* a tunnel, by the next IP header */
	unsigned n_lengths;
	uint8_t lengths_at[PATH_LENGTHS];
} PathNotes;

/* Notes what the letter of a shape says of the octet at @at. */
static bool note_octet(PathNotes *notes, uint32_t at, char letter)
{
	if (at >= PATH_OCTETS)
		return false;
	switch (letter) {
	case SHAPE_READ:
		notes->mask[at] = 0xff;
		return true;
	case SHAPE_UPPER_HALF:
		notes->mask[at] |= 0xf0;
		return true;
	case SHAPE_LOWER_SIX:
		notes->mask[at] |= 0x3f;
		return true;
	case SHAPE_LAST_BIT:
		notes->mask[at] |= 0x01;
		return true;
	case SHAPE_LENGTH:
		if (notes->n_lengths == PATH_LENGTHS)
			return false;
		notes->lengths_at[notes->n_lengths++] = (uint8_t)at;
		return true;
	default:
		return true;
	}
}

/* What @layer read of the octets that it took off, and perhaps of some behind. */
static bool note_layer(PathNotes *notes, const Layer *layer, const Peel *before, const Peel *after)
{
	if (layer->shape == NULL)
		return false;
	uint32_t at = (uint32_t)(before->data - notes->frame);
	uint32_t end = (uint32_t)(after->data - notes->frame);
	const char *letter = layer->shape;
	for (; *letter != '\0' && *letter != SHAPE_REST_UNREAD; letter++, at++)
		if (!note_octet(notes, at, *letter))
			return false;
	for (; *letter == '\0' && at < end; at++)
		if (!note_octet(notes, at, SHAPE_READ))
			return false;
	/* Nothing may be left behind what a header says to be its own. */
	return end <= PATH_OCTETS && after->on_wire == notes->on_wire - end;
}

/* Windows from each octet on that was read and is in none yet. */
static bool set_windows(PeelPath *path, const PathNotes *notes)
{
	for (uint32_t at = 0; at < PATH_OCTETS; at++) {
		if (notes->mask[at] == 0)
			continue;
		if (path->n_windows == PATH_WINDOWS)
			return false;
		PathWindow *window = &path->windows[path->n_windows];
		memcpy(window->mask, notes->mask + at, sizeof window->mask);
		memcpy(window->value, notes->frame + at, sizeof window->value);
		for (unsigned i = 0; i < WINDOW_WORDS; i++)
			window->value[i] &= window->mask[i];
		window->at = at;
		path->n_windows++;
		at += (uint32_t)sizeof window->value - 1;
		path->reach = (uint16_t)(at + 1);
	}
	return true;
}

static void set_lengths(PeelPath *path, const PathNotes *notes)
{
	for (unsigned i = 0; i < notes->n_lengths; i++) {
		uint32_t length = peel_u16(notes->frame + notes->lengths_at[i]);
		path->lengths[i] = (PathLength){notes->lengths_at[i], notes->on_wire - length};
	}
	path->n_lengths = (uint8_t)notes->n_lengths;
}

/* The path as far as @notes go: to @ip, which has a TCP header behind it, so that all windows are there. */
static bool set_path(PeelPath *path, const PathNotes *notes, const Peel *ip, uint16_t link_type)
{
	*path = (PeelPath){
		.link_type = link_type,
		.size = (uint16_t)(ip->data - notes->frame),
		.ethertype = peel_ip_ethertype(ip->data[0]),
		.found = notes->found,
		.layers = ip->layers,
	};
	if (!set_windows(path, notes))
		return false;
	set_lengths(path, notes);
	if (path->reach < path->size)
		path->reach = path->size;
	return true;
}

bool path_learn(PeelPath *path, const Peel *frame)
{
	TcpSegment unused;
	PathNotes notes = {.frame = frame->data, .on_wire = frame->on_wire}, until_ip = notes;
	Peel peel = *frame, ip = peel;
	bool behind_ip = false;
	peel.segment = &unused;
	while (peel.layers < DECAP_MAX_DEPTH) {
		const Layer *layer = layer_find(peel.space, peel.number);
		if (layer == NULL || layer->peel == NULL)
			return false;
		Peel before = peel;
		PeelStatus status = layer->peel(&peel);
		if (status == PEEL_TCP)
			return behind_ip && set_path(path, &until_ip, &ip, frame->number);
		behind_ip = layer->peel == peel_ipv4 || layer->peel == peel_ipv6;
		if (behind_ip && until_ip.found)
			return false; /* what proves the tunnel is not what is looked at */
		if (behind_ip) {
			until_ip = notes;
			ip = before;
		}
		notes.found |= before.space == PEEL_TUNNEL && before.number == PEEL_TUNNEL_VXLAN_FOUND;
		if (status != PEEL_NEXT || !note_layer(&notes, layer, &before, &peel))
			return false;
		peel.layers++;
	}
	return false;
}
