/* SPDX-License-Identifier: MIT */
/*
 * packet_view: the parts of the packet screen.  Private to packet_*.c.
 */
#pragma once

#include "ui/screens/packet_fields.h"
#include "ui/screens/screen.h"
#include "ui/screens/scroller.h"

typedef struct PacketView {
	Screen base;
	History *history;
	uint32_t event;
	PacketFields fields;
	uint8_t *closed;   /* by field: its parts are not shown */
	GArray *rows;      /* of uint32_t: the fields that are shown */
	Scroller list;     /* over @rows */
	Scroller hex;      /* over rows of octets */
	uint32_t octet;    /* the cursor in the hex */
	int per_row;       /* octets, as of the last drawing; 0: the hex is not shown */
	bool in_hex;       /* the pane that takes the keys */
	Area list_at, hex_at, whole; /* as of the last drawing */
} PacketView;

/* The selected field; UINT32_MAX: none. */
uint32_t packet_selected(const PacketView *view);
/* Selects the smallest field that has the octet. */
void packet_select_octet(PacketView *view, uint32_t octet);

/* packet_hex.c */
int packet_hex_columns(int per_row);
void packet_draw_hex(PacketView *packet, const View *view, Area area);
bool packet_act_hex(PacketView *packet, Action action);
/* The octet at a cell of the hex as drawn; UINT32_MAX: none. */
uint32_t packet_octet_at(const PacketView *packet, int x, int y);
