/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_tree_walk.h"
#include "dissectors/mqtt_utf8.h"

uint8_t tree_octet(const TreeWalk *walk)
{
	return tree_left(walk) > 0 ? walk->octets.data[walk->at] : 0;
}

static void add(TreeWalk *walk, MqttField field)
{
	field.offset = walk->at;
	field.fault = -1;
	if (field.text.data == NULL)
		field.text = (ByteSpan){(const uint8_t *)"", 0};
	g_array_append_val(walk->fields, field);
	walk->at += field.size;
}

void tree_value(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, char *value)
{
	if (tree_left(walk) < size)
		walk->lost = true;
	if (walk->lost)
		g_free(value);
	else
		add(walk, (MqttField){.depth = (uint8_t)depth, .label = label, .size = size, .value = value});
}

static char *octets_not_shown(size_t size)
{
	return g_strdup_printf("%zu octet%s, not shown", size, size == 1 ? "" : "s");
}

static bool is_text(ByteSpan span)
{
	size_t at = 0;
	return utf8_check(span, UTF8_PAYLOAD, &at) == UTF8_WELL_FORMED;
}

void tree_span(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, ByteSpan text,
               MqttPrivacy privacy)
{
	MqttField field = {.depth = (uint8_t)depth, .label = label, .size = size};
	field.privacy = (uint8_t)privacy;
	field.binary = !is_text(text);
	if (privacy == MQTT_SECRET)
		field.value = octets_not_shown(text.size);
	else
		field.text = text;
	add(walk, field);
}

bool tree_string(TreeWalk *walk, unsigned depth, const char *label, ByteSpan text, MqttPrivacy privacy)
{
	const uint8_t *here = walk->octets.data + walk->at;
	walk->lost = walk->lost || tree_left(walk) < 2 || text.data != here + 2;
	if (!walk->lost)
		tree_span(walk, depth, label, (uint32_t)text.size + 2, text, privacy);
	return !walk->lost;
}

void tree_octets(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, MqttPrivacy privacy)
{
	ByteSpan text = {walk->octets.data + walk->at, MIN(size, tree_left(walk))};
	tree_span(walk, depth, label, (uint32_t)text.size, text, privacy);
	if (privacy != MQTT_PAYLOAD)
		g_array_index(walk->fields, MqttField, walk->fields->len - 1).binary = true;
}

void tree_bits(TreeWalk *walk, unsigned depth, const char *label, uint8_t mask, char *value)
{
	if (walk->lost || walk->at == 0) {
		g_free(value);
		return;
	}
	walk->at--;
	unsigned bits = tree_octet(walk) & mask;
	unsigned number = bits / (mask & -(unsigned)mask); /* its lowest bit: shifted to the right */
	MqttField field = {.depth = (uint8_t)depth, .mask = mask, .label = label, .size = 1};
	field.value = value != NULL ? value : g_strdup_printf("%u", number);
	add(walk, field);
}

void tree_implied(TreeWalk *walk, unsigned depth, const char *label, const char *value,
                  const char *clause)
{
	add(walk, (MqttField){
			  .depth = (uint8_t)depth, .label = label, .value = g_strdup(value), .clause = clause});
}

guint tree_open(TreeWalk *walk, unsigned depth, const char *label)
{
	add(walk, (MqttField){.depth = (uint8_t)depth, .label = label});
	return walk->fields->len - 1;
}

void tree_close(TreeWalk *walk, guint opened, char *value)
{
	MqttField *field = &g_array_index(walk->fields, MqttField, opened);
	field->size = walk->at - field->offset;
	field->value = value;
	if (field->size == 0 && walk->fields->len == opened + 1)
		g_array_set_size(walk->fields, opened);
}
