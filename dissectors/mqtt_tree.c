/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_tree_walk.h"

static void fixed_header_bits(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	tree_bits(walk, 3, "Control Packet Type", 0xF0,
	          g_strdup_printf("%u %s", (unsigned)packet->type, mqtt_type_name(packet->type)));
	if (packet->type != MQTT_PUBLISH) {
		bool fixed = packet->version != MQTT_3_1;
		tree_bits(walk, 3, fixed ? "Flags, reserved" : "Flags", 0x0F, NULL);
		return;
	}
	tree_bits(walk, 3, "DUP", 0x08, NULL);
	tree_bits(walk, 3, "QoS", 0x06, NULL);
	tree_bits(walk, 3, "RETAIN", 0x01, NULL);
}

static void fixed_header(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	guint opened = tree_open(walk, 1, "Fixed Header");
	tree_value(walk, 2, "Type and flags", 1, g_strdup(mqtt_type_name(packet->type)));
	fixed_header_bits(walk);
	if (packet->header_size > 1)
		tree_value(walk, 2, "Remaining Length", packet->header_size - 1u,
		           g_strdup_printf("%u", packet->remaining_length));
	else
		walk->lost = true;
	tree_close(walk, opened, NULL);
}

static void connect_flags(TreeWalk *walk)
{
	static const struct {
		uint8_t mask;
		const char *label;
	} bits[] = {{0x80, "User Name Flag"}, {0x40, "Password Flag"}, {0x20, "Will Retain"},
	            {0x18, "Will QoS"},       {0x04, "Will Flag"},     {0x02, "Clean Start"},
	            {0x01, "Reserved"}};
	bool clean_session = walk->packet->version != MQTT_5_0;
	tree_value(walk, 2, "Connect Flags", 1, g_strdup_printf("0x%02X", tree_octet(walk)));
	for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
		bool clean = bits[i].mask == 0x02 && clean_session;
		tree_bits(walk, 3, clean ? "Clean Session" : bits[i].label, bits[i].mask, NULL);
	}
}

static char *protocol_version(const MqttPacket *packet)
{
	if (packet->version == MQTT_VERSION_UNKNOWN)
		return g_strdup_printf("%u, not known", packet->connect.protocol_level);
	return g_strdup_printf("%u: MQTT %s%s", packet->connect.protocol_level,
	                       mqtt_version_name(packet->version),
	                       packet->connect.bridge ? ", with the bridge bit of mosquitto" : "");
}

/* Gives the Connect Flags. */
static uint8_t connect_header(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	tree_string(walk, 2, "Protocol Name", packet->connect.protocol_name, MQTT_SHOWN);
	tree_value(walk, 2, packet->version == MQTT_5_0 ? "Protocol Version" : "Protocol Level", 1,
	           protocol_version(packet));
	uint8_t flags = tree_octet(walk);
	connect_flags(walk);
	unsigned keep_alive = packet->connect.keep_alive;
	tree_value(walk, 2, "Keep Alive", 2,
	           g_strdup_printf(keep_alive > 0 ? "%u s" : "%u: off", keep_alive));
	if (packet->version == MQTT_VERSION_UNKNOWN)
		walk->lost = true;
	if (packet->version == MQTT_5_0)
		tree_properties(walk, MQTT_CONNECT, &packet->properties);
	return flags;
}

static void connect_payload(TreeWalk *walk, uint8_t flags)
{
	const MqttPacket *packet = walk->packet;
	const MqttConnect *connect = &packet->connect;
	guint opened = tree_open(walk, 1, "Payload");
	tree_string(walk, 2, "Client Identifier", connect->client_id, MQTT_SHOWN);
	if ((flags & 0x04) != 0 && !walk->lost) {
		if (packet->version == MQTT_5_0)
			tree_properties(walk, MQTT_RESERVED, &connect->will.properties);
		tree_string(walk, 2, "Will Topic", connect->will.topic, MQTT_TOPIC);
		tree_string(walk, 2, packet->version == MQTT_5_0 ? "Will Payload" : "Will Message",
		            connect->will.payload, MQTT_PAYLOAD);
	}
	if ((flags & 0x80) != 0)
		tree_string(walk, 2, "User Name", connect->username, MQTT_USER_NAME);
	if (!walk->lost && connect->has_password) {
		ByteSpan password = {walk->octets.data + walk->at + 2, connect->password_size};
		tree_string(walk, 2, "Password", password, MQTT_SECRET);
	}
	tree_close(walk, opened, NULL);
}

