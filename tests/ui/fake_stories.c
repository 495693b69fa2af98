/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/ui/fake_analysis.h"

static FrameRef frame_of(uint32_t number)
{
	return (FrameRef){.number = number, .source = 0};
}

static void set_counts(Fake *fake, uint64_t packets)
{
	SourceInfo *info = fake_source_info(fake);
	info->packets = fake_analysis(fake)->frames;
	info->bytes = info->packets * 92;
	ModelCounts *counts = fake_counts(fake);
	counts->packets = packets;
	counts->first = fake_analysis(fake)->first;
	counts->last = fake_analysis(fake)->last;
}

static void add_example(Absence *absence, uint32_t topic, ClientIndex publisher, uint32_t frame,
                        double time)
{
	absence->examples[absence->n_examples++] = (LostMessage){
		.topic = topic,
		.publisher = publisher,
		.qos = 1,
		.frame = frame_of(frame),
		.time = fake_instant(time),
	};
}

/* gw-2 publishes twice while sensor-17, which never said how long to keep its session, is away
 * for 304.2 s. */
Fake *fake_founding(void)
{
	Fake *fake = fake_new();
	BrokerIndex broker = fake_broker(fake, "10.0.0.5", 1883);
	ClientIndex sensor = fake_client(fake, broker, "sensor-17");
	ClientIndex gateway = fake_client(fake, broker, "gw-2");

	Connection *first = fake_connection(fake, sensor, 0, 60, 1);
	first->has_username = true;
	first->username = fake_text(fake, "plant-user", strlen("plant-user"));
	Connection *second = fake_connection(fake, sensor, 364.199, 370, 31);
	second->closed_by = CLOSED_BY_CAPTURE_END;
	second->close_kind = CLOSE_OPEN;
	second->client_disconnected = false;
	second->closed = INSTANT_UNKNOWN;
	second->close_frame = frame_of(0);
	fake_client_at(fake, sensor)->current = fake_client_at(fake, sensor)->last;
	fake_subscribe(fake, sensor, "plant/+/temp", 37);

	Connection *publisher = fake_connection(fake, gateway, 1, 371, 10);
	publisher->clean_start = true;
	publisher->expiry_connect = (OptionalU32){true, 3600};

	Absence *absence = fake_absence(fake, sensor, "plant/+/temp", 2);
	uint32_t topic = fake_text(fake, "plant/3/temp", strlen("plant/3/temp"));
	add_example(absence, topic, gateway, 24, 120);
	add_example(absence, topic, gateway, 26, 240.5);
	fake_finding(fake, sensor, CAUSE_EXPIRY_ABSENT);
	Finding *risk = fake_finding(fake, sensor, CAUSE_EXPIRY_ABSENT);
	risk->severity = SEVERITY_RISK;
	risk->lapse = false;
	risk->from = risk->to;
	risk->to = NO_INDEX;
	risk->cost = NO_ABSENCE;
	risk->absence_ns = INT64_MIN;
	risk->died_after = risk->died_before = INSTANT_UNKNOWN;
	risk->alive_by = risk->dead_by = WITNESS_NONE;
	risk->alive_frame = risk->dead_frame = (FrameRef){0};

	fake_broker_at(fake, broker)->facts.reports_no_matching_subscribers = true;
	ModelCounts *counts = fake_counts(fake);
	counts->packets_by_type[MQTT_CONNECT] = counts->packets_by_type[MQTT_CONNACK] = 3;
	counts->packets_by_type[MQTT_SUBSCRIBE] = counts->packets_by_type[MQTT_SUBACK] = 2;
	counts->packets_by_type[MQTT_PUBLISH] = counts->packets_by_type[MQTT_PUBACK] = 2;
	counts->packets_by_type[MQTT_DISCONNECT] = 2;
	fake_analysis(fake)->frames = 41;
	fake_analysis(fake)->last = fake_instant(371);
	set_counts(fake, 16);
	return fake;
}

static void make_unknown(Connection *connection)
{
	connection->version = MQTT_VERSION_UNKNOWN;
	connection->syn_seen = connection->connect_seen = connection->connack_seen = false;
	connection->client_disconnected = false;
	connection->connect_frame = connection->connack_frame = frame_of(0);
	connection->connect_time = connection->connack_time = INSTANT_UNKNOWN;
	connection->closed_by = CLOSED_BY_UNKNOWN;
	connection->close_kind = CLOSE_VANISHED;
	connection->closed = INSTANT_UNKNOWN;
	connection->close_frame = frame_of(0);
}

/* Names that want to be escape sequences, markup, formulas and other people; a session whose
 * beginning was not captured; a file that ends early. */
