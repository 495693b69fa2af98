/* SPDX-License-Identifier: MIT */
/*
 * backend: signs of the host that answered a connection, behind the broker's address.
 */
#pragma once

#include "dissectors/mqtt_packet.h"
#include "dissectors/tcp_print.h"

typedef struct Backend {
	const TcpPrint *print; /* NULL: its handshake was not seen */
	uint8_t clock;         /* tcp_clock_base() in units of 4 s that wrap; 0: not known */
	uint16_t announces;    /* hash of the limits in its CONNACK, MQTT 5.0; 0: not known */
} Backend;

/* Of an accepting CONNACK of MQTT 5.0: what is the broker's own and not this client's; never 0. */
uint16_t backend_announces(const MqttProperties *properties);
