/* SPDX-License-Identifier: MIT */
/*
 * history_record: makes events of what a pipeline lets see, for some clients.
 */
#pragma once

#include "src/engine/history_batch.h"
#include "src/pipeline_watch.h"

typedef struct Recorder Recorder;

/* Of what @model gets, which stays the caller's. */
Recorder *recorder_new(const Model *model, HistoryBatch *batch, const ClientIndex *clients, unsigned n);
void recorder_free(Recorder *recorder);
/* The connection that began at @opened will be @connection, and @client's. */
void recorder_expect(Recorder *recorder, FrameRef opened, ConnectionIndex connection,
                     ClientIndex client);
/* It was another's: what is read is not what was read before. */
bool recorder_is_betrayed(const Recorder *recorder);

/* For pipeline_watch(), with the recorder. */
const PipelineWatch *recorder_watch(void);
