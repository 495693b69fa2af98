/* SPDX-License-Identifier: MIT */
/*
 * Writes a capture of a given size, the same octets for the same arguments, and prints on standard
 * output, as JSON, exactly what is in it.
 *
 *   small  few connections that carry many small PUBLISH packets, one in four with QoS 1
 *   churn  many clients that connect, subscribe, leave and come back; those that speak 3.1.1 are
 *          resumed, those that speak 5.0 never asked for their session to be kept and lose it
 *   bulk   few connections that carry payloads of 256 KiB
 *   remembered  clients that subscribe with a wildcard and leave; then messages, 10 000 unless told
 *          otherwise, that match all of these subscriptions; then every eighth client comes back,
 *          to a broker that has lost its session, while more is published
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	SUBSCRIBE = 8,
	SUBACK,
	PINGREQ = 12,
	PINGRESP,
	DISCONNECT,

	FLAG_FIN = 1,
	FLAG_SYN = 2,
	FLAG_PSH = 8,
	FLAG_ACK = 16,

	SEGMENT = 1448,
	HEADERS = 14 + 20 + 20,
	PAYLOAD = 256 * 1024,
	BUSY_CLIENTS = 500,
	BULK_CLIENTS = 8,
	WAVE = 64, /* clients of churn that are connected at the same time */
	REMEMBERED_OCTETS = 900, /* of the capture, for each client that is remembered */
	RETURNING = 8,           /* one in so many comes back */
};

typedef struct Capture {
	FILE *file;
	uint64_t limit, octets, packets, microseconds, pace;
	uint64_t by_type[16];
	uint64_t connections, clients, reconnects, resumed, lapses;
	const char *lapse; /* the cause of those */
	uint64_t messages, messages_lost;
} Capture;

typedef struct Client {
	unsigned number, version, lives;
	uint16_t port, packet_id;
	uint32_t next[2]; /* sequence number: of the client, of the broker */
} Client;

typedef struct Packet {
	uint8_t octets[PAYLOAD + 64];
	size_t length;
} Packet;

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static void write_octets(Capture *capture, const void *octets, size_t length)
{
	if (fwrite(octets, 1, length, capture->file) != length) {
		perror("generate");
		exit(2);
	}
	capture->octets += length;
}

static void write_file_header(Capture *capture)
{
	const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	write_octets(capture, header, sizeof header);
}

static void put_addresses(uint8_t *ip, const Client *client, bool from_broker)
{
	put32(ip + (from_broker ? 16 : 12), 0x0a000000 + 1 + client->number);
	put32(ip + (from_broker ? 12 : 16), 0xc0a80105);
	put16(ip + 20, from_broker ? 1883 : client->port);
	put16(ip + 22, from_broker ? client->port : 1883);
}

static void send_segment(Capture *capture, Client *client, bool from_broker, unsigned flags,
	const uint8_t *data, size_t length)
{
	uint8_t headers[HEADERS] = {[12] = 8, [14] = 0x45, [20] = 0x40, [22] = 64, [23] = 6};
	uint8_t *ip = headers + 14, *tcp = ip + 20;
	put16(ip + 2, (unsigned)(40 + length));
	put_addresses(ip, client, from_broker);
	put32(tcp + 4, client->next[from_broker]);
	put32(tcp + 8, flags & FLAG_ACK ? client->next[!from_broker] : 0);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, 60000);

	capture->microseconds += capture->pace;
	uint64_t now = capture->microseconds;
	uint32_t total = (uint32_t)(HEADERS + length);
	const uint32_t record[4] = {
		(uint32_t)(1700000000 + now / 1000000), (uint32_t)(now % 1000000), total, total};
	write_octets(capture, record, sizeof record);
	write_octets(capture, headers, HEADERS);
	write_octets(capture, data, length);
	capture->packets++;
	client->next[from_broker] += (uint32_t)length + (flags & (FLAG_SYN | FLAG_FIN) ? 1 : 0);
}

static void send_flags(Capture *capture, Client *client, bool from_broker, unsigned flags)
{
	send_segment(capture, client, from_broker, flags, (const uint8_t *)"", 0);
}

