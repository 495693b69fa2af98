/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_decoder.h"
#include "dissectors/mqtt_names.h"
#include "dissectors/mqtt_tree_walk.h"

/* What the absence of a property means. */
typedef struct Implied {
	MqttType where; /* MQTT_RESERVED: Will Properties */
	MqttPropertyIndex index;
	const char *value;
	const char *clause;
} Implied;

static const Implied implied[] = {
	{MQTT_CONNECT, MQTT_PROP_SESSION_EXPIRY_INTERVAL, "absent, so 0: the session ends with the connection",
	 "5.0 §3.1.2.11.2"},
	{MQTT_CONNECT, MQTT_PROP_RECEIVE_MAXIMUM, "absent, so 65535", "5.0 §3.1.2.11.3"},
	{MQTT_CONNECT, MQTT_PROP_MAXIMUM_PACKET_SIZE, "absent, so no limit of its own", "5.0 §3.1.2.11.4"},
	{MQTT_CONNECT, MQTT_PROP_TOPIC_ALIAS_MAXIMUM, "absent, so 0", "5.0 §3.1.2.11.5"},
	{MQTT_CONNECT, MQTT_PROP_REQUEST_RESPONSE_INFORMATION, "absent, so 0", "5.0 §3.1.2.11.6"},
	{MQTT_CONNECT, MQTT_PROP_REQUEST_PROBLEM_INFORMATION, "absent, so 1", "5.0 §3.1.2.11.7"},
	{MQTT_RESERVED, MQTT_PROP_WILL_DELAY_INTERVAL, "absent, so 0", "5.0 §3.1.3.2.2"},
	{MQTT_RESERVED, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, "absent, so 0: unspecified octets",
	 "5.0 §3.1.3.2.3"},
	{MQTT_RESERVED, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, "absent, so it does not expire", "5.0 §3.1.3.2.4"},
	{MQTT_CONNACK, MQTT_PROP_SESSION_EXPIRY_INTERVAL, "absent, so what the CONNECT says",
	 "5.0 §3.2.2.3.2"},
	{MQTT_CONNACK, MQTT_PROP_RECEIVE_MAXIMUM, "absent, so 65535", "5.0 §3.2.2.3.3"},
	{MQTT_CONNACK, MQTT_PROP_MAXIMUM_QOS, "absent, so 2", "5.0 §3.2.2.3.4"},
	{MQTT_CONNACK, MQTT_PROP_RETAIN_AVAILABLE, "absent, so 1", "5.0 §3.2.2.3.5"},
	{MQTT_CONNACK, MQTT_PROP_MAXIMUM_PACKET_SIZE, "absent, so no limit of its own", "5.0 §3.2.2.3.6"},
	{MQTT_CONNACK, MQTT_PROP_TOPIC_ALIAS_MAXIMUM, "absent, so 0", "5.0 §3.2.2.3.8"},
	{MQTT_CONNACK, MQTT_PROP_WILDCARD_SUBSCRIPTION_AVAILABLE, "absent, so 1", "5.0 §3.2.2.3.11"},
	{MQTT_CONNACK, MQTT_PROP_SUBSCRIPTION_IDENTIFIERS_AVAILABLE, "absent, so 1", "5.0 §3.2.2.3.12"},
	{MQTT_CONNACK, MQTT_PROP_SHARED_SUBSCRIPTION_AVAILABLE, "absent, so 1", "5.0 §3.2.2.3.13"},
	{MQTT_CONNACK, MQTT_PROP_SERVER_KEEP_ALIVE, "absent, so the Keep Alive of the CONNECT",
	 "5.0 §3.2.2.3.14"},
	{MQTT_PUBLISH, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, "absent, so 0: unspecified octets",
	 "5.0 §3.3.2.3.2"},
	{MQTT_PUBLISH, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, "absent, so it does not expire", "5.0 §3.3.2.3.3"},
	{MQTT_DISCONNECT, MQTT_PROP_SESSION_EXPIRY_INTERVAL, "absent, so as it was before", "5.0 §3.14.2.2.2"},
};

static MqttPrivacy privacy_of(MqttPropertyIndex index)
{
	static const uint8_t of[MQTT_N_PROPERTIES] = {
		[MQTT_PROP_RESPONSE_TOPIC] = MQTT_TOPIC,
		[MQTT_PROP_CORRELATION_DATA] = MQTT_PRIVATE,
		[MQTT_PROP_AUTHENTICATION_DATA] = MQTT_SECRET,
		[MQTT_PROP_RESPONSE_INFORMATION] = MQTT_PRIVATE,
		[MQTT_PROP_REASON_STRING] = MQTT_PRIVATE,
		[MQTT_PROP_CONTENT_TYPE] = MQTT_PRIVATE,
		[MQTT_PROP_USER_PROPERTY] = MQTT_PRIVATE,
	};
	return (MqttPrivacy)of[index];
}

