/* SPDX-License-Identifier: MIT */
/*
 * clients_index: the clients that the list shows, in its order.
 *
 * Made anew when the verdict or what is asked for changes, and piece by piece where it takes long;
 * until a new one is whole the old one stands.
 */
#pragma once

#include "ui/screens/clients_columns.h"
#include "ui/screens/filter.h"

/* What is asked for. */
typedef struct ClientsOrder {
	ClientColumn column;
	bool reverse;
	const RowFilter *filter; /* NULL: all */
	bool inverted;           /* those that do not fit it */
	/* a row shows only if it has more connections and findings than this; by ClientIndex */
	const uint64_t *cleared;
	uint32_t n_cleared;
} ClientsOrder;

typedef struct ClientsIndex ClientsIndex;

ClientsIndex *clients_index_new(void);
void clients_index_free(ClientsIndex *index);
/* Something other is asked for now: begins anew with the next clients_index_work(). */
void clients_index_ask(ClientsIndex *index);
/* What was asked for stands, as of the verdict of @view. */
bool clients_index_whole(const ClientsIndex *index, const View *view);
/* Goes on with it until about @until (µs, monotonic); true: now it is whole. */
bool clients_index_work(ClientsIndex *index, const View *view, const ClientsOrder *order, int64_t until);
/* The part of the clients that are looked at already, 0 to 1; 1: nothing is under way. */
double clients_index_done(const ClientsIndex *index);

uint32_t clients_index_n(const ClientsIndex *index);
ClientIndex clients_index_at(const ClientsIndex *index, uint32_t position);
/* NO_INDEX: it is not among them. */
uint32_t clients_index_position(const ClientsIndex *index, ClientIndex client);
/* The client that came last; NO_INDEX: none. */
ClientIndex clients_index_newest(const ClientsIndex *index);