/* One control packet in as many segments as it needs; every second one is acknowledged. */
static void send_packet(Capture *capture, Client *client, bool from_broker, const Packet *packet)
{
	unsigned n = 0;
	for (size_t at = 0; at < packet->length; at += SEGMENT) {
		size_t length = packet->length - at < SEGMENT ? packet->length - at : SEGMENT;
		send_segment(capture, client, from_broker, FLAG_ACK | FLAG_PSH, packet->octets + at, length);
		if (++n % 2 == 0)
			send_flags(capture, client, !from_broker, FLAG_ACK);
	}
	capture->by_type[packet->octets[0] >> 4]++;
}

static void begin(Packet *packet, unsigned type, unsigned flags, size_t remaining)
{
	packet->octets[0] = (uint8_t)(type << 4 | flags);
	packet->length = 1;
	do {
		uint8_t low = remaining & 127;
		remaining >>= 7;
		packet->octets[packet->length++] = (uint8_t)(low | (remaining > 0 ? 128 : 0));
	} while (remaining > 0);
}

static void append(Packet *packet, const void *octets, size_t length)
{
	memcpy(packet->octets + packet->length, octets, length);
	packet->length += length;
}

static void append16(Packet *packet, unsigned value)
{
	uint8_t octets[2];
	put16(octets, value);
	append(packet, octets, sizeof octets);
}

static void append_string(Packet *packet, const char *text)
{
	append16(packet, (unsigned)strlen(text));
	append(packet, text, strlen(text));
}

/* The properties of 5.0, of which there are none here. */
static void append_properties(Packet *packet, const Client *client)
{
	if (client->version == 5)
		append(packet, "", 1);
}

static void send_octets(Capture *capture, Client *client, bool from_broker, const void *octets,
	size_t length)
{
	Packet packet = {.length = length};
	memcpy(packet.octets, octets, length);
	send_packet(capture, client, from_broker, &packet);
}

static void send_connect(Capture *capture, Client *client, Packet *packet)
{
	char name[32];
	snprintf(name, sizeof name, "client-%07u", client->number);
	bool v5 = client->version == 5;
	begin(packet, CONNECT, 0, (v5 ? 13U : 12U) + strlen(name));
	append_string(packet, "MQTT");
	append(packet, (const uint8_t[]){(uint8_t)client->version, 0, 0, 60}, 4);
	append_properties(packet, client);
	append_string(packet, name);
	send_packet(capture, client, false, packet);
}

static void connect_client(Capture *capture, Client *client, Packet *packet)
{
	bool resumed = client->lives > 0 && client->version == 4 && capture->messages == 0;
	client->port = (uint16_t)(20000 + client->lives % 40000);
	client->next[0] = client->number * 2654435761U + client->lives * 7919;
	client->next[1] = ~client->next[0];
	send_flags(capture, client, false, FLAG_SYN);
	send_flags(capture, client, true, FLAG_SYN | FLAG_ACK);
	send_flags(capture, client, false, FLAG_ACK);
	send_connect(capture, client, packet);
	begin(packet, CONNACK, 0, client->version == 5 ? 3 : 2);
	append(packet, (const uint8_t[]){resumed, 0}, 2);
	append_properties(packet, client);
	send_packet(capture, client, true, packet);
	capture->connections++;
	capture->clients += client->lives == 0;
	capture->reconnects += client->lives > 0;
	capture->resumed += resumed;
	capture->lapses += client->lives > 0 && !resumed;
	client->lives++;
}

static void subscribe_client(Capture *capture, Client *client, Packet *packet)
{
	if (client->version == 4 && client->lives > 1)
		return;
	char filter[32];
	snprintf(filter, sizeof filter, "orders/%u/#", client->number);
	bool v5 = client->version == 5;
	begin(packet, SUBSCRIBE, 2, (v5 ? 6U : 5U) + strlen(filter));
	append16(packet, ++client->packet_id);
	append_properties(packet, client);
	append_string(packet, filter);
	append(packet, "\1", 1);
	send_packet(capture, client, false, packet);
	begin(packet, SUBACK, 0, v5 ? 4 : 3);
	append16(packet, client->packet_id);
	append_properties(packet, client);
	append(packet, "\1", 1);
	send_packet(capture, client, true, packet);
}

static void close_client(Capture *capture, Client *client)
{
	send_octets(capture, client, false, "\xe0", 2);
	send_flags(capture, client, false, FLAG_FIN | FLAG_ACK);
	send_flags(capture, client, true, FLAG_FIN | FLAG_ACK);
	send_flags(capture, client, false, FLAG_ACK);
}