static char *number_text(MqttPropertyIndex index, uint32_t number)
{
	static const uint32_t seconds =
		1u << MQTT_PROP_SESSION_EXPIRY_INTERVAL | 1u << MQTT_PROP_MESSAGE_EXPIRY_INTERVAL |
		1u << MQTT_PROP_WILL_DELAY_INTERVAL | 1u << MQTT_PROP_SERVER_KEEP_ALIVE;
	/* 0xFFFFFFFF: 5.0 §3.1.2.11.2 */
	if (index == MQTT_PROP_SESSION_EXPIRY_INTERVAL && number == UINT32_MAX)
		return g_strdup("4294967295: it does not expire");
	return g_strdup_printf("%u%s", number, (seconds >> index & 1) != 0 ? " s"
	                                       : index == MQTT_PROP_MAXIMUM_PACKET_SIZE ? " octets"
	                                                                               : "");
}

static void pair(TreeWalk *walk, unsigned depth, const MqttPropertyValue *value, uint32_t id_size)
{
	guint opened = tree_open(walk, depth, mqtt_property_info(value->index)->label);
	tree_value(walk, depth + 1, "Identifier", id_size, g_strdup("38"));
	tree_string(walk, depth + 1, "Name", value->text, MQTT_PRIVATE);
	tree_string(walk, depth + 1, "Value", value->value, MQTT_PRIVATE);
	tree_close(walk, opened, NULL);
}

/* The property in the next @size octets. */
static void property(TreeWalk *walk, unsigned depth, const MqttPropertyValue *value, uint32_t size)
{
	const MqttPropertyInfo *info = mqtt_property_info(value->index);
	switch (info->type) {
	case MQTT_PROPERTY_PAIR:
		pair(walk, depth, value, size - 4 - (uint32_t)(value->text.size + value->value.size));
		return;
	case MQTT_PROPERTY_STRING:
	case MQTT_PROPERTY_BINARY:
		tree_span(walk, depth, info->label, size, value->text, privacy_of(value->index));
		return;
	case MQTT_PROPERTY_BYTE:
	case MQTT_PROPERTY_U16:
	case MQTT_PROPERTY_U32:
	case MQTT_PROPERTY_VARINT: break;
	}
	tree_value(walk, depth, info->label, size, number_text(value->index, value->number));
}

/* False: some cannot be told apart. */
static bool all_properties(TreeWalk *walk, unsigned depth, const MqttProperties *properties)
{
	size_t position = 0, before = 0;
	MqttPropertyValue value;
	while (!tree_full(walk) && mqtt_property_next(properties, &position, &value)) {
		property(walk, depth, &value, (uint32_t)(position - before));
		before = position;
	}
	uint32_t left = (uint32_t)(properties->raw.size - before);
	if (left > 0)
		tree_octets(walk, depth, tree_full(walk) ? "Further properties" : "Undecoded octets", left,
		            MQTT_SECRET);
	return left == 0;
}

/* Property by property, so that what is not there is only told where it could have been seen. */
static void implied_properties(TreeWalk *walk, unsigned depth, MqttType where,
                               const MqttProperties *properties)
{
	for (size_t i = 0; i < G_N_ELEMENTS(implied); i++) {
		const Implied *one = &implied[i];
		if (one->where == where && !mqtt_has_property(properties, one->index))
			tree_implied(walk, depth, mqtt_property_info(one->index)->label, one->value,
			             one->clause);
	}
}

void tree_properties(TreeWalk *walk, MqttType where, const MqttProperties *properties)
{
	Reader reader = {walk->octets, walk->at, false};
	Varint length = read_varint(&reader);
	if (walk->lost || reader.failed) {
		walk->lost = true;
		return;
	}
	bool will = where == MQTT_RESERVED;
	guint opened = tree_open(walk, 2, will ? "Will Properties" : "Properties");
	tree_value(walk, 3, "Property Length", (uint32_t)(reader.offset - walk->at),
	           g_strdup_printf("%u", length.value));
	bool found = length.value == 0 || properties->raw.data == walk->octets.data + walk->at;
	bool complete = found && properties->raw.size == length.value;
	bool read = found && all_properties(walk, 3, properties);
	if (complete && read)
		implied_properties(walk, 3, where, properties);
	tree_close(walk, opened, NULL);
	if (!complete)
		walk->lost = true;
}
