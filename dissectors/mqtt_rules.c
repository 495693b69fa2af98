/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_rules.h"

#include <string.h>

#include "dissectors/mqtt_names.h"

/* One look at a packet; what a rule needs. */
typedef struct Check {
	MqttRules *rules;
	const MqttRuleView *view;
	MqttPacket *packet;
	bool from_client;
	bool version_5;
} Check;

static void fault(const Check *check, MqttFaultId id)
{
	mqtt_add_fault(check->packet, id, 0);
}

static bool has(const Check *check, MqttPropertyIndex index)
{
	return mqtt_has_property(&check->packet->properties, index);
}

static uint32_t number(const MqttPacket *packet, MqttPropertyIndex index, uint32_t absent)
{
	return mqtt_has_property(&packet->properties, index) ? packet->properties.number[index] : absent;
}

/* Nothing of either side can have been missed since the CONNECT. */
static bool seen_whole(const MqttRules *rules)
{
	return rules->connect && !rules->hole[0] && !rules->hole[1];
}

static void learn_limits(MqttLimits *limits, const MqttPacket *packet)
{
	*limits = (MqttLimits){
		.packet_size = number(packet, MQTT_PROP_MAXIMUM_PACKET_SIZE, 0),
		.receive_maximum = (uint16_t)number(packet, MQTT_PROP_RECEIVE_MAXIMUM, UINT16_MAX),
		.alias_maximum = (uint16_t)number(packet, MQTT_PROP_TOPIC_ALIAS_MAXIMUM, 0),
		.known = true,
	};
}

static void check_connect(const Check *check)
{
	MqttRules *rules = check->rules;
	const MqttPacket *packet = check->packet;

	if (rules->connect) {
		if (check->from_client)
			fault(check, MQTT_FAULT_CONNECT_AGAIN);
		return;
	}
	rules->connect = true;
	rules->connect_whole = !packet->truncated;
	for (unsigned side = 0; side < 2; side++)
		rules->hole[side] = rules->hole[side] || rules->any[side]; /* it came late, or not first */
	if (packet->truncated)
		return;
	rules->clean_start = packet->connect.clean_start;
	rules->empty_client_id = packet->connect.client_id.size == 0;
	rules->expires = number(packet, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 0) != 0;
	rules->auth_method = has(check, MQTT_PROP_AUTHENTICATION_METHOD);
	rules->wants_problems = number(packet, MQTT_PROP_REQUEST_PROBLEM_INFORMATION, 1) != 0;
	rules->wants_response = number(packet, MQTT_PROP_REQUEST_RESPONSE_INFORMATION, 0) != 0;
	learn_limits(&rules->limits[check->view->side], packet);
}

static void check_assigned_id(const Check *check)
{
	bool assigned = has(check, MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER);

	if (!check->version_5 || !check->rules->connect_whole)
		return;
	if (!assigned && check->rules->empty_client_id && !check->packet->truncated)
		fault(check, MQTT_FAULT_ASSIGNED_ID_MISSING);
	if (assigned && !check->rules->empty_client_id)
		fault(check, MQTT_FAULT_ASSIGNED_ID_UNASKED);
}

