/* SPDX-License-Identifier: MIT */
/*
 * history_batch: what a history is to get next, until it may be changed.
 *
 * Indexes are those that things will have in the history.
 */
#pragma once

#include "src/engine/history_private.h"

enum {
	HISTORY_PACKET_MOST = 64 * 1024, /* octets of one control packet */
	HISTORY_LIST_MOST = 1000,        /* subscriptions of one moment */
};
#define HISTORY_OCTETS_MOST (UINT64_C(128) << 20)

typedef struct HistoryBatch HistoryBatch;

HistoryBatch *history_batch_new(History *history);
void history_batch_free(HistoryBatch *batch);

/* The index of the event; -1: there are too many already. */
int32_t history_batch_event(HistoryBatch *batch, const HistoryEvent *event, ByteSpan octets);
uint32_t history_batch_text(HistoryBatch *batch, ByteSpan text);
/* Takes @list over. */
uint32_t history_batch_subscriptions(HistoryBatch *batch, HistorySubscription *list, uint32_t n);
/* Event @by acknowledges @event. */
void history_batch_answer(HistoryBatch *batch, int32_t event, int32_t by);

/* Moves all into the history. */
void history_batch_publish(HistoryBatch *batch);
