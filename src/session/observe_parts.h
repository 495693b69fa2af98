/* SPDX-License-Identifier: MIT */
/*
 * observe_parts: what the files that observe packets are to each other.
 */
#pragma once

#include "src/session/model_private.h"

/* PUBLISH and its acknowledgements (observe_publish.c). */
void observe_publish_from_client(Live *live, const MqttEvent *event);
void observe_publish_acknowledged(Live *live, const MqttEvent *event);
void observe_publish_to_client(Live *live, const MqttEvent *event);

/* SUBSCRIBE and the like (observe_subscribe.c). */
void observe_subscribe(Live *live, const MqttEvent *event);
void observe_suback(Live *live, const MqttEvent *event);
void observe_unsubscribe(Live *live, const MqttEvent *event);
bool observe_unanswered(const Live *live);
void observe_unsuback(Live *live, const MqttEvent *event);
void forget_asked(Live *live);
/* For its broker's record: what @client is subscribed to may not be known in full. */
void note_unsure(Model *model, Client *client);

/* A new clue to be filled in; NULL if there is one of its kind, which is counted (clues.c). */
Clue *clue_put(Model *model, Connection *connection, ClueKind kind, const StreamPoint *at);

/* CONNECT, CONNACK (observe_connect.c). */
void observe_connect(Live *live, const MqttEvent *event);
void observe_connack(Live *live, const MqttEvent *event);
void observe_disconnect(Live *live, const MqttEvent *event);
/* The connection is over for the session (observe_close.c). */
void live_leave(Live *live);
/* The Live is about to go: nobody may find it, and the Connection gets what it knows. */
void live_forget(Live *live);
/* Its end on the wire; the first one counts. */
void live_close(Live *live, ClosedBy by, CloseKind kind, const StreamPoint *at);
/* Of a connection that was accepted (backend.c); @announces: 0 or backend_announces(). */
void note_backend(Model *model, Connection *connection, const Opening *opening, uint16_t announces);