static void connack_header(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	tree_value(walk, 2, "Connect Acknowledge Flags", 1, g_strdup_printf("0x%02X", tree_octet(walk)));
	tree_bits(walk, 3, "Reserved", 0xFE, NULL);
	tree_bits(walk, 3, packet->version == MQTT_3_1 ? "Reserved" : "Session Present", 0x01, NULL);
}

static char *reason_text(const TreeWalk *walk, uint8_t code)
{
	const MqttPacket *packet = walk->packet;
	const char *name = mqtt_reason_name(packet->type, packet->version, code);
	return g_strdup_printf("0x%02X %s", code, name != NULL ? name : "(no code of the standard)");
}

/* What the absence of a Reason Code means where it may be left out. */
static void implied_reason(TreeWalk *walk)
{
	static const char *const clauses[MQTT_N_TYPES] = {
		[MQTT_PUBACK] = "5.0 §3.4.2.1",      [MQTT_PUBREC] = "5.0 §3.5.2.1",
		[MQTT_PUBREL] = "5.0 §3.6.2.1",      [MQTT_PUBCOMP] = "5.0 §3.7.2.1",
		[MQTT_DISCONNECT] = "5.0 §3.14.2.1", [MQTT_AUTH] = "5.0 §3.15.2.1",
	};
	if (clauses[walk->packet->type] == NULL)
		return;
	g_autofree char *code = reason_text(walk, 0);
	g_autofree char *value = g_strdup_printf("absent, so %s", code);
	tree_implied(walk, 2, "Reason Code", value, clauses[walk->packet->type]);
}

static void reason(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	bool v5 = packet->version == MQTT_5_0;
	if (packet->has_reason)
		tree_value(walk, 2, v5 ? "Reason Code" : "Return Code", 1, reason_text(walk, packet->reason));
	else if (v5 && !walk->lost && tree_left(walk) == 0 && !packet->truncated)
		implied_reason(walk);
	if (packet->type == MQTT_CONNACK ? v5 : v5 && tree_left(walk) > 0)
		tree_properties(walk, packet->type, &packet->properties);
	else if (v5 && packet->type == MQTT_DISCONNECT && !packet->truncated && !walk->lost)
		tree_implied(walk, 2, "Session Expiry Interval", "absent, so as it was before",
		             "5.0 §3.14.2.2.2");
}

static void packet_id(TreeWalk *walk)
{
	tree_value(walk, 2, "Packet Identifier", 2, g_strdup_printf("%u", walk->packet->packet_id));
}

static void publish_header(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	tree_string(walk, 2, "Topic Name", packet->publish.topic, MQTT_TOPIC);
	if (packet->publish.qos != 0)
		packet_id(walk);
	if (packet->version == MQTT_5_0)
		tree_properties(walk, MQTT_PUBLISH, &packet->properties);
}

static void publish_payload(TreeWalk *walk)
{
	if (walk->lost)
		return;
	tree_octets(walk, 1, "Payload", tree_left(walk), MQTT_PAYLOAD);
	MqttField *field = &g_array_index(walk->fields, MqttField, walk->fields->len - 1);
	uint32_t size = walk->packet->publish.payload_size;
	field->value = size == field->size
	                       ? g_strdup_printf("%u octet%s", size, size == 1 ? "" : "s")
	                       : g_strdup_printf("%u of %u octets", field->size, size);
}

static void options_bits(TreeWalk *walk)
{
	if (walk->packet->version == MQTT_5_0) {
		tree_bits(walk, 4, "Reserved", 0xC0, NULL);
		tree_bits(walk, 4, "Retain Handling", 0x30, NULL);
		tree_bits(walk, 4, "Retain As Published", 0x08, NULL);
		tree_bits(walk, 4, "No Local", 0x04, NULL);
	} else {
		tree_bits(walk, 4, "Reserved", 0xFC, NULL);
	}
	tree_bits(walk, 4, "QoS", 0x03, NULL);
}

