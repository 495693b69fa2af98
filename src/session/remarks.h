/* SPDX-License-Identifier: MIT */
/*
 * remarks: what only few connections have, so that the record of all others stays small.
 */
#pragma once

#include "dissectors/bytes.h"
#include "dissectors/stream.h"
#include "src/session/absence.h"

typedef struct Remarks {
	/* the Will of its CONNECT, if Connection.has_will */
	uint32_t will_topic; /* text index, see model_text() */
	uint32_t will_delay; /* seconds */
	uint8_t will_qos;
	bool will_retain;
	/* a client that looks like this one was here before, under a name that nobody uses any more:
	 * its last accepted connection + 1; 0: none */
	uint32_t name_before;
	uint8_t name_difference; /* IdDifference, see id_shape.h */
	bool only_name_of_host;  /* its host shows no other client */
	uint32_t resume; /* index + 1, see model_resume(); 0: none */
	uint32_t missed[MISSED_N]; /* index + 1, see model_missed(); 0: none */
	uint32_t stall;  /* likewise, see model_stall() */
	uint32_t clues; /* the first, see model_clue(); 0: none */
} Remarks;