Fake *fake_hostile(void)
{
	static const char bad_topic[] = "a\xFF\xC0\x80\0b/\xED\xA0\x80|<b>`x`";
	Fake *fake = fake_new();
	BrokerIndex broker = fake_broker(fake, "fd00::10", 1883);
	ClientIndex evil = fake_client(fake, broker, "=cmd|' /C calc'!A0\x1B[31m\x07\"\r\n,\xE2\x80\xAE");
	Connection *first = fake_connection(fake, evil, -5, 10, 2);
	make_unknown(first);
	Connection *second = fake_connection(fake, evil, 30, 90, 40);
	second->version = MQTT_3_1;
	second->outcome = OUTCOME_NOT_OBSERVABLE;
	second->holes = 2;
	second->faults = 1;
	second->has_username = true;
	second->username = fake_text(fake, "\xF0\x9F\x98\x80\n", 5);
	fake_subscribe(fake, evil, "$share/g\x01/a/#", 45);
	fake_client_at(fake, evil)->subscriptions_partial = true;

	Absence *absence = fake_absence(fake, evil, "a/\x1B[2J", 0);
	absence->inexact = INEXACT_NO_PUBLISHER_SEEN;
	uint32_t topic = fake_text(fake, bad_topic, sizeof bad_topic - 1);
	add_example(absence, topic, NO_INDEX, 0, 0);
	absence->examples[0].time = INSTANT_UNKNOWN;
	Finding *finding = fake_finding(fake, evil, CAUSE_DROPPED_UNEXPLAINED);
	finding->weakened = GATE_CONNECT_NOT_SEEN | GATE_HOLES | GATE_CAPTURE_LOSS;
	finding->confidence = CONFIDENCE_CANNOT_KNOW;
	finding->absence_ns = INT64_MIN;
	finding->died_after = INSTANT_UNKNOWN;
	finding->alive_by = WITNESS_NONE;
	finding->alive_frame = (FrameRef){0};
	finding->also_possible = (CauseList){2, {CAUSE_ADMIN_REMOVED, CAUSE_SILENT_CAP}};

	SourceInfo *info = fake_source_info(fake);
	info->name = "bad\x1B]0;name\x07.pcap";
	info->truncated_packets = 12;
	info->clock_steps_back = 3;
	info->damaged = true;
	info->damage = "frame 46: record cut off at offset 4711";
	info->drops_known = true;
	info->dropped = 1234567;
	fake_tcp(fake)->gaps = 2;
	fake_tcp(fake)->gap_bytes = 123456;
	fake_counts(fake)->skipped_bytes = 99;
	fake_counts(fake)->malformed = 1;
	fake_counts(fake)->faults[MQTT_FAULT_PACKET_ID_ZERO] = 1;
	fake_counts(fake)->unnamed = 1;
	fake_analysis(fake)->tls_connections = 4;
	fake_analysis(fake)->other_connections = 6;
	set_counts(fake, 20);
	return fake;
}

/* One ARP frame and eleven that no decoder knows. */
Fake *fake_nothing(void)
{
	static const uint8_t arp[60] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x08, 0x06};
	Fake *fake = fake_new();
	MqttFaultId none = MQTT_FAULT_PACKET_ID_ZERO;
	fake_counts(fake)->faults[none] = 0;
	TcpSegment segment;
	Frame frame = {.bytes = {arp, sizeof arp}, .wire_size = sizeof arp, .link_type = 1};
	decap_frame(fake_decap(fake), &frame, &segment);
	frame.link_type = 147;
	for (unsigned i = 0; i < 11; i++)
		decap_frame(fake_decap(fake), &frame, &segment);
	fake_analysis(fake)->frames = 12;
	fake_analysis(fake)->other_connections = 3;
	fake_analysis(fake)->tls_connections = 2;
	fake_analysis(fake)->undecided_connections = 1;
	fake_tcp(fake)->connections = 4;
	set_counts(fake, 0);
	return fake;
}

Fake *fake_restart(void)
{
	Fake *fake = fake_new();
	BrokerIndex broker = fake_broker(fake, "10.0.0.5", 1883);
	static const char *const names[] = {"valve-1", "valve-2\x1b[31m"};
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		ClientIndex client = fake_client(fake, broker, names[i]);
		fake_connection(fake, client, i, 60 + i * 0.1, i * 10 + 1);
		fake_connection(fake, client, 65 + i, 90, i * 10 + 31);
		fake_absence(fake, client, "valves/all", 1);
		fake_finding(fake, client, CAUSE_RESTART_WITHOUT_PERSISTENCE);
	}
	Incident *restart = fake_incident(fake, broker, 60, 65.002);
	restart->kind = INCIDENT_RESTART;
	restart->confidence = CONFIDENCE_STRONG;
	restart->signs = SIGN_CLOSED | SIGN_REFUSED;
	restart->n_open = restart->n_ended = restart->n_lost = 2;
	restart->n_attempts = 1;
	restart->frames[0] = (IncidentFrame){frame_of(6), fake_instant(60), SIGN_CLOSED};
	restart->frames[1] = (IncidentFrame){frame_of(22), fake_instant(61), SIGN_REFUSED};
	restart->frames[2] = (IncidentFrame){frame_of(34), fake_instant(65.001), 0};
	restart->n_frames = 3;
	fake_explain(fake, restart);
	set_counts(fake, 24);
	return fake;
}

Fake *fake_many(unsigned n)
{
	static const CauseId causes[] = {CAUSE_EXPIRY_ABSENT, CAUSE_EXPIRED, CAUSE_CLEAN_START};
	Fake *fake = fake_new();
	BrokerIndex broker = fake_broker(fake, "10.0.0.5", 1883);
	for (unsigned i = 0; i < n; i++) {
		g_autofree char *id = g_strdup_printf("meter-%06u", i);
		ClientIndex client = fake_client(fake, broker, id);
		fake_connection(fake, client, i * 0.01, i * 0.01 + 5, i * 20 + 1);
		fake_connection(fake, client, i * 0.01 + 65, i * 0.01 + 70, i * 20 + 11);
		fake_subscribe(fake, client, "meters/all/set", i * 20 + 8);
		fake_absence(fake, client, "meters/all/set", 1 + i % 3);
		fake_finding(fake, client, causes[i % G_N_ELEMENTS(causes)]);
	}
	set_counts(fake, n * 12);
	return fake;
}
