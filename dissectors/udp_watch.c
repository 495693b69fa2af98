/* SPDX-License-Identifier: MIT */
#include "dissectors/udp_watch.h"

#include <glib.h>
#include <string.h>

#include "dissectors/mqtt_sn.h"
#include "dissectors/quic.h"

enum { FLOW_BITS = 10 };

typedef struct UdpFlow {
	Endpoint ends[2]; /* the first sender, the other */
	uint8_t kind;     /* UdpKind; PLAIN: it is being looked at */
	MqttSn sensor;
	Quic *quic;       /* while its ClientHello is incomplete */
} UdpFlow;

struct UdpWatch {
	unsigned n_tries;
	UdpFlow flows[1 << FLOW_BITS];
};

UdpWatch *udp_watch_new(void)
{
	return g_new0(UdpWatch, 1);
}

void udp_watch_free(UdpWatch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(watch->flows); i++)
		quic_free(watch->flows[i].quic);
	g_free(watch);
}

static uint32_t hash_of(const Endpoint *end)
{
	uint32_t hash = UINT32_C(2166136261) ^ end->port; /* FNV-1a */
	for (size_t i = 0; i < sizeof end->address.octets; i++)
		hash = (hash ^ end->address.octets[i]) * UINT32_C(16777619);
	return hash;
}

/* The flow's place; the same for both directions. */
static UdpFlow *place_of(UdpWatch *watch, const Endpoint *a, const Endpoint *b)
{
	uint32_t both = (hash_of(a) ^ hash_of(b)) * UINT32_C(0x9e3779b1);
	return &watch->flows[both >> (32 - FLOW_BITS)];
}

/* Who of the flow sends; -1: it is another one. */
static int sender_in(const UdpFlow *flow, const Endpoint *source, const Endpoint *destination)
{
	for (int side = 0; side < 2; side++)
		if (endpoint_equal(&flow->ends[side], source) &&
		    endpoint_equal(&flow->ends[1 - side], destination))
			return side;
	return -1;
}

static void begin_flow(UdpFlow *flow, const Endpoint *source, const Endpoint *destination)
{
	quic_free(flow->quic);
	*flow = (UdpFlow){.ends = {*source, *destination}};
}

static UdpKind look_at_quic(UdpWatch *watch, UdpFlow *flow, ByteSpan datagram)
{
	if (flow->quic == NULL)
		flow->quic = quic_new();
	QuicVerdict verdict = watch->n_tries++ < UDP_WATCH_TRIES ? quic_datagram(flow->quic, datagram)
	                                                         : QUIC_OTHER;
	if (verdict == QUIC_PARTIAL)
		return UDP_QUIC;
	g_clear_pointer(&flow->quic, quic_free);
	flow->kind = verdict == QUIC_MQTT ? UDP_QUIC_MQTT : UDP_QUIC;
	return (UdpKind)flow->kind;
}

UdpKind udp_watch(UdpWatch *watch, const Endpoint *source, const Endpoint *destination,
                  ByteSpan datagram, bool *begins)
{
	UdpFlow *flow = place_of(watch, source, destination);
	int sender = sender_in(flow, source, destination);
	*begins = false;
	if (sender >= 0 && flow->kind != UDP_PLAIN && !quic_begins(datagram))
		return (UdpKind)flow->kind;
	if (quic_begins(datagram)) {
		if (sender < 0)
			begin_flow(flow, source, destination);
		if (flow->kind != UDP_PLAIN || sender == 1)
			return flow->kind == UDP_PLAIN ? UDP_QUIC : (UdpKind)flow->kind;
		*begins = look_at_quic(watch, flow, datagram) == UDP_QUIC_MQTT;
		return *begins ? UDP_QUIC_MQTT : UDP_QUIC;
	}
	if (sender >= 0 && flow->quic != NULL)
		return UDP_QUIC;
	if (!mqtt_sn_message(datagram))
		return UDP_PLAIN;
	if (sender < 0) {
		begin_flow(flow, source, destination);
		sender = 0;
	}
	bool hint = source->port == MQTT_SN_PORT || destination->port == MQTT_SN_PORT;
	*begins = mqtt_sn_proven(&flow->sensor, (unsigned)sender, datagram, hint);
	flow->kind = *begins ? UDP_MQTT_SN : UDP_PLAIN;
	return (UdpKind)flow->kind;
}