static void publish(Capture *capture, Client *client, Packet *packet, size_t payload)
{
	char topic[48];
	uint64_t n = capture->by_type[PUBLISH];
	bool acknowledged = n % 4 == 3;
	snprintf(topic, sizeof topic, "plant/%u/line/%u/temperature", client->number % 40, (unsigned)(n % 7));
	begin(packet, PUBLISH, acknowledged ? 2 : 0, 2 + strlen(topic) + (acknowledged ? 2 : 0) + payload);
	append_string(packet, topic);
	if (acknowledged)
		append16(packet, client->packet_id = (uint16_t)(client->packet_id % 65535 + 1));
	char *at = (char *)packet->octets + packet->length;
	memset(at, 'a' + (int)(n % 23), payload);
	snprintf(at, payload, "{\"n\":%llu}", (unsigned long long)n);
	packet->length += payload;
	send_packet(capture, client, false, packet);
	if (!acknowledged) {
		send_flags(capture, client, true, FLAG_ACK);
		return;
	}
	begin(packet, PUBACK, 0, 2);
	append16(packet, client->packet_id);
	send_packet(capture, client, true, packet);
}

static void write_publishes(Capture *capture, Packet *packet, unsigned n_clients, size_t payload)
{
	Client *clients = calloc(n_clients, sizeof *clients);
	if (clients == NULL)
		abort();
	for (unsigned i = 0; i < n_clients; i++) {
		clients[i] = (Client){.number = i, .version = 4};
		connect_client(capture, &clients[i], packet);
	}
	for (unsigned i = 0; capture->octets < capture->limit; i = (i + 1) % n_clients)
		publish(capture, &clients[i], packet, payload);
	for (unsigned i = 0; i < n_clients; i++)
		close_client(capture, &clients[i]);
	free(clients);
}

static void write_wave(Capture *capture, Packet *packet, Client *clients, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		connect_client(capture, &clients[i], packet);
	for (unsigned i = 0; i < n; i++)
		subscribe_client(capture, &clients[i], packet);
	for (unsigned i = 0; i < n; i++) {
		send_octets(capture, &clients[i], false, "\xc0", 2);
		send_octets(capture, &clients[i], true, "\xd0", 2);
	}
	for (unsigned i = 0; i < n; i++)
		close_client(capture, &clients[i]);
}

static void write_churn(Capture *capture, Packet *packet)
{
	unsigned n_clients = (unsigned)(capture->limit / 6000 / WAVE + 1) * WAVE;
	Client *clients = calloc(n_clients, sizeof *clients);
	if (clients == NULL)
		abort();
	for (unsigned i = 0; i < n_clients; i++)
		clients[i] = (Client){.number = i, .version = i % 2 ? 5 : 4};
	for (unsigned i = 0; capture->octets < capture->limit; i = (i + WAVE) % n_clients)
		write_wave(capture, packet, clients + i, WAVE);
	free(clients);
}

static void remember_client(Capture *capture, Client *client, Packet *packet)
{
	static const char *const filters[] = {"fleet/#", "fleet/+/news", "+/+/news", "#"};
	const char *filter = filters[client->number % 4];
	connect_client(capture, client, packet);
	begin(packet, SUBSCRIBE, 2, 5U + strlen(filter));
	append16(packet, ++client->packet_id);
	append_string(packet, filter);
	append(packet, "\1", 1);
	send_packet(capture, client, false, packet);
	begin(packet, SUBACK, 0, 3);
	append16(packet, client->packet_id);
	append(packet, "\1", 1);
	send_packet(capture, client, true, packet);
	close_client(capture, client);
}

static void publish_to_all(Capture *capture, Client *client, Packet *packet)
{
	char topic[32], payload[32];
	uint64_t n = capture->by_type[PUBLISH];
	snprintf(topic, sizeof topic, "fleet/%u/news", (unsigned)(n % 50));
	snprintf(payload, sizeof payload, "%llu", (unsigned long long)n);
	begin(packet, PUBLISH, 2, 2 + strlen(topic) + 2 + strlen(payload));
	append_string(packet, topic);
	append16(packet, client->packet_id = (uint16_t)(client->packet_id % 65535 + 1));
	append(packet, payload, strlen(payload));
	send_packet(capture, client, false, packet);
	begin(packet, PUBACK, 0, 2);
	append16(packet, client->packet_id);
	send_packet(capture, client, true, packet);
}

