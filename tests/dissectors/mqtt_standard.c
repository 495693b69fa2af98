/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/mqtt_standard.h"

/* clang-format off */
/* C CONNECT, K CONNACK, W Will Properties, P PUBLISH, 1 PUBACK, 2 PUBREC, 3 PUBREL, 4 PUBCOMP,
 * S SUBSCRIBE, s SUBACK, U UNSUBSCRIBE, u UNSUBACK, D DISCONNECT, A AUTH. */
const StandardProperty standard_properties[N_STANDARD_PROPERTIES] = {
	{1, "Payload Format Indicator", MQTT_PROPERTY_BYTE, "PW", "", "01"},
	{2, "Message Expiry Interval", MQTT_PROPERTY_U32, "PW", "", "00000E10"},
	{3, "Content Type", MQTT_PROPERTY_STRING, "PW", "", "\"text/plain\""},
	{8, "Response Topic", MQTT_PROPERTY_STRING, "PW", "", "\"re/ply\""},
	{9, "Correlation Data", MQTT_PROPERTY_BINARY, "PW", "", "0002 00FF"},
	{11, "Subscription Identifier", MQTT_PROPERTY_VARINT, "PS", "P", "FFFFFF7F"},
	{17, "Session Expiry Interval", MQTT_PROPERTY_U32, "CKD", "", "FFFFFFFF"},
	{18, "Assigned Client Identifier", MQTT_PROPERTY_STRING, "K", "", "\"auto-1\""},
	{19, "Server Keep Alive", MQTT_PROPERTY_U16, "K", "", "003C"},
	{21, "Authentication Method", MQTT_PROPERTY_STRING, "CKA", "", "\"SCRAM-SHA-1\""},
	{22, "Authentication Data", MQTT_PROPERTY_BINARY, "CKA", "", "0003 800001"},
	{23, "Request Problem Information", MQTT_PROPERTY_BYTE, "C", "", "00"},
	{24, "Will Delay Interval", MQTT_PROPERTY_U32, "W", "", "0000001E"},
	{25, "Request Response Information", MQTT_PROPERTY_BYTE, "C", "", "01"},
	{26, "Response Information", MQTT_PROPERTY_STRING, "K", "", "\"re/\""},
	{28, "Server Reference", MQTT_PROPERTY_STRING, "KD", "", "\"b2:1883\""},
	{31, "Reason String", MQTT_PROPERTY_STRING, "K1234suDA", "", "\"because\""},
	{33, "Receive Maximum", MQTT_PROPERTY_U16, "CK", "", "0001"},
	{34, "Topic Alias Maximum", MQTT_PROPERTY_U16, "CK", "", "0000"},
	{35, "Topic Alias", MQTT_PROPERTY_U16, "P", "", "FFFF"},
	{36, "Maximum QoS", MQTT_PROPERTY_BYTE, "K", "", "01"},
	{37, "Retain Available", MQTT_PROPERTY_BYTE, "K", "", "00"},
	{38, "User Property", MQTT_PROPERTY_PAIR, "CKWP1234SsUuDA", "CKWP1234SsUuDA", "\"k\" \"v\""},
	{39, "Maximum Packet Size", MQTT_PROPERTY_U32, "CK", "", "00000001"},
	{40, "Wildcard Subscription Available", MQTT_PROPERTY_BYTE, "K", "", "00"},
	{41, "Subscription Identifiers Available", MQTT_PROPERTY_BYTE, "K", "", "01"},
	{42, "Shared Subscription Available", MQTT_PROPERTY_BYTE, "K", "", "00"},
};

const Carrier carriers[N_CARRIERS] = {
	{'C', MQTT_CONNECT, "10", "\"MQTT\" 05 02 0000", "\"c\"", "15 \"m\""},
	{'W', MQTT_RESERVED, "10", "\"MQTT\" 05 06 0000 00 \"c\"", "\"w\" 0000", ""},
	{'K', MQTT_CONNACK, "20", "00 00", "", ""},
	{'P', MQTT_PUBLISH, "30", "\"t\"", "'load'", ""},
	{'1', MQTT_PUBACK, "40", "0001 00", "", ""},
	{'2', MQTT_PUBREC, "50", "0001 00", "", ""},
	{'3', MQTT_PUBREL, "62", "0001 00", "", ""},
	{'4', MQTT_PUBCOMP, "70", "0001 00", "", ""},
	{'S', MQTT_SUBSCRIBE, "82", "0001", "\"f\" 00", ""},
	{'s', MQTT_SUBACK, "90", "0001", "00", ""},
	{'U', MQTT_UNSUBSCRIBE, "A2", "0001", "\"f\"", ""},
	{'u', MQTT_UNSUBACK, "B0", "0001", "00", ""},
	{'D', MQTT_DISCONNECT, "E0", "00", "", ""},
	{'A', MQTT_AUTH, "F0", "18", "", "15 \"m\""},
};