static void learn_connack(const Check *check)
{
	MqttRules *rules = check->rules;
	const MqttPacket *packet = check->packet;

	rules->connack = true;
	rules->connack_whole = !packet->truncated && check->version_5;
	if (!rules->connack_whole)
		return;
	learn_limits(&rules->limits[check->view->side], packet);
	rules->maximum_qos = (uint8_t)number(packet, MQTT_PROP_MAXIMUM_QOS, 2);
	rules->no_retain = number(packet, MQTT_PROP_RETAIN_AVAILABLE, 1) == 0;
	rules->no_wildcards = number(packet, MQTT_PROP_WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 0;
	rules->no_identifiers = number(packet, MQTT_PROP_SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 1) == 0;
	rules->no_shared = number(packet, MQTT_PROP_SHARED_SUBSCRIPTION_AVAILABLE, 1) == 0;
}

static void check_connack(const Check *check)
{
	MqttRules *rules = check->rules;
	const MqttPacket *packet = check->packet;
	bool accepted = packet->has_reason && packet->reason == 0;

	if (check->from_client)
		return;
	if (rules->connack) {
		fault(check, MQTT_FAULT_CONNACK_AGAIN);
		return;
	}
	if (accepted && packet->connack.session_present && rules->connect_whole &&
	    rules->clean_start && check->view->version >= MQTT_3_1_1)
		fault(check, MQTT_FAULT_SESSION_PRESENT_AFTER_CLEAN);
	if (accepted)
		check_assigned_id(check);
	if (has(check, MQTT_PROP_RESPONSE_INFORMATION) && rules->connect_whole && !rules->wants_response)
		fault(check, MQTT_FAULT_RESPONSE_INFORMATION_UNASKED);
	if (has(check, MQTT_PROP_AUTHENTICATION_METHOD) && rules->connect_whole && !rules->auth_method)
		fault(check, MQTT_FAULT_AUTHENTICATION_UNASKED);
	learn_connack(check);
}

static void check_alias(const Check *check, const MqttLimits *receiver)
{
	const MqttPacket *packet = check->packet;
	uint32_t alias = number(packet, MQTT_PROP_TOPIC_ALIAS, 0);

	if (alias == 0)
		return;
	if (receiver->known && alias > receiver->alias_maximum)
		fault(check, MQTT_FAULT_TOPIC_ALIAS_OVER_MAXIMUM);
	else if (check->view->alias == MQTT_ALIAS_NONE && !check->rules->hole[check->view->side] &&
	         check->rules->connect)
		fault(check, MQTT_FAULT_TOPIC_ALIAS_UNMAPPED);
}

/* The limits of CONNACK bind a client that waited for it. */
static bool server_limits_bind(const Check *check)
{
	return check->from_client && check->rules->connack_whole && !check->rules->eager;
}

static const MqttLimits *receiver_limits(const Check *check)
{
	static const MqttLimits none = {.receive_maximum = UINT16_MAX, .alias_maximum = UINT16_MAX};

	if (check->from_client && !server_limits_bind(check))
		return &none;
	return &check->rules->limits[1 - check->view->side];
}

static void check_publish(const Check *check)
{
	const MqttPublish *publish = &check->packet->publish;
	const MqttLimits *receiver = receiver_limits(check);

	check_alias(check, receiver);
	if (receiver->known && publish->qos > 0 && publish->qos < 3 &&
	    check->view->n_fresh > receiver->receive_maximum &&
	    check->view->pairing.mismatch == MQTT_PAIRED)
		fault(check, MQTT_FAULT_RECEIVE_MAXIMUM_EXCEEDED);
	if (check->from_client && has(check, MQTT_PROP_SUBSCRIPTION_IDENTIFIER))
		fault(check, MQTT_FAULT_IDENTIFIER_FROM_CLIENT);
	if (!server_limits_bind(check))
		return;
	if (publish->qos > check->rules->maximum_qos && publish->qos < 3)
		fault(check, MQTT_FAULT_MAXIMUM_QOS_EXCEEDED);
	if (publish->retain && check->rules->no_retain)
		fault(check, MQTT_FAULT_RETAIN_NOT_AVAILABLE);
}

static bool is_shared(ByteSpan filter)
{
	return filter.size > 7 && memcmp(filter.data, "$share/", 7) == 0;
}

static bool has_wildcard(ByteSpan filter)
{
	return filter.size > 0 && (memchr(filter.data, '#', filter.size) != NULL ||
	                           memchr(filter.data, '+', filter.size) != NULL);
}

static void check_subscribe(const Check *check)
{
	const MqttRules *rules = check->rules;
	MqttFilter filter;
	size_t position = 0;
	bool wildcard = false, shared = false;

	if (!server_limits_bind(check))
		return;
	while (mqtt_filter_next(check->packet, &position, &filter)) {
		wildcard = wildcard || has_wildcard(filter.filter);
		shared = shared || is_shared(filter.filter);
	}
	if (wildcard && rules->no_wildcards)
		fault(check, MQTT_FAULT_WILDCARD_NOT_AVAILABLE);
	if (shared && rules->no_shared)
		fault(check, MQTT_FAULT_SHARE_NOT_AVAILABLE);
	if (rules->no_identifiers && has(check, MQTT_PROP_SUBSCRIPTION_IDENTIFIER))
		fault(check, MQTT_FAULT_IDENTIFIER_NOT_AVAILABLE);
}

static void check_disconnect(const Check *check)
{
	MqttRules *rules = check->rules;

	rules->disconnected[check->view->side] = true;
	if (!check->version_5 || !has(check, MQTT_PROP_SESSION_EXPIRY_INTERVAL))
		return;
	if (!check->from_client)
		fault(check, MQTT_FAULT_EXPIRY_FROM_SERVER);
	else if (rules->connect_whole && !rules->expires &&
	         number(check->packet, MQTT_PROP_SESSION_EXPIRY_INTERVAL, 0) != 0)
		fault(check, MQTT_FAULT_EXPIRY_RAISED_FROM_0);
}

static void check_auth(const Check *check)
{
	if (check->version_5 && check->rules->connect_whole && !check->rules->auth_method)
		fault(check, MQTT_FAULT_AUTHENTICATION_UNASKED);
}

static void check_problem_information(const Check *check)
{
	bool told = has(check, MQTT_PROP_REASON_STRING) || has(check, MQTT_PROP_USER_PROPERTY);
	MqttType type = check->packet->type;

	if (told && !check->from_client && check->rules->connect_whole && check->version_5 &&
	    !check->rules->wants_problems && type != MQTT_PUBLISH && type != MQTT_CONNACK &&
	    type != MQTT_DISCONNECT)
		fault(check, MQTT_FAULT_PROBLEM_INFORMATION_UNASKED);
}

static void check_pairing(const Check *check)
{
	const MqttPairing *pairing = &check->view->pairing;
	unsigned asker = 1 - check->view->side;

	if (pairing->uncertain || !check->rules->connect)
		return;
	switch (pairing->mismatch) {
	case MQTT_PAIRED:
		break;
	case MQTT_ID_IN_USE:
		fault(check, MQTT_FAULT_PACKET_ID_IN_USE);
		break;
	case MQTT_SENT_AGAIN:
		if (check->version_5)
			fault(check, MQTT_FAULT_SENT_AGAIN);
		break;
	case MQTT_NOTHING_OPEN:
		if (seen_whole(check->rules) && !check->rules->repeated[asker])
			fault(check, MQTT_FAULT_ACKNOWLEDGES_NOTHING);
		break;
	case MQTT_WRONG_ANSWER:
		fault(check, MQTT_FAULT_ACKNOWLEDGEMENT_WRONG);
		break;
	case MQTT_PUBREL_EARLY:
		fault(check, MQTT_FAULT_PUBREL_EARLY);
		break;
	case MQTT_WRONG_COUNT:
		fault(check, MQTT_FAULT_CODES_MISCOUNTED);
		break;
	}
}

/* The other side might have sent it.  What nobody may send is a fault of the packet itself. */
static void check_sender(const Check *check)
{
	if (!mqtt_type_sent_by(check->packet->type, check->view->version, !check->from_client))
		return;
	fault(check, check->from_client ? MQTT_FAULT_SENDER_NOT_SERVER : MQTT_FAULT_SENDER_NOT_CLIENT);
}

/* Where the packet stands in the connection, and who sends it. */
static void check_place(const Check *check)
{
	MqttRules *rules = check->rules;
	MqttType type = check->packet->type;
	unsigned side = check->view->side;

	if (rules->disconnected[side])
		fault(check, MQTT_FAULT_AFTER_DISCONNECT);
	if (!mqtt_type_sent_by(type, check->view->version, check->from_client))
		check_sender(check);
	if (check->from_client) {
		if (!rules->connack && type != MQTT_CONNECT && type != MQTT_AUTH)
			rules->eager = true;
		return;
	}
	if (!rules->connack && !rules->hole[side] && type != MQTT_CONNACK && type != MQTT_AUTH &&
	    check->view->version >= MQTT_3_1_1)
		fault(check, MQTT_FAULT_BEFORE_CONNACK);
}

static void check_by_type(const Check *check)
{
	switch (check->packet->type) {
	case MQTT_CONNECT:
		check_connect(check);
		break;
	case MQTT_CONNACK:
		check_connack(check);
		break;
	case MQTT_PUBLISH:
		check_publish(check);
		break;
	case MQTT_SUBSCRIBE:
		check_subscribe(check);
		break;
	case MQTT_DISCONNECT:
		check_disconnect(check);
		break;
	case MQTT_AUTH:
		check_auth(check);
		break;
	case MQTT_RESERVED:
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
	case MQTT_SUBACK:
	case MQTT_UNSUBSCRIBE:
	case MQTT_UNSUBACK:
	case MQTT_PINGREQ:
	case MQTT_PINGRESP:
	case MQTT_N_TYPES:
		break;
	}
}

static void check_first(const Check *check)
{
	const MqttRules *rules = check->rules;
	bool first = check->view->offset == 0 && rules->from_start && check->from_client;

	if (first && check->packet->type != MQTT_CONNECT)
		fault(check, MQTT_FAULT_CONNECT_NOT_FIRST);
}

void mqtt_rules_apply(MqttRules *rules, const MqttRuleView *view, MqttPacket *packet)
{
	Check check = {
		.rules = rules,
		.view = view,
		.packet = packet,
		.from_client = view->client_side == (int)view->side,
		.version_5 = view->version == MQTT_5_0,
	};
	uint32_t limit;

	if (view->pairing.mismatch == MQTT_SENT_AGAIN || view->pairing.mismatch == MQTT_ID_IN_USE)
		rules->repeated[view->side] = true;
	check_first(&check);
	if (!rules->connect && packet->type != MQTT_CONNECT) {
		rules->any[view->side] = true;
		return; /* joined midway: who is who, and what was agreed on, was not seen */
	}
	limit = receiver_limits(&check)->packet_size;
	if (limit > 0 && view->size > limit)
		fault(&check, MQTT_FAULT_MAXIMUM_PACKET_SIZE_EXCEEDED);
	if (rules->connect)
		check_place(&check);
	check_by_type(&check);
	check_pairing(&check);
	if (packet->properties.present != 0)
		check_problem_information(&check);
	rules->any[view->side] = true;
}

void mqtt_rules_hole(MqttRules *rules, unsigned side)
{
	rules->hole[side] = true;
}
