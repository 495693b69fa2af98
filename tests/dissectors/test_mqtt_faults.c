/* SPDX-License-Identifier: MIT */
/* Every rule that one packet can break: a packet that breaks it and nothing else, with the octet that
 * does, and packets that come close and are legal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "dissectors/mqtt_names.h"
#include "tests/dissectors/octets.h"

/* A CONNECT up to its flags takes 9 octets in 3.1.1 and 5.0, 11 in 3.1. */
#define CONNECT_31 "10 R \"MQIsdp\" 03 "
#define CONNECT_311 "10 R \"MQTT\" 04 "
#define CONNECT_5 "10 R \"MQTT\" 05 "
#define TEXT_23 "'abcdefghijklmnopqrstuvw'"

typedef struct Case {
	const char *clause;
	MqttVersion version;
	const char *text;
	unsigned offset;
} Case;

/* In place of an offset: nothing is wrong, and the clause says why. */
#define LEGAL UINT_MAX

typedef struct Rule {
	MqttFaultId fault;
	Case cases[14];
} Rule;

/* clang-format off */
static const Rule rules[] = {
	{MQTT_FAULT_TYPE_RESERVED, {
		{"3.1.1 §2.2.1", MQTT_3_1_1, "00 00", 0},
		{"5.0 §2.1.2", MQTT_5_0, "0F R 0102", 0},
		{"5.0 §2.1.2", MQTT_5_0, "C0 00", LEGAL}}},
	{MQTT_FAULT_AUTH_BEFORE_5, {
		{"3.1.1 §2.2.1", MQTT_3_1_1, "F0 00", 0},
		{"3.1 §2.1", MQTT_3_1, "F0 R 18 00", 0},
		{"5.0 §3.15", MQTT_5_0, "F0 00", LEGAL},
		{"5.0 §3.15", MQTT_VERSION_UNKNOWN, "F0 R 18 p4 15 \"m\"", LEGAL}}},
	{MQTT_FAULT_FLAGS_RESERVED, {
		{"5.0 [MQTT-2.1.3-1]", MQTT_5_0, "62 R 0001", LEGAL},
		{"5.0 [MQTT-2.1.3-1]", MQTT_5_0, "60 R 0001", 0},
		{"3.1.1 [MQTT-2.2.2-1]", MQTT_3_1_1, "6A R 0001", 0},
		{"3.1 §3.6", MQTT_3_1, "6A R 0001", LEGAL},
		{"3.1 §3.8", MQTT_3_1, "80 R 0001 \"f\" 00", 0},
		{"3.1.1 [MQTT-2.2.2-1]", MQTT_VERSION_UNKNOWN, "11 R \"MQTT\" 04 02 0000 \"c\"", 0},
		{"3.1 §2.6", MQTT_VERSION_UNKNOWN, "11 R \"MQIsdp\" 03 02 0000 \"c\"", LEGAL}}},
	{MQTT_FAULT_LENGTH_INVALID, {
		{"3.1.1 §2.2.3", MQTT_3_1_1, "C0 80 80 80 80 01", 1},
		{"5.0 §1.5.5", MQTT_5_0, "30 R \"t\" 80 80 80 80 01", 5},
		{"5.0 §1.5.5", MQTT_5_0, "82 R 0001 p6 0B 80 80 80 80 01 \"f\" 00", 5},
		{"5.0 §1.5.5", MQTT_5_0, "82 R 0001 p5 0B FF FF FF 7F \"f\" 00", LEGAL}}},
	{MQTT_FAULT_LENGTH_NOT_MINIMAL, {
		{"5.0 [MQTT-1.5.5-1]", MQTT_5_0, "C0 80 00", 1},
		{"5.0 [MQTT-1.5.5-1]", MQTT_VERSION_UNKNOWN, "10 8E 00 \"MQTT\" 05 02 0000 00 \"c\"", 1},
		{"5.0 [MQTT-1.5.5-1]", MQTT_5_0, "30 R \"t\" 80 00", 5},
		{"5.0 [MQTT-1.5.5-1]", MQTT_5_0, "82 R 0001 p3 0B 81 00 \"f\" 00", 6},
		{"5.0 [MQTT-1.5.5-1]", MQTT_5_0, "82 R 0001 p3 8B 00 01 \"f\" 00", 5},
		{"5.0 [MQTT-1.5.5-1]", MQTT_5_0, "82 R 0001 p3 0B 80 01 \"f\" 00", LEGAL},
		{"3.1.1 §2.2.3", MQTT_3_1_1, "C0 80 00", LEGAL},
		{"3.1 §2.1", MQTT_3_1, "C0 80 80 00", LEGAL}}},
	{MQTT_FAULT_ENDS_EARLY, {
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "20 R 00", 3},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "30 R 0005 'abcd'", 4},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "40 R 01", 2},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "82 R 0001 \"f\"", 7},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "C2 0000 \"c\" \"u\"", 18},
		{"3.1 §2.1", MQTT_3_1, "B0 00", 2},
		{"5.0 §1.2", MQTT_5_0, "20 R 00 00", 4},
		{"5.0 §1.2", MQTT_5_0, "F0 R 18", 3},
		{"5.0 §1.2", MQTT_5_0, "C0", 1},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "C2 0000 \"c\" \"u\"", LEGAL},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "C2 0000 \"c\"", LEGAL},
		{"5.0 §3.4.2.1", MQTT_5_0, "40 R 0001", LEGAL},
		{"5.0 §3.14.2.1", MQTT_5_0, "E0 00", LEGAL}}},
	{MQTT_FAULT_OCTETS_LEFT_OVER, {
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "C0 R 00", 2},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "40 R 0001 00", 4},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "E0 R 00", 2},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_3_1_1, "20 R 00 00 00", 4},
		{"3.1.1 [MQTT-4.8.0-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "02 0000 \"c\" 00", 15},
		{"3.1 §2.1", MQTT_3_1, "B0 R 0001 00", 4},
		{"5.0 §1.2", MQTT_5_0, "40 R 0001 00 00 FF", 6},
		{"5.0 §1.2", MQTT_5_0, "E0 R 00 00 00", 4},
		{"5.0 §3.4.2.2.1", MQTT_5_0, "40 R 0001 00", LEGAL},
		{"5.0 §3.14.2.2.1", MQTT_5_0, "E0 R 00", LEGAL},
		{"5.0 §3.14.2.2.1", MQTT_5_0, "E0 R 8E 00", LEGAL}}},
	{MQTT_FAULT_PACKET_ID_ZERO, {
		{"3.1.1 [MQTT-2.3.1-1]", MQTT_3_1_1, "32 R \"t\" 0000", 5},
		{"5.0 [MQTT-2.2.1-3]", MQTT_5_0, "34 R \"t\" 0000 00", 5},
		{"5.0 [MQTT-2.2.1-3]", MQTT_5_0, "82 R 0000 00 \"f\" 00", 2},
		{"3.1.1 [MQTT-2.3.1-1]", MQTT_3_1_1, "A2 R 0000 \"f\"", 2},
		{"3.1 §2.4", MQTT_3_1, "40 R 0000", 2},
		{"3.1.1 [MQTT-2.3.1-1]", MQTT_3_1_1, "90 R 0000 00", 2},
		{"3.1.1 [MQTT-2.3.1-1]", MQTT_3_1_1, "32 R \"t\" 0001", LEGAL},
		{"3.1.1 [MQTT-2.3.1-5]", MQTT_3_1_1, "30 R \"t\" 0000", LEGAL},
		{"3.1.1 [MQTT-2.3.1-1]", MQTT_3_1_1, "70 R 0100", LEGAL}}},
	{MQTT_FAULT_UTF8_ILL_FORMED, {
		{"3.1.1 [MQTT-1.5.3-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "02 0000 0001 FF", 14},
		{"3.1.1 [MQTT-1.5.3-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "06 0000 \"c\" 0002 'w' FF 0000", 18},
		{"3.1.1 [MQTT-1.5.3-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "82 0000 \"c\" 0001 FF", 17},
		{"3.1 §2.5", MQTT_3_1, "82 R 0001 0001 FF 00", 6},
		{"5.0 [MQTT-1.5.4-1]", MQTT_5_0, "A2 R 0001 00 0001 FF", 7},
		{"5.0 [MQTT-1.5.4-1]", MQTT_5_0, "30 R 0001 FF 00", 4},
		{"5.0 §3.1.3.3", MQTT_VERSION_UNKNOWN, CONNECT_5 "06 0000 00 \"c\" 00 \"w\" 0001 FF", LEGAL},
		{"3.1.1 §3.1.3.5", MQTT_VERSION_UNKNOWN, CONNECT_311 "C2 0000 \"c\" \"u\" 0002 00 FF", LEGAL}}},
	{MQTT_FAULT_UTF8_NUL, {
		{"3.1.1 [MQTT-1.5.3-2]", MQTT_3_1_1, "30 R 0003 'a' 00 'b'", 5},
		{"5.0 [MQTT-1.5.4-2]", MQTT_5_0, "82 R 0001 00 0002 'a' 00 00", 8},
		{"3.1 Appendix A", MQTT_3_1, "30 R 0001 00", 4},
		{"5.0 [MQTT-1.5.4-2]", MQTT_5_0, "30 R 0001 01 00", LEGAL},
		{"3.1.1 §3.3.3", MQTT_3_1_1, "30 R \"t\" 00", LEGAL}}},
	{MQTT_FAULT_REASON_NOT_ALLOWED, {
		{"3.1.1 §3.2.2.3", MQTT_3_1_1, "20 R 00 06", 3},
		{"3.1 §3.2", MQTT_3_1, "20 R 00 80", 3},
		{"3.1.1 [MQTT-3.9.3-2]", MQTT_3_1_1, "90 R 0001 00 03", 5},
		{"3.1 §3.9", MQTT_3_1, "90 R 0001 03", 4},
		{"5.0 [MQTT-3.2.2-8]", MQTT_5_0, "20 R 00 01 00", 3},
		{"5.0 [MQTT-3.4.2-1]", MQTT_5_0, "40 R 0001 11", 4},
		{"5.0 [MQTT-3.6.2-1]", MQTT_5_0, "62 R 0001 10", 4},
		{"5.0 [MQTT-3.9.3-2]", MQTT_5_0, "90 R 0001 00 02 03", 6},
		{"5.0 [MQTT-3.11.3-2]", MQTT_5_0, "B0 R 0001 00 01", 5},
		{"5.0 [MQTT-3.14.2-1]", MQTT_5_0, "E0 R 01", 2},
		{"5.0 [MQTT-3.15.2-1]", MQTT_5_0, "F0 R 01 p4 15 \"m\"", 2},
		{"3.1.1 §3.2.2.3", MQTT_3_1_1, "20 R 00 05", LEGAL},
		{"3.1.1 §3.9.3", MQTT_3_1_1, "90 R 0001 80", LEGAL},
		{"5.0 §3.14.2.1", MQTT_5_0, "E0 R 04", LEGAL}}},
	{MQTT_FAULT_TOPIC_WILDCARD, {
		{"3.1.1 [MQTT-3.3.2-2]", MQTT_3_1_1, "30 R \"a/+\"", 6},
		{"5.0 [MQTT-3.3.2-2]", MQTT_5_0, "30 R \"a#b\" 00", 5},
		{"3.1 §3.3", MQTT_3_1, "32 R \"#\" 0001", 4},
		{"3.1.1 [MQTT-4.7.1-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "06 0000 \"c\" \"w#\" 0000", 18},
		{"5.0 [MQTT-4.7.0-1]", MQTT_VERSION_UNKNOWN, CONNECT_5 "06 0000 00 \"c\" 00 \"+\" 0000", 19},
		{"5.0 [MQTT-3.3.2-14]", MQTT_5_0, "30 R \"t\" p5 08 \"a+\"", 10},
		{"3.1.1 [MQTT-3.3.2-2]", MQTT_3_1_1, "30 R \"a/b\" '+#'", LEGAL},
		{"5.0 §3.3.2.3.9", MQTT_5_0, "30 R \"t\" p5 03 \"a+\"", LEGAL}}},
	{MQTT_FAULT_TOPIC_EMPTY, {
		{"3.1.1 [MQTT-4.7.3-1]", MQTT_3_1_1, "30 R \"\"", 2},
		{"3.1 Appendix A", MQTT_3_1, "30 R \"\" 'x'", 2},
		{"5.0 §3.3.2.1", MQTT_5_0, "30 R \"\" 00", 2},
		{"3.1.1 [MQTT-4.7.3-1]", MQTT_VERSION_UNKNOWN, CONNECT_311 "06 0000 \"c\" \"\" 0000", 15},
		{"5.0 [MQTT-4.7.3-1]", MQTT_5_0, "30 R \"t\" p3 08 \"\"", 7},
		{"5.0 §3.3.2.1", MQTT_5_0, "30 R \"\" p3 23 0001", LEGAL},
		{"3.1.1 [MQTT-4.7.3-1]", MQTT_3_1_1, "30 R \"/\"", LEGAL}}},
	{MQTT_FAULT_PROTOCOL_NAME_UNKNOWN, {
		{"3.1.1 [MQTT-3.1.2-1]", MQTT_VERSION_UNKNOWN, "10 R \"MQTX\" 04 02 0000 \"c\"", 2},
		{"5.0 [MQTT-3.1.2-1]", MQTT_VERSION_UNKNOWN, "10 R \"mqtt\" 05 02 0000 00 \"c\"", 2},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, "10 R \"MQIsdpx\" 03 02 0000 \"c\"", 2},
		{"5.0 [MQTT-3.1.2-1]", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 00 \"c\"", LEGAL}}},
	{MQTT_FAULT_PROTOCOL_LEVEL_UNKNOWN, {
		{"3.1.1 [MQTT-3.1.2-2]", MQTT_VERSION_UNKNOWN, "10 R \"MQTT\" 02 02 0000 \"c\"", 8},
		{"5.0 [MQTT-3.1.2-2]", MQTT_VERSION_UNKNOWN, "10 R \"MQTT\" 06 02 0000 00 \"c\"", 8},
		{"5.0 [MQTT-3.1.2-2]", MQTT_VERSION_UNKNOWN, "10 R \"MQIsdp\" 86 02 0000 \"c\"", 10},
		{"5.0 [MQTT-3.1.2-2]", MQTT_VERSION_UNKNOWN, "10 R \"MQTT\" 44 02 0000 \"c\"", 8},
		{"bridge", MQTT_VERSION_UNKNOWN, "10 R \"MQTT\" 84 02 0000 \"c\"", LEGAL}}},
	{MQTT_FAULT_PROTOCOL_MISMATCH, {
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, "10 R \"MQTT\" 03 02 0000 \"c\"", 8},
		{"3.1.1 [MQTT-3.1.2-1]", MQTT_VERSION_UNKNOWN, "10 R \"MQIsdp\" 04 02 0000 \"c\"", 10},
		{"5.0 [MQTT-3.1.2-1]", MQTT_VERSION_UNKNOWN, "10 R \"MQIsdp\" 05 02 0000 00 \"c\"", 10},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "02 0000 \"c\"", LEGAL},
		{"bridge", MQTT_VERSION_UNKNOWN, "10 R \"MQIsdp\" 83 02 0000 \"c\"", LEGAL}}},
	{MQTT_FAULT_CONNECT_FLAG_RESERVED, {
		{"3.1.1 [MQTT-3.1.2-3]", MQTT_VERSION_UNKNOWN, CONNECT_311 "03 0000 \"c\"", 9},
		{"5.0 [MQTT-3.1.2-3]", MQTT_VERSION_UNKNOWN, CONNECT_5 "03 0000 00 \"c\"", 9},
		{"3.1 §2.6", MQTT_VERSION_UNKNOWN, CONNECT_31 "03 0000 \"c\"", LEGAL}}},
	{MQTT_FAULT_WILL_QOS_WITHOUT_WILL, {
		{"3.1.1 [MQTT-3.1.2-13]", MQTT_VERSION_UNKNOWN, CONNECT_311 "0A 0000 \"c\"", 9},
		{"5.0 [MQTT-3.1.2-11]", MQTT_VERSION_UNKNOWN, CONNECT_5 "12 0000 00 \"c\"", 9},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "0A 0000 \"c\"", LEGAL},
		{"3.1.1 §3.1.2.6", MQTT_VERSION_UNKNOWN, CONNECT_311 "0E 0000 \"c\" \"w\" 0000", LEGAL}}},
	{MQTT_FAULT_WILL_RETAIN_WITHOUT_WILL, {
		{"3.1.1 [MQTT-3.1.2-15]", MQTT_VERSION_UNKNOWN, CONNECT_311 "22 0000 \"c\"", 9},
		{"5.0 [MQTT-3.1.2-13]", MQTT_VERSION_UNKNOWN, CONNECT_5 "22 0000 00 \"c\"", 9},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "22 0000 \"c\"", LEGAL},
		{"3.1.1 §3.1.2.7", MQTT_VERSION_UNKNOWN, CONNECT_311 "26 0000 \"c\" \"w\" 0000", LEGAL}}},
	{MQTT_FAULT_WILL_QOS_INVALID, {
		{"3.1.1 [MQTT-3.1.2-14]", MQTT_VERSION_UNKNOWN, CONNECT_311 "1E 0000 \"c\" \"w\" 0000", 9},
		{"5.0 [MQTT-3.1.2-12]", MQTT_VERSION_UNKNOWN, CONNECT_5 "1E 0000 00 \"c\" 00 \"w\" 0000", 9},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "1E 0000 \"c\" \"w\" 0000", 11},
		{"3.1.1 [MQTT-3.1.2-14]", MQTT_VERSION_UNKNOWN, CONNECT_311 "16 0000 \"c\" \"w\" 0000", LEGAL}}},
	{MQTT_FAULT_PASSWORD_WITHOUT_USER_NAME, {
		{"3.1.1 [MQTT-3.1.2-22]", MQTT_VERSION_UNKNOWN, CONNECT_311 "42 0000 \"c\" \"p\"", 9},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "42 0000 \"c\" \"p\"", 11},
		{"5.0 §3.1.2.9", MQTT_VERSION_UNKNOWN, CONNECT_5 "42 0000 00 \"c\" \"p\"", LEGAL},
		{"3.1.1 [MQTT-3.1.2-22]", MQTT_VERSION_UNKNOWN, CONNECT_311 "82 0000 \"c\" \"u\"", LEGAL}}},
	{MQTT_FAULT_CLIENT_ID_EMPTY, {
		{"3.1.1 [MQTT-3.1.3-7]", MQTT_VERSION_UNKNOWN, CONNECT_311 "00 0000 \"\"", 12},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "02 0000 \"\"", 14},
		{"3.1.1 [MQTT-3.1.3-7]", MQTT_VERSION_UNKNOWN, CONNECT_311 "02 0000 \"\"", LEGAL},
		{"5.0 [MQTT-3.1.3-6]", MQTT_VERSION_UNKNOWN, CONNECT_5 "00 0000 00 \"\"", LEGAL}}},
	{MQTT_FAULT_CLIENT_ID_LONG, {
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "02 0000 0018 " TEXT_23 "'x'", 14},
		{"3.1 §3.1", MQTT_VERSION_UNKNOWN, CONNECT_31 "02 0000 0017 " TEXT_23, LEGAL},
		{"3.1.1 [MQTT-3.1.3-5]", MQTT_VERSION_UNKNOWN, CONNECT_311 "02 0000 0018 " TEXT_23 "'x'", LEGAL}}},
	{MQTT_FAULT_CONNACK_FLAGS_RESERVED, {
		{"3.1.1 §3.2.2.1", MQTT_3_1_1, "20 R 02 00", 2},
		{"5.0 [MQTT-3.2.2-1]", MQTT_5_0, "20 R 81 00 00", 2},
		{"3.1 §3.2", MQTT_3_1, "20 R 02 00", LEGAL},
		{"3.1.1 §3.2.2.1", MQTT_3_1_1, "20 R 01 00", LEGAL}}},
	{MQTT_FAULT_SESSION_PRESENT_WITH_ERROR, {
		{"3.1.1 [MQTT-3.2.2-4]", MQTT_3_1_1, "20 R 01 05", 2},
		{"5.0 [MQTT-3.2.2-6]", MQTT_5_0, "20 R 01 87 00", 2},
		{"5.0 [MQTT-3.2.2-6]", MQTT_5_0, "20 R 01 00 00", LEGAL},
		{"3.1 §3.2", MQTT_3_1, "20 R 01 05", LEGAL}}},
	{MQTT_FAULT_QOS_INVALID, {
		{"3.1.1 [MQTT-3.3.1-4]", MQTT_3_1_1, "36 R \"t\" 0001", 0},
		{"5.0 [MQTT-3.3.1-4]", MQTT_5_0, "3E R \"t\" 0001 00", 0},
		{"3.1 §2.1", MQTT_3_1, "37 R \"t\" 0001", 0},
		{"3.1.1 [MQTT-3.3.1-4]", MQTT_3_1_1, "3D R \"t\" 0001", LEGAL}}},
	{MQTT_FAULT_DUP_WITH_QOS_0, {
		{"3.1.1 [MQTT-3.3.1-2]", MQTT_3_1_1, "38 R \"t\"", 0},
		{"5.0 [MQTT-3.3.1-2]", MQTT_5_0, "39 R \"t\" 00", 0},
		{"3.1 §2.1", MQTT_3_1, "38 R \"t\"", 0},
		{"3.1.1 [MQTT-3.3.1-2]", MQTT_3_1_1, "3A R \"t\" 0001", LEGAL}}},
	{MQTT_FAULT_PAYLOAD_NOT_UTF8, {
		{"5.0 §3.3.2.3.2", MQTT_5_0, "30 R \"t\" p2 01 01 'ok' C3", 10},
		{"5.0 §3.1.3.2.3", MQTT_VERSION_UNKNOWN,
			CONNECT_5 "06 0000 00 \"c\" p2 01 01 \"w\" 0001 FF", 24},
		{"5.0 §3.3.2.3.2", MQTT_5_0, "30 R \"t\" p2 01 00 FF", LEGAL},
		{"5.0 §3.3.2.3.2", MQTT_5_0, "30 R \"t\" p2 01 01 'a' 00 C3 A9", LEGAL},
		{"5.0 §3.3.2.3.2", MQTT_5_0, "30 R \"t\" p0 FF", LEGAL}}},
	{MQTT_FAULT_FILTERS_MISSING, {
		{"3.1.1 [MQTT-3.8.3-3]", MQTT_3_1_1, "82 R 0001", 4},
		{"3.1.1 [MQTT-3.10.3-2]", MQTT_3_1_1, "A2 R 0001", 4},
		{"5.0 [MQTT-3.8.3-2]", MQTT_5_0, "82 R 0001 00", 5},
		{"5.0 [MQTT-3.10.3-2]", MQTT_5_0, "A2 R 0001 00", 5},
		{"3.1 §3.8", MQTT_3_1, "82 R 0001", 4},
		{"3.1.1 [MQTT-3.10.3-2]", MQTT_3_1_1, "A2 R 0001 \"f\"", LEGAL}}},
	{MQTT_FAULT_FILTER_EMPTY, {
		{"3.1.1 [MQTT-4.7.3-1]", MQTT_3_1_1, "82 R 0001 \"f\" 00 \"\" 00", 8},
		{"5.0 [MQTT-4.7.3-1]", MQTT_5_0, "A2 R 0001 00 \"\"", 5},
		{"3.1 Appendix A", MQTT_3_1, "A2 R 0001 \"\"", 4},
		{"3.1.1 [MQTT-4.7.3-1]", MQTT_3_1_1, "82 R 0001 \"/\" 00", LEGAL}}},
	{MQTT_FAULT_FILTER_HASH_MISPLACED, {
		{"3.1.1 [MQTT-4.7.1-2]", MQTT_3_1_1, "82 R 0001 \"a#\" 00", 7},
		{"3.1.1 [MQTT-4.7.1-2]", MQTT_3_1_1, "82 R 0001 \"#/a\" 00", 6},
		{"5.0 [MQTT-4.7.1-1]", MQTT_5_0, "A2 R 0001 00 \"a/#/b\"", 9},
		{"5.0 [MQTT-4.7.1-1]", MQTT_5_0, "82 R 0001 00 \"a/##\" 00", 9},
		{"3.1 Appendix A", MQTT_3_1, "82 R 0001 \"a#\" 00", 7},
		{"3.1.1 [MQTT-4.7.1-2]", MQTT_3_1_1, "82 R 0001 \"#\" 00 \"a/#\" 01 \"/#\" 02 \"+/#\" 00", LEGAL}}},
	{MQTT_FAULT_FILTER_PLUS_MISPLACED, {
		{"3.1.1 [MQTT-4.7.1-3]", MQTT_3_1_1, "82 R 0001 \"a+\" 00", 7},
		{"3.1.1 [MQTT-4.7.1-3]", MQTT_3_1_1, "82 R 0001 \"+a\" 00", 6},
		{"5.0 [MQTT-4.7.1-2]", MQTT_5_0, "A2 R 0001 00 \"a/b+/c\"", 10},
		{"3.1 Appendix A", MQTT_3_1, "82 R 0001 \"++\" 00", 6},
		{"5.0 [MQTT-4.7.1-2]", MQTT_5_0, "A2 R 0001 00 \"+\" \"a/+\" \"+/a\" \"/+\" \"+/+/+\"", LEGAL}}},
	{MQTT_FAULT_SHARE_NAME_EMPTY, {
		{"5.0 [MQTT-4.8.2-1]", MQTT_5_0, "82 R 0001 00 \"$share//x\" 00", 14},
		{"5.0 [MQTT-4.8.2-1]", MQTT_5_0, "A2 R 0001 00 \"$share//x\"", 14},
		{"5.0 §4.8.2", MQTT_5_0, "82 R 0001 00 \"$share\" 00 \"$shared//x\" 00", LEGAL},
		{"3.1.1 §4.7.2", MQTT_3_1_1, "82 R 0001 \"$share//x\" 00", LEGAL}}},
	{MQTT_FAULT_SHARE_NAME_WILDCARD, {
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n+/x\" 00", 15},
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/#/x\" 00", 14},
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n/+/x\" 00", LEGAL},
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n/#\" 00", LEGAL}}},
	{MQTT_FAULT_SHARE_FILTER_MISSING, {
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n\" 00", 15},
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n/\" 00", 16},
		{"5.0 [MQTT-4.8.2-2]", MQTT_5_0, "82 R 0001 00 \"$share/n//\" 00", LEGAL}}},
	{MQTT_FAULT_SHARE_NO_LOCAL, {
		{"5.0 [MQTT-3.8.3-4]", MQTT_5_0, "82 R 0001 00 \"$share/n/x\" 04", 17},
		{"5.0 [MQTT-3.8.3-4]", MQTT_5_0, "82 R 0001 00 \"x\" 04", LEGAL},
		{"5.0 [MQTT-3.8.3-4]", MQTT_5_0, "82 R 0001 00 \"$share/n/x\" 2A", LEGAL}}},
	{MQTT_FAULT_OPTIONS_RESERVED, {
		{"5.0 [MQTT-3.8.3-5]", MQTT_5_0, "82 R 0001 00 \"f\" 40", 8},
		{"5.0 [MQTT-3.8.3-5]", MQTT_5_0, "82 R 0001 00 \"f\" 81", 8},
		{"3.1.1 [MQTT-3-8.3-4]", MQTT_3_1_1, "82 R 0001 \"f\" 04", 7},
		{"5.0 [MQTT-3.8.3-5]", MQTT_5_0, "82 R 0001 00 \"f\" 2E", LEGAL},
		{"3.1 §2.6", MQTT_3_1, "82 R 0001 \"f\" FC", LEGAL}}},
	{MQTT_FAULT_OPTIONS_QOS_INVALID, {
		{"3.1.1 [MQTT-3-8.3-4]", MQTT_3_1_1, "82 R 0001 \"f\" 03", 7},
		{"5.0 §3.8.3.1", MQTT_5_0, "82 R 0001 00 \"f\" 03", 8},
		{"3.1 §3.8", MQTT_3_1, "82 R 0001 \"f\" 03", 7},
		{"5.0 §3.8.3.1", MQTT_5_0, "82 R 0001 00 \"f\" 02", LEGAL}}},
	{MQTT_FAULT_RETAIN_HANDLING_INVALID, {
		{"5.0 §3.8.3.1", MQTT_5_0, "82 R 0001 00 \"f\" 30", 8},
		{"5.0 §3.8.3.1", MQTT_5_0, "82 R 0001 00 \"f\" 10 \"g\" 20", LEGAL}}},
	{MQTT_FAULT_CODES_MISSING, {
		{"3.1.1 [MQTT-3.9.3-1]", MQTT_3_1_1, "90 R 0001", 4},
		{"5.0 [MQTT-3.9.3-1]", MQTT_5_0, "90 R 0001 00", 5},
		{"5.0 [MQTT-3.11.3-1]", MQTT_5_0, "B0 R 0001 00", 5},
		{"3.1 §3.9", MQTT_3_1, "90 R 0001", 4},
		{"3.1.1 §3.11", MQTT_3_1_1, "B0 R 0001", LEGAL}}},
	{MQTT_FAULT_PROPERTIES_TOO_LONG, {
		{"5.0 §2.2.2.1", MQTT_5_0, "30 R \"t\" p9 01 01", 5},
		{"5.0 §2.2.2.1", MQTT_5_0, "40 R 0001 00 p1", 5},
		{"5.0 §2.2.2.1", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 p200 00", 12},
		{"5.0 §2.2.2.1", MQTT_5_0, "30 R \"t\" p2 01 01", LEGAL}}},
	{MQTT_FAULT_PROPERTY_UNKNOWN, {
		{"5.0 §2.2.2.2", MQTT_5_0, "30 R \"t\" p2 00 00", 6},
		{"5.0 §2.2.2.2", MQTT_5_0, "30 R \"t\" p3 01 00 2B", 8},
		{"5.0 §2.2.2.2", MQTT_5_0, "30 R \"t\" p2 80 01", 6}}},
	{MQTT_FAULT_PROPERTY_NOT_ALLOWED, {
		{"5.0 §2.2.2.2", MQTT_5_0, "E0 R 00 p3 21 0001", 4},
		{"5.0 §2.2.2.2", MQTT_5_0, "E0 R 00 p5 11 00000001", LEGAL}}},
	{MQTT_FAULT_PROPERTY_REPEATED, {
		{"5.0 §3.1.2.11", MQTT_VERSION_UNKNOWN,
			CONNECT_5 "02 0000 p10 11 00000001 11 00000001 \"c\"", 18},
		{"5.0 §3.8.2.1", MQTT_5_0, "82 R 0001 p4 0B 01 0B 02 \"f\" 00", 7},
		{"5.0 §3.3.2.3.8", MQTT_5_0, "30 R \"t\" p4 0B 01 0B 01", LEGAL},
		{"5.0 §2.2.2.2", MQTT_5_0, "E0 R 00 p14 26 \"a\" \"b\" 26 \"a\" \"b\"", LEGAL}}},
	{MQTT_FAULT_PROPERTY_ENDS_EARLY, {
		{"5.0 §2.2.2.1", MQTT_5_0, "30 R \"t\" p3 02 0000 'load'", 6},
		{"5.0 §2.2.2.1", MQTT_5_0, "30 R \"t\" p5 02 0000 0000 'load'", LEGAL}}},
	{MQTT_FAULT_PROPERTY_NOT_BOOLEAN, {
		{"5.0 §3.3.2.3.2", MQTT_5_0, "30 R \"t\" p2 01 02", 7},
		{"5.0 §3.2.2.3.4", MQTT_5_0, "20 R 00 00 p2 24 02", 6},
		{"5.0 §3.2.2.3.5", MQTT_5_0, "20 R 00 00 p2 25 02", 6},
		{"5.0 §3.2.2.3.11", MQTT_5_0, "20 R 00 00 p2 28 FF", 6},
		{"5.0 §3.2.2.3.12", MQTT_5_0, "20 R 00 00 p2 29 02", 6},
		{"5.0 §3.2.2.3.13", MQTT_5_0, "20 R 00 00 p2 2A 02", 6},
		{"5.0 §3.1.2.11.7", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 p2 17 02 \"c\"", 14},
		{"5.0 §3.1.2.11.6", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 p2 19 02 \"c\"", 14},
		{"5.0 §3.2.2.3.4", MQTT_5_0, "20 R 00 00 p2 24 01", LEGAL}}},
	{MQTT_FAULT_RECEIVE_MAXIMUM_ZERO, {
		{"5.0 §3.1.2.11.3", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 p3 21 0000 \"c\"", 14},
		{"5.0 §3.2.2.3.3", MQTT_5_0, "20 R 00 00 p3 21 0000", 6},
		{"5.0 §3.2.2.3.3", MQTT_5_0, "20 R 00 00 p3 21 0001", LEGAL}}},
	{MQTT_FAULT_MAXIMUM_PACKET_SIZE_ZERO, {
		{"5.0 §3.1.2.11.4", MQTT_VERSION_UNKNOWN, CONNECT_5 "02 0000 p5 27 00000000 \"c\"", 14},
		{"5.0 §3.2.2.3.6", MQTT_5_0, "20 R 00 00 p5 27 00000000", 6},
		{"5.0 §3.2.2.3.6", MQTT_5_0, "20 R 00 00 p5 27 00000001", LEGAL}}},
	{MQTT_FAULT_TOPIC_ALIAS_ZERO, {
		{"5.0 [MQTT-3.3.2-8]", MQTT_5_0, "30 R \"t\" p3 23 0000", 7},
		{"5.0 [MQTT-3.3.2-8]", MQTT_5_0, "30 R \"\" p3 23 0000", 6},
		{"5.0 [MQTT-3.3.2-8]", MQTT_5_0, "30 R \"t\" p3 23 FFFF", LEGAL}}},
	{MQTT_FAULT_SUBSCRIPTION_IDENTIFIER_ZERO, {
		{"5.0 §3.3.2.3.8", MQTT_5_0, "30 R \"t\" p2 0B 00", 7},
		{"5.0 §3.8.2.1.2", MQTT_5_0, "82 R 0001 p2 0B 00 \"f\" 00", 6},
		{"5.0 §3.8.2.1.2", MQTT_5_0, "82 R 0001 p2 0B 01 \"f\" 00", LEGAL}}},
	{MQTT_FAULT_AUTHENTICATION_DATA_ALONE, {
		{"5.0 §3.1.2.11.10", MQTT_VERSION_UNKNOWN,
			CONNECT_5 "02 0000 p7 21 0001 16 0001 AA \"c\"", 16},
		{"5.0 §3.1.2.11.10", MQTT_VERSION_UNKNOWN,
			CONNECT_5 "02 0000 p8 16 0001 AA 15 \"m\" \"c\"", LEGAL}}},
	{MQTT_FAULT_AUTHENTICATION_METHOD_MISSING, {
		{"5.0 §3.15.2.2.2", MQTT_5_0, "F0 R 18 00", 2},
		{"5.0 §3.15.2.1", MQTT_5_0, "F0 00", LEGAL},
		{"5.0 §3.15.2.2.2", MQTT_5_0, "F0 R 18 p4 15 \"m\"", LEGAL}}},
};
/* clang-format on */