static void subscription(TreeWalk *walk, const MqttFilter *filter)
{
	guint opened = tree_open(walk, 2, "Subscription");
	tree_string(walk, 3, "Topic Filter", filter->filter, MQTT_FILTER);
	tree_value(walk, 3, walk->packet->version == MQTT_5_0 ? "Subscription Options" : "Requested QoS",
	           1, g_strdup_printf("0x%02X", tree_octet(walk)));
	options_bits(walk);
	tree_close(walk, opened, g_strdup_printf("QoS %u", filter->qos));
}

static void filters(TreeWalk *walk)
{
	size_t position = 0;
	MqttFilter filter;
	while (!tree_full(walk) && mqtt_filter_next(walk->packet, &position, &filter)) {
		if (walk->packet->type == MQTT_SUBSCRIBE)
			subscription(walk, &filter);
		else
			tree_string(walk, 2, "Topic Filter", filter.filter, MQTT_FILTER);
	}
}

static void codes(TreeWalk *walk)
{
	const char *label = walk->packet->version == MQTT_5_0 ? "Reason Code" : "Return Code";
	size_t position = 0;
	uint8_t code;
	while (!tree_full(walk) && !walk->lost && mqtt_code_next(walk->packet, &position, &code))
		tree_value(walk, 2, label, 1, reason_text(walk, code));
}

static void entries(TreeWalk *walk)
{
	guint opened = tree_open(walk, 1, "Payload");
	bool is_filters = walk->packet->type == MQTT_SUBSCRIBE || walk->packet->type == MQTT_UNSUBSCRIBE;
	if (is_filters)
		filters(walk);
	else
		codes(walk);
	if (tree_full(walk) && tree_left(walk) > 0)
		tree_octets(walk, 2, "Further entries", tree_left(walk), MQTT_PRIVATE);
	tree_close(walk, opened, NULL);
}

static void with_id(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	packet_id(walk);
	bool acknowledges_filters = packet->type == MQTT_SUBSCRIBE || packet->type == MQTT_SUBACK ||
	                            packet->type == MQTT_UNSUBSCRIBE || packet->type == MQTT_UNSUBACK;
	if (!acknowledges_filters)
		reason(walk);
	else if (packet->version == MQTT_5_0)
		tree_properties(walk, packet->type, &packet->properties);
}

/* Gives the Connect Flags, 0 for others. */
static uint8_t variable_header(TreeWalk *walk)
{
	uint8_t flags = 0;
	guint opened = tree_open(walk, 1, "Variable Header");
	switch (walk->packet->type) {
	case MQTT_CONNECT: flags = connect_header(walk); break;
	case MQTT_CONNACK:
		connack_header(walk);
		reason(walk);
		break;
	case MQTT_PUBLISH: publish_header(walk); break;
	case MQTT_DISCONNECT: reason(walk); break;
	case MQTT_AUTH:
		if (walk->packet->version == MQTT_5_0)
			reason(walk);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
	case MQTT_SUBSCRIBE:
	case MQTT_SUBACK:
	case MQTT_UNSUBSCRIBE:
	case MQTT_UNSUBACK: with_id(walk); break;
	case MQTT_RESERVED:
	case MQTT_PINGREQ:
	case MQTT_PINGRESP:
	case MQTT_N_TYPES: break;
	}
	tree_close(walk, opened, NULL);
	return flags;
}

static void payload(TreeWalk *walk, uint8_t flags)
{
	MqttType type = walk->packet->type;
	if (type == MQTT_CONNECT)
		connect_payload(walk, flags);
	else if (type == MQTT_PUBLISH)
		publish_payload(walk);
	else if (type == MQTT_SUBSCRIBE || type == MQTT_SUBACK || type == MQTT_UNSUBSCRIBE ||
	         type == MQTT_UNSUBACK)
		entries(walk);
}

/* What no field has: left over, cut within a field, or behind a fault.  It may hold a password. */
static void rest(TreeWalk *walk)
{
	bool connect = walk->packet->type == MQTT_CONNECT;
	bool secret = connect || walk->packet->type == MQTT_AUTH;
	if (tree_left(walk) > 0)
		tree_octets(walk, 1, "Undecoded octets", tree_left(walk),
		            secret ? MQTT_SECRET : MQTT_PRIVATE);
}

