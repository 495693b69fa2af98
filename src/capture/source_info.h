/* SPDX-License-Identifier: MIT */
/*
 * source_info: what is known of one file or interface, beside its frames.
 */
#pragma once

#include "dissectors/stream.h"

/* An interface that a pcapng file describes; as the file has it, not escaped, and cut where long. */
typedef struct SourceInterface {
	char *name;        /* NULL: not given */
	char *description; /* likewise */
	uint32_t snaplen;  /* 0: none */
	bool nanoseconds;  /* its times are finer than microseconds */
} SourceInterface;

/* What somebody noted in a pcapng file, likewise. */
typedef struct SourceComment {
	uint64_t frame; /* 0: about the file */
	char *text;
} SourceComment;

enum { SOURCE_INTERFACES_MOST = 64, SOURCE_COMMENTS_MOST = 64, SOURCE_TEXT_MOST = 512 };
enum { SOURCE_STEPS_MOST = 32 };

/* What is known of one file or interface. */
typedef struct SourceInfo {
	const char *name;
	bool live;          /* an interface, of that name */
	bool nanoseconds;   /* as for an interface; where none is described */
	uint32_t snaplen;   /* likewise */
	uint16_t link_types[16]; /* those seen, in the order of appearance */
	unsigned n_link_types;
	uint64_t packets;
	uint64_t bytes;             /* captured octets */
	uint64_t truncated_packets; /* cut by the snap length */
	uint64_t clock_steps_back;  /* frames older than the one before */
	int64_t clock_back_ns;      /* by how much its clock went back, all larger steps together */
	int64_t clock_jitter_ns;    /* the largest of the small ones, which do not add up */
	ClockStep clock_steps[SOURCE_STEPS_MOST]; /* the larger ones, in the order of the file; with those */
	unsigned n_clock_steps;                   /* that find no place, the last one is their sum */
	int64_t clock_shift_ns;     /* added to its times, see source_shift_clock() */
	uint64_t flawed_packets;    /* of which the link layer found something wrong (pcapng) */
	bool damaged;        /* the file is damaged or ended within a record */
	const char *damage;  /* what, where: "frame 17: impossible length 8 of the block at offset 4711" */
	bool drops_known;
	ByteSpan secrets;    /* key log lines of Decryption Secrets Blocks so far (pcapng); they grow */
	uint64_t dropped;    /* by kernel and interface, where known (live, pcapng) */
	const SourceInterface *interfaces; /* the first ones described (pcapng) */
	unsigned n_interfaces;
	const SourceComment *comments;     /* the first ones */
	unsigned n_comments;
	uint64_t more_comments;            /* that are not kept */
} SourceInfo;