static Octets octets;

static void decode(const char *text, MqttVersion version, MqttPacket *packet)
{
	octets_parse(&octets, text);
	memset(packet, 0xA5, sizeof *packet);
	mqtt_decode(octets_span(&octets), version, packet);
}

/* Whether "5.0 X, Y; 3.1.1 Z" names "5.0 Y". */
static bool names_clause(const char *clauses, const char *clause)
{
	const char *id = strchr(clause, ' ') + 1;
	g_autofree char *version = g_strndup(clause, (gsize)(id - clause));
	g_auto(GStrv) parts = g_strsplit(clauses, "; ", -1);
	for (char **part = parts; *part != NULL; part++) {
		if (g_str_has_prefix(*part, version) && strstr(*part, id) != NULL)
			return true;
	}
	return false;
}

static void check(const Rule *rule, const Case *one)
{
	MqttPacket packet;
	const MqttFaultInfo *info = mqtt_fault_info(rule->fault);

	decode(one->text, one->version, &packet);

	const MqttFault *first = &packet.faults[0];
	const char *first_name = packet.n_faults == 0 ? "-" : mqtt_fault_info(first->id)->name;
	if (one->offset == LEGAL) {
		if (packet.n_faults > 0)
			fail_msg("%s, %s: %s is legal", info->name, one->text, first_name);
		return;
	}
	if (packet.n_faults != 1 || first->id != rule->fault || first->offset != one->offset)
		fail_msg("%s, %s: %u faults, %s at %u", info->name, one->text, packet.n_faults,
		         first_name, packet.n_faults > 0 ? first->offset : 0);
	if (!names_clause(info->clause, one->clause))
		fail_msg("%s does not name %s", info->name, one->clause);
}

