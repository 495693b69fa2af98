/* SPDX-License-Identifier: MIT */
/*
 * options: the command line.
 */
#pragma once

#include <glib.h>

#include "src/save_turns.h"
#include "src/verdict/finding.h"

typedef struct Options {
	char **interfaces; /* NULL-terminated; NULL: none */
	char **files;
	char *write_path;
	Rotation rotation; /* of @write_path; all 0: none */
	char *report;      /* name of the format; NULL: not given */
	char *output;
	char **clients;    /* globs */
	char *filter;      /* BPF; NULL: none */
	char *user;        /* to become after opening; NULL: stay */
	char *keylog;      /* secrets for TLS; NULL: none */
	char *explain;
	char *help;        /* the text of --help, if it was asked for */
	uint16_t *decode_ports;
	size_t n_decode_ports;
	bool vantage_given;
	Vantage vantage;
	BrokerProduct broker_is; /* BROKER_UNKNOWN: not given */
	bool follow;
	char *redact_key;  /* events and report hide the same behind the same token; NULL: nothing is hidden */
	size_t memory;     /* octets that the model may take; 0: what it needs */
	bool redact, ascii, list_causes, version;
	/* --fail-on, as sets */
	uint32_t fail_severities;   /* 1u << Severity */
	uint32_t fail_responsibles; /* 1u << Responsible */
	uint64_t fail_causes;       /* 1u << CauseId */
} Options;

/* False with *error set if the command line is wrong (exit 1). */
bool options_parse(Options *options, int *argc, char ***argv, GError **error);
void options_clear(Options *options);

/* Whether --fail-on names something of @finding. */
bool options_fail_on(const Options *options, const Finding *finding);
