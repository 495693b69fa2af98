/* SPDX-License-Identifier: MIT */
/*
 * learn: what each CONNACK adds to the facts of its broker.
 */
#pragma once

#include "src/session/model_private.h"

/* @connection has its CONNACK, in @packet, and its outcome if it was accepted. */
void learn_connack(Model *model, const Connection *connection, const MqttPacket *packet);
/* @client, not yet told of it, was accepted again on @connection. */
void learn_reconnect(Model *model, const Connection *connection, const Client *client);
