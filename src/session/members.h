/* SPDX-License-Identifier: MIT */
/*
 * members: what the other members of a Shared Subscription got while one was away.
 *
 * Written down only while a member is away, and only of the filters that it holds.
 */
#pragma once

#include "src/session/away_private.h"

typedef struct Group Group;

/* One more (+1) or one fewer (-1) member that holds @filter is away from @broker. */
void members_await(Model *model, BrokerIndex broker, uint32_t filter, int change);
/* A PUBLISH of QoS 1 or 2, while model->n_members_away is not 0. */
void members_delivered(Live *live, const MqttEvent *event);
/* @away is over, and its session was there: says so if another member got something meanwhile. */
void members_return(Model *model, const Away *away);
