/* SPDX-License-Identifier: MIT */
/*
 * action: what a key can do, and where.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum ScreenId {
	SCREEN_CLIENTS,
	SCREEN_TIMELINE,
	SCREEN_FINDINGS,
	SCREEN_BROKERS,
	SCREEN_LADDER,
	SCREEN_PACKET,
	SCREEN_COMPARE,
	SCREEN_TEXT, /* help, log, explanation */
	SCREEN_COLUMNS,
	SCREEN_N,
} ScreenId;

/* Sets of screens, for actions.def. */
enum {
	IN_CLIENTS = 1 << SCREEN_CLIENTS,
	IN_TIMELINE = 1 << SCREEN_TIMELINE,
	IN_FINDINGS = 1 << SCREEN_FINDINGS,
	IN_BROKERS = 1 << SCREEN_BROKERS,
	IN_LADDER = 1 << SCREEN_LADDER,
	IN_PACKET = 1 << SCREEN_PACKET,
	IN_COMPARE = 1 << SCREEN_COMPARE,
	IN_COLUMNS = 1 << SCREEN_COLUMNS,
	EVERYWHERE = (1 << SCREEN_N) - 1,
	LISTS = IN_CLIENTS | IN_FINDINGS | IN_BROKERS,
	PANES = IN_TIMELINE | IN_FINDINGS | IN_BROKERS | IN_PACKET | IN_LADDER | IN_COMPARE,
	MARKABLE = IN_CLIENTS | IN_FINDINGS | IN_TIMELINE | IN_LADDER | IN_COLUMNS,
	FOLLOWERS = IN_CLIENTS | IN_TIMELINE | IN_LADDER | IN_FINDINGS,
	WITH_CLIENT = IN_CLIENTS | IN_TIMELINE | IN_FINDINGS | IN_LADDER,
	WITH_PACKETS = IN_TIMELINE | IN_LADDER,
	ZOOMABLE = IN_TIMELINE | IN_CLIENTS,
	EXPLAINABLE = IN_CLIENTS | IN_TIMELINE | IN_FINDINGS,
};

typedef enum Action {
	ACTION_NONE,
#define ACTION(id, ...) ACTION_##id,
#include "ui/screens/actions.def"
#undef ACTION
	ACTION_N,
} Action;

typedef struct ActionInfo {
	const char *name;
	uint32_t where; /* 1 << ScreenId */
	const char *keys; /* by default */
	const char *help;
} ActionInfo;

/* NULL for what is no action. */
const ActionInfo *action_info(Action action);
