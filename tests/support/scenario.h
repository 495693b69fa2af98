/* SPDX-License-Identifier: MIT */
/* Plays a scenario (tests/scenarios/README.md) into a capture. */
#pragma once

#include "tests/support/builder.h"

/* 2026-11-22 10:00:00 UTC: the instant that a scenario calls 0. */
#define SCENARIO_BEGIN (G_GINT64_CONSTANT(1795341600) * 1000000000)

typedef struct {
	Builder *builder;
	BuilderLink link;        /* what the scenario itself asks for */
	GPtrArray *expectations; /* char *, one JSON object each */
} Scenario;

/* `name` stands before the line number in errors. */
Scenario *scenario_parse(const char *text, const char *name, GError **error);
/* The same, every connection carried by `wrap`. */
Scenario *scenario_parse_over(const char *text, const char *name, WrapKind wrap, GError **error);
Scenario *scenario_load(const char *path, WrapKind wrap, GError **error);
void scenario_free(Scenario *scenario);

/* "ethernet", "vlan", "sll2" or "ipv6". */
bool scenario_link_from_name(const char *name, BuilderLink *link);
