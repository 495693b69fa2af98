/* SPDX-License-Identifier: MIT */
/*
 * peel_table: every layer by the number that names it.
 *
 * A shape says which octets decide what a layer leaves of a frame, one letter an octet from its
 * first on; of what it takes off behind the last letter, every octet.
 */
#pragma once

#include "dissectors/decap.h"
#include "dissectors/peel.h"

enum PeelShape {
	SHAPE_READ = '=',
	SHAPE_UPPER_HALF = 'v', /* the version of IP */
	SHAPE_LOWER_SIX = 'f',  /* without Don't Fragment and the reserved bit */
	SHAPE_LAST_BIT = 'b',
	SHAPE_LENGTH = 'L', /* with the next octet, a length that decides where the packet ends */
	SHAPE_UNREAD = '.',
	SHAPE_REST_UNREAD = '*', /* this one and all behind it */
};

typedef struct Layer {
	uint16_t number;
	const char *name;
	PeelLayer peel;     /* NULL: counted under its name ... */
	DecapResult result; /* ... and this is the result */
	const char *shape;  /* NULL: frames with it have no path in common */
} Layer;

/* NULL: there is none. */
const Layer *layer_find(PeelSpace space, uint16_t number);

enum { LAYER_NAME_SIZE = 28 };

/* A name for a number that has no layer. */
void layer_name_unknown(PeelSpace space, uint16_t number, char name[static LAYER_NAME_SIZE]);