static void each_rule_is_broken_and_nearly_broken(void **state)
{
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		for (const Case *one = rules[i].cases; one->text != NULL; one++) {
			check(&rules[i], one);
			if (one == &rules[i].cases[G_N_ELEMENTS(rules[i].cases) - 1])
				break;
		}
	}
}

static void no_rule_is_without_a_case(void **state)
{
	(void)state;

	for (unsigned id = 0; id <= MQTT_FAULT_AUTHENTICATION_METHOD_MISSING; id++) {
		size_t i = 0;
		while (i < G_N_ELEMENTS(rules) && rules[i].fault != id)
			i++;
		if (i == G_N_ELEMENTS(rules))
			fail_msg("no case for %s", mqtt_fault_info((MqttFaultId)id)->name);
	}
}

typedef struct FixedFlags {
	const char *rest; /* a legal packet behind the fixed header */
	unsigned type;
	unsigned flags;
	bool has_qos_in_3_1;
} FixedFlags;

static const FixedFlags fixed_flags[] = {
	{"\"MQTT\" 04 02 0000 \"c\"", 1, 0, false},
	{"00 00", 2, 0, false},
	{"0001", 4, 0, false},
	{"0001", 5, 0, false},
	{"0001", 6, 2, true},
	{"0001", 7, 0, false},
	{"0001 \"f\" 00", 8, 2, true},
	{"0001 00", 9, 0, false},
	{"0001 \"f\"", 10, 2, true},
	{"0001", 11, 0, false},
	{"", 12, 0, false},
	{"", 13, 0, false},
	{"", 14, 0, false},
};

/* 3.1.1 [MQTT-2.2.2-1]; 3.1 leaves unused flags open, and QoS 1 with any DUP where it is used. */
static void the_flags_of_the_fixed_header_are_fixed(void **state)
{
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(fixed_flags); i++) {
		const FixedFlags *fixed = &fixed_flags[i];
		for (unsigned flags = 0; flags < 16; flags++) {
			MqttPacket packet;
			g_autofree char *text =
				g_strdup_printf("%02X R %s", fixed->type << 4 | flags, fixed->rest);

			decode(text, MQTT_3_1_1, &packet);
			assert_int_equal(packet.n_faults, flags == fixed->flags ? 0 : 1);
			if (packet.n_faults > 0)
				assert_int_equal(packet.faults[0].id, MQTT_FAULT_FLAGS_RESERVED);

			if (fixed->type == MQTT_CONNECT)
				continue;
			decode(text, MQTT_3_1, &packet);
			bool fine = !fixed->has_qos_in_3_1 || (flags & 6) == 2;
			assert_int_equal(packet.n_faults, fine ? 0 : 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_broken_and_nearly_broken),
		cmocka_unit_test(no_rule_is_without_a_case),
		cmocka_unit_test(the_flags_of_the_fixed_header_are_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
