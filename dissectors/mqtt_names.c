/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_names.h"

/* What the columns of the tables are written in: sets of packets, and of senders. */
enum {
	WILL = 1,
#define MQTT_PACKET(value, NAME, ...) NAME = 1 << value,
#include "dissectors/mqtt_packets.def"
#undef MQTT_PACKET
	ALL_BUT_PINGS = 0xFFFF & ~(WILL | PINGREQ | PINGRESP),
};
enum { NOBODY = 0, CLIENT = 1, SERVER = 2, EITHER = CLIENT | SERVER };
#define MQTT_FAULT_NONE MQTT_N_FAULTS

/* clang-format off */
static const MqttTypeInfo types[MQTT_N_TYPES] = {
	[MQTT_RESERVED] = {.name = "Reserved"},
#define MQTT_PACKET(value, NAME, flags, mask, mask_3_1, senders, senders_3) \
	[value] = {#NAME, flags, mask, mask_3_1, senders, senders_3},
#include "dissectors/mqtt_packets.def"
#undef MQTT_PACKET
};

static const MqttPropertyInfo properties[MQTT_N_PROPERTIES] = {
#define MQTT_PROPERTY(id, NAME, label, key, TYPE, allowed, repeats, least, most, FAULT, clause) \
	{id, label, key, MQTT_PROPERTY_##TYPE, allowed, repeats, least, most, MQTT_FAULT_##FAULT, clause},
#include "dissectors/mqtt_properties.def"
#undef MQTT_PROPERTY
};

/* By wire id, counted from 1 so that 0 is none. */
static const uint8_t property_indexes[0x80] = {
#define MQTT_PROPERTY(id, NAME, ...) [id] = MQTT_PROP_##NAME + 1,
#include "dissectors/mqtt_properties.def"
#undef MQTT_PROPERTY
};

static const uint16_t reason_packets[256] = {
#define MQTT_REASON(code, name, packets) [code] = packets,
#define MQTT_REASON_CALLED(...)
#define MQTT_RETURN_CODE(...)
#include "dissectors/mqtt_reasons.def"
#undef MQTT_REASON
#undef MQTT_REASON_CALLED
#undef MQTT_RETURN_CODE
};

static const MqttFaultInfo faults[MQTT_N_FAULTS] = {
#define MQTT_FAULT(NAME, name, says, clause) {name, says, clause},
#include "dissectors/mqtt_faults.def"
#undef MQTT_FAULT
};

/* The key of a code that one packet type gives its own name. */
#define OF(TYPE, code) (MQTT_##TYPE << 8 | (code))

static const char *reason_name(uint8_t code)
{
	switch (code) {
#define MQTT_REASON(code, name, packets) case code: return name;
#define MQTT_REASON_CALLED(...)
#define MQTT_RETURN_CODE(...)
#include "dissectors/mqtt_reasons.def"
#undef MQTT_REASON
#undef MQTT_REASON_CALLED
#undef MQTT_RETURN_CODE
	default: return NULL;
	}
}

static const char *reason_called(unsigned of)
{
	switch (of) {
#define MQTT_REASON(...)
#define MQTT_REASON_CALLED(code, TYPE, name) case OF(TYPE, code): return name;
#define MQTT_RETURN_CODE(...)
#include "dissectors/mqtt_reasons.def"
#undef MQTT_REASON
#undef MQTT_REASON_CALLED
#undef MQTT_RETURN_CODE
	default: return NULL;
	}
}

static const char *return_code_name(unsigned of)
{
	switch (of) {
#define MQTT_REASON(...)
#define MQTT_REASON_CALLED(...)
#define MQTT_RETURN_CODE(TYPE, code, name) case OF(TYPE, code): return name;
#include "dissectors/mqtt_reasons.def"
#undef MQTT_REASON
#undef MQTT_REASON_CALLED
#undef MQTT_RETURN_CODE
	default: return NULL;
	}
}
/* clang-format on */

const MqttTypeInfo *mqtt_type_info(MqttType type)
{
	return &types[type & 15];
}

const char *mqtt_type_name(MqttType type)
{
	return types[type & 15].name;
}

bool mqtt_type_sent_by(MqttType type, MqttVersion version, bool client)
{
	const MqttTypeInfo *info = mqtt_type_info(type);
	unsigned senders = version == MQTT_5_0 ? info->senders : info->senders_3;
	return (senders & (client ? CLIENT : SERVER)) != 0;
}

const char *mqtt_version_name(MqttVersion version)
{
	switch (version) {
	case MQTT_3_1: return "3.1";
	case MQTT_3_1_1: return "3.1.1";
	case MQTT_5_0: return "5.0";
	case MQTT_VERSION_UNKNOWN: break;
	}
	return "unknown";
}

const MqttPropertyInfo *mqtt_property_info(MqttPropertyIndex index)
{
	return &properties[index];
}

MqttPropertyIndex mqtt_property_index(uint32_t id)
{
	if (id >= sizeof property_indexes || property_indexes[id] == 0)
		return MQTT_N_PROPERTIES;
	return (MqttPropertyIndex)(property_indexes[id] - 1);
}

bool mqtt_reason_allowed(MqttType type, MqttVersion version, uint8_t code)
{
	if (version == MQTT_5_0)
		return (reason_packets[code] >> type & 1) != 0;
	if (version == MQTT_3_1 && type == MQTT_SUBACK)
		return (code & 3) != 3; /* the other bits are unused, and need not even be zero */
	return return_code_name((unsigned)type << 8 | code) != NULL;
}

const char *mqtt_reason_name(MqttType type, MqttVersion version, uint8_t code)
{
	unsigned of = (unsigned)type << 8 | code;
	if (version != MQTT_5_0)
		return return_code_name(of);
	if (!mqtt_reason_allowed(type, version, code))
		return NULL;
	const char *called = reason_called(of);
	return called != NULL ? called : reason_name(code);
}

const MqttFaultInfo *mqtt_fault_info(MqttFaultId id)
{
	return &faults[id];
}

bool mqtt_fault_is_malformed(MqttFaultId id)
{
	static const bool malformed[MQTT_N_FAULTS] = {
		[MQTT_FAULT_TYPE_RESERVED] = true,
		[MQTT_FAULT_AUTH_BEFORE_5] = true,
		[MQTT_FAULT_FLAGS_RESERVED] = true,        /* 5.0 §2.1.3 */
		[MQTT_FAULT_LENGTH_INVALID] = true,
		[MQTT_FAULT_LENGTH_NOT_MINIMAL] = true,
		[MQTT_FAULT_ENDS_EARLY] = true,
		[MQTT_FAULT_OCTETS_LEFT_OVER] = true,
		[MQTT_FAULT_UTF8_ILL_FORMED] = true,       /* 5.0 §1.5.4 */
		[MQTT_FAULT_UTF8_NUL] = true,              /* 5.0 §1.5.4 */
		[MQTT_FAULT_CONNECT_FLAG_RESERVED] = true, /* 5.0 §3.1.2.3 */
		[MQTT_FAULT_WILL_QOS_INVALID] = true,      /* 5.0 §3.1.2.6 */
		[MQTT_FAULT_QOS_INVALID] = true,           /* 5.0 §3.3.1.2 */
		[MQTT_FAULT_OPTIONS_RESERVED] = true,      /* 5.0 [MQTT-3.8.3-5] */
		[MQTT_FAULT_PROPERTIES_TOO_LONG] = true,
		[MQTT_FAULT_PROPERTY_UNKNOWN] = true,      /* 5.0 §2.2.2.2 */
		[MQTT_FAULT_PROPERTY_NOT_ALLOWED] = true,  /* 5.0 §2.2.2.2 */
		[MQTT_FAULT_PROPERTY_ENDS_EARLY] = true,
	};
	return malformed[id];
}