static void not_captured(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	uint64_t whole = (uint64_t)packet->header_size + packet->remaining_length;
	if (!packet->truncated)
		return;
	g_autofree char *value =
		whole > walk->octets.size
			? g_strdup_printf("%" G_GUINT64_FORMAT " octets", whole - walk->octets.size)
			: g_strdup("the rest");
	tree_implied(walk, 1, "Not captured", value, NULL);
}

/* Bits are no fields of their own here: what a fault means is said of the octet. */
static uint32_t field_of(const GArray *fields, uint32_t offset)
{
	uint32_t found = UINT32_MAX;
	for (guint i = 0; i < fields->len; i++) {
		const MqttField *field = &g_array_index(fields, MqttField, i);
		if (field->mask == 0 && field->fault < 0 && offset >= field->offset &&
		    offset - field->offset < field->size)
			found = i;
	}
	return found;
}

uint32_t mqtt_tree_at(const GArray *tree, uint32_t offset)
{
	return field_of(tree, offset);
}

/* Behind all parts of the field that has its octet; a fault at the end, behind all. */
static void place_fault(TreeWalk *walk, const MqttFault *fault)
{
	GArray *fields = walk->fields;
	uint32_t owner = field_of(fields, fault->offset);
	bool at_end = owner == UINT32_MAX;
	const MqttFaultInfo *info = mqtt_fault_info(fault->id);
	MqttField field = {.label = info->says, .clause = info->clause, .fault = (int)fault->id};
	field.offset = MIN(fault->offset, (uint32_t)walk->octets.size);
	field.size = at_end ? 0 : 1;
	field.text = (ByteSpan){(const uint8_t *)"", 0};
	unsigned depth = at_end ? 0 : g_array_index(fields, MqttField, owner).depth;
	field.depth = (uint8_t)(depth + 1);
	guint behind = at_end ? fields->len : owner + 1;
	while (behind < fields->len && g_array_index(fields, MqttField, behind).depth > depth)
		behind++;
	g_array_insert_val(fields, behind, field);
}

static void place_faults(TreeWalk *walk)
{
	const MqttPacket *packet = walk->packet;
	for (uint32_t i = 0; i < MIN(packet->n_faults, (uint32_t)MQTT_MAX_FAULTS); i++)
		place_fault(walk, &packet->faults[i]);
	if (packet->n_faults <= MQTT_MAX_FAULTS)
		return;
	g_autofree char *value = g_strdup_printf("%u", packet->n_faults - MQTT_MAX_FAULTS);
	tree_implied(walk, 1, "Further faults", value, NULL);
}

/* Cuts what @octets has beyond the packet. */
static void decode(ByteSpan *octets, MqttVersion version, MqttPacket *packet)
{
	octets->size = MIN(octets->size, (size_t)UINT32_MAX / 2);
	mqtt_decode_cut(*octets, version, packet);
	size_t whole = (size_t)packet->header_size + packet->remaining_length;
	if (packet->header_size < 2 || whole > octets->size)
		return;
	octets->size = whole;
	mqtt_decode(*octets, version, packet);
}

static void clear_field(void *field)
{
	g_free(((MqttField *)field)->value);
}

GArray *mqtt_tree(ByteSpan octets, MqttVersion version)
{
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(MqttField));
	g_array_set_clear_func(fields, clear_field);
	if (octets.size == 0)
		return fields;
	MqttPacket packet = {.type = MQTT_RESERVED};
	decode(&octets, version, &packet);
	TreeWalk walk = {.fields = fields, .octets = octets, .packet = &packet};
	guint root = tree_open(&walk, 0, mqtt_type_name(packet.type));
	fixed_header(&walk);
	payload(&walk, variable_header(&walk));
	rest(&walk);
	tree_close(&walk, root,
	           g_strdup_printf("MQTT %s, %zu octets", mqtt_version_name(packet.version), octets.size));
	not_captured(&walk);
	place_faults(&walk);
	return fields;
}