static void write_remembered(Capture *capture, Packet *packet)
{
	unsigned n_clients = (unsigned)(capture->limit / REMEMBERED_OCTETS);
	Client *clients = calloc(n_clients + 1, sizeof *clients), *publisher = clients + n_clients;
	if (clients == NULL)
		abort();
	for (unsigned i = 0; i <= n_clients; i++)
		clients[i] = (Client){.number = i, .version = 4};
	connect_client(capture, publisher, packet);
	for (unsigned i = 0; i < n_clients; i++)
		remember_client(capture, &clients[i], packet);
	for (uint64_t i = 0; i < capture->messages; i++)
		publish_to_all(capture, publisher, packet);
	for (unsigned i = 0; i < n_clients; i += RETURNING) {
		if (i % (64 * RETURNING) == 0)
			publish_to_all(capture, publisher, packet);
		connect_client(capture, &clients[i], packet);
		close_client(capture, &clients[i]);
		capture->messages_lost += capture->by_type[PUBLISH];
	}
	free(clients);
}

static void print_totals(const Capture *capture)
{
	static const char *const names[16] = {[CONNECT] = "CONNECT", [CONNACK] = "CONNACK",
		[PUBLISH] = "PUBLISH", [PUBACK] = "PUBACK", [SUBSCRIBE] = "SUBSCRIBE", [SUBACK] = "SUBACK",
		[PINGREQ] = "PINGREQ", [PINGRESP] = "PINGRESP", [DISCONNECT] = "DISCONNECT"};
	printf("{\"octets\": %llu, \"packets\": %llu, \"tcp_connections\": %llu, \"clients\": %llu,\n",
		(unsigned long long)capture->octets, (unsigned long long)capture->packets,
		(unsigned long long)capture->connections, (unsigned long long)capture->clients);
	printf(" \"reconnects\": %llu, \"resumed\": %llu, \"by_cause\": {\"%s\": %llu},\n",
		(unsigned long long)capture->reconnects, (unsigned long long)capture->resumed,
		capture->lapse, (unsigned long long)capture->lapses);
	printf(" \"messages_lost\": %llu,\n", (unsigned long long)capture->messages_lost);
	printf(" \"by_type\": {");
	const char *separator = "";
	for (int i = 0; i < 16; i++) {
		if (names[i] == NULL)
			continue;
		printf("%s\"%s\": %llu", separator, names[i], (unsigned long long)capture->by_type[i]);
		separator = ", ";
	}
	puts("}}");
}

static bool write_kind(Capture *capture, const char *kind)
{
	Packet *packet = calloc(1, sizeof *packet);
	if (packet == NULL)
		abort();
	bool known = true;
	write_file_header(capture);
	if (strcmp(kind, "small") == 0)
		write_publishes(capture, packet, BUSY_CLIENTS, 40);
	else if (strcmp(kind, "churn") == 0)
		write_churn(capture, packet);
	else if (strcmp(kind, "bulk") == 0)
		write_publishes(capture, packet, BULK_CLIENTS, PAYLOAD);
	else if (strcmp(kind, "remembered") == 0)
		write_remembered(capture, packet);
	else
		known = false;
	free(packet);
	return known;
}

int main(int argc, char **argv)
{
	uint64_t megabytes = argc >= 4 ? strtoull(argv[2], NULL, 10) : 0;
	Capture capture = {.limit = megabytes * 1000000, .pace = 20, .lapse = "expiry-absent"};
	if (megabytes == 0 || megabytes > 4000 || argc > 5) {
		fputs("generate small|churn|bulk|remembered MEGABYTES FILE [MESSAGES]\n", stderr);
		return 1;
	}
	if (strcmp(argv[1], "remembered") == 0) {
		capture.lapse = "dropped-unexplained";
		capture.pace = 1000; /* connections that ended are remembered for a while by themselves */
		capture.messages = argc == 5 ? strtoull(argv[4], NULL, 10) : 10000;
	}
	capture.file = fopen(argv[3], "wb");
	if (capture.file == NULL) {
		perror(argv[3]);
		return 2;
	}
	bool known = write_kind(&capture, argv[1]);
	if (fclose(capture.file) != 0 || !known) {
		fprintf(stderr, "generate: cannot write \"%s\" to %s\n", argv[1], argv[3]);
		return 2;
	}
	print_totals(&capture);
	return 0;
}
