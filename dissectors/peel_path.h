/* SPDX-License-Identifier: MIT */
/*
 * peel_path: the way that a frame took through its outer headers, for others like it to take at once.
 *
 * Frames of one tunnel differ in nothing that decides how their outer headers come off.  A path
 * is what was read on the way: octets behind a mask, and lengths that reached the end of the frame.
 * A frame with the same in all of these comes to the same place, and what the layers would have left
 * of it is the same, so that nothing but the time depends on which paths are known.  Each layer
 * says in its shape (peel_table.h) what it reads; one without shape has no path through it.
 */
#pragma once

#include "dissectors/peel.h"

#include <string.h>

enum {
	PATH_OCTETS = 192, /* the headers in all */
	PATH_WINDOWS = 12,
	WINDOW_WORDS = 2,
	PATH_LENGTHS = 8,
};

/* Octets that stand in a row, to be compared together. */
typedef struct PathWindow {
	uint64_t mask[WINDOW_WORDS], value[WINDOW_WORDS];
	size_t at; /* octets from the front of the frame */
} PathWindow;

/* A length in a header, of two octets, and what it lacks to that of the frame. */
typedef struct PathLength {
	uint32_t at, rest;
} PathLength;

typedef struct PeelPath {
	uint16_t link_type;
	uint16_t reach;     /* octets that must have been captured, to be compared */
	uint16_t size;      /* octets before the IP header of the segment ... */
	uint16_t ethertype; /* ... and which of the two it is */
	bool found;         /* by what it carries: path_take_found() */
	uint8_t layers;     /* taken off by then */
	uint8_t n_windows;
	uint8_t n_lengths;
	PathLength lengths[PATH_LENGTHS];
	PathWindow windows[PATH_WINDOWS];
} PeelPath;

/* Notes the way of the frame that @frame stands at the front of, which ends at a TCP segment; false:
 * there is none that others could take. */
bool path_learn(PeelPath *path, const Peel *frame);

/* Whether the frame that @peel stands at the front of is like that of @path; it then stands at the
 * IP header. */
PEEL_INLINE bool path_take(const PeelPath *path, Peel *peel)
{
	if (peel->number != path->link_type || peel->captured < path->reach)
		return false;
	const PathWindow *window = path->windows, *windows_end = window + path->n_windows;
	for (; window < windows_end; window++) {
		uint64_t octets[WINDOW_WORDS];
		memcpy(octets, peel->data + window->at, sizeof octets);
		if (((octets[0] & window->mask[0]) ^ window->value[0]) |
		    ((octets[1] & window->mask[1]) ^ window->value[1]))
			return false;
	}
	const PathLength *length = path->lengths, *lengths_end = length + path->n_lengths;
	for (; length < lengths_end; length++)
		if (peel_u16(peel->data + length->at) + length->rest != peel->on_wire)
			return false;
	peel_on(peel, path->size, PEEL_ETHERTYPE, path->ethertype);
	peel->layers = path->layers;
	return true;
}

/* Whether @peel stands at an IP packet that fills what is left, and whose checksum is right: what a
 * tunnel on a port of nobody is known by. */
bool peel_proves_ip(const Peel *peel);

/* path_take() for all paths. */
static inline bool path_take_found(const PeelPath *path, Peel *peel)
{
	Peel ip = *peel;
	if (!path_take(path, &ip) || (path->found && !peel_proves_ip(&ip)))
		return false;
	*peel = ip;
	return true;
}
