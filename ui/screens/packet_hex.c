/* SPDX-License-Identifier: MIT */
#include "ui/screens/packet_view.h"

enum { OFFSET_COLUMNS = 6 };

int packet_hex_columns(int per_row)
{
	return OFFSET_COLUMNS + per_row * 3 + 1 + per_row;
}

static bool is_selected(const PacketView *packet, uint32_t at)
{
	uint32_t selected = packet_selected(packet);
	if (selected == UINT32_MAX)
		return false;
	const MqttField *field = packet_field(&packet->fields, selected);
	return at >= field->offset && at - field->offset < field->size;
}

static void draw_octet(PacketView *packet, const View *view, Area area, int y, uint32_t at)
{
	const PacketFields *fields = &packet->fields;
	int column = (int)(at % (uint32_t)packet->per_row);
	int x = OFFSET_COLUMNS + column * 3, x_text = OFFSET_COLUMNS + packet->per_row * 3 + 1 + column;
	uint8_t octet = fields->octets.data[at];
	Role role = fields->faulty[at] ? ROLE_FAULT : is_selected(packet, at) ? ROLE_FIELD : ROLE_NORMAL;
	char hex[3], text[2] = {octet >= 0x20 && octet < 0x7F ? (char)octet : '.', '\0'};
	g_snprintf(hex, sizeof hex, "%02x", octet);
	bool hidden = packet_field_hidden(view->report, packet_field(fields, fields->owners[at]));
	area_text(area, x, y, role, hidden ? "**" : hex);
	area_text(area, x_text, y, role, hidden ? "*" : text);
	if (packet->in_hex && at == packet->octet) {
		area_cursor(area, x, y, 2);
		area_cursor(area, x_text, y, 1);
	}
}

void packet_draw_hex(PacketView *packet, const View *view, Area area)
{
	uint32_t size = (uint32_t)packet->fields.octets.size, per_row = (uint32_t)packet->per_row;
	packet->hex_at = area;
	if (per_row == 0)
		return;
	packet->hex.cursor = packet->octet / per_row;
	scroller_fit(&packet->hex, (size + per_row - 1) / per_row, area.rows);
	for (int y = 0; y < area.rows; y++) {
		uint32_t begin = (uint32_t)(packet->hex.top + y) * per_row;
		if (begin >= size)
			break;
		char offset[16];
		g_snprintf(offset, sizeof offset, "%04x", begin);
		area_text(area, 0, y, ROLE_FAINT, offset);
		for (uint32_t at = begin; at < MIN(begin + per_row, size); at++)
			draw_octet(packet, view, area, y, at);
	}
}

bool packet_act_hex(PacketView *packet, Action action)
{
	int64_t size = (int64_t)packet->fields.octets.size, at = packet->octet;
	int64_t row = MAX(packet->per_row, 1), page = row * MAX(packet->hex.rows - 1, 1);
	switch ((int)action) {
	case ACTION_LEFT: at--; break;
	case ACTION_RIGHT: at++; break;
	case ACTION_UP: at -= row; break;
	case ACTION_DOWN: at += row; break;
	case ACTION_PAGE_UP: at -= page; break;
	case ACTION_PAGE_DOWN: at += page; break;
	case ACTION_TOP: at = 0; break;
	case ACTION_BOTTOM: at = size - 1; break;
	default: return false;
	}
	if (size > 0)
		packet_select_octet(packet, (uint32_t)CLAMP(at, 0, size - 1));
	return true;
}

uint32_t packet_octet_at(const PacketView *packet, int x, int y)
{
	int text = OFFSET_COLUMNS + packet->per_row * 3 + 1, column = (x - OFFSET_COLUMNS) / 3;
	if (x >= text)
		column = x - text;
	if (x < OFFSET_COLUMNS || column >= packet->per_row || y < 0 || y >= packet->hex_at.rows)
		return UINT32_MAX;
	uint64_t at = (uint64_t)(packet->hex.top + y) * (uint64_t)packet->per_row + (uint64_t)column;
	return at < packet->fields.octets.size ? (uint32_t)at : UINT32_MAX;
}
