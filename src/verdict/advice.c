/* SPDX-License-Identifier: MIT */
#include "src/verdict/advice.h"

#include <string.h>
#include <strings.h>

typedef struct AdviceLine {
	const char *v5, *v3;
} AdviceLine;

typedef struct LibraryInfo {
	const char *key, *name, *trap;
} LibraryInfo;

typedef struct ClientIdPattern {
	ClientLibrary library;
	const char *prefix;
} ClientIdPattern;

static const AdviceLine generic[ADVICE_N] = {
#define ADVICE_KIND(id, v5_, v3_) [ADVICE_##id] = {.v5 = v5_, .v3 = v3_},
#include "src/verdict/advice_kinds.def"
#undef ADVICE_KIND
};

static const LibraryInfo libraries[LIBRARY_N] = {
#define LIBRARY(id, key_, name_, trap_)                                                            \
	[LIBRARY_##id] = {.key = key_, .name = name_, .trap = trap_},
#include "src/verdict/advice.def"
};

static const ClientIdPattern patterns[] = {
#define CLIENT_ID_PATTERN(id, prefix_) {.library = LIBRARY_##id, .prefix = prefix_},
#include "src/verdict/advice.def"
};

static const AdviceLine lines[LIBRARY_N][ADVICE_N] = {
#define ADVICE(id, kind, v5_, v3_) [LIBRARY_##id][ADVICE_##kind] = {.v5 = v5_, .v3 = v3_},
#include "src/verdict/advice.def"
};

static const struct {
	const char *key, *name;
} brokers[BROKER_N] = {
#define BROKER(id, key_, name_) [BROKER_##id] = {.key = key_, .name = name_},
#include "src/verdict/broker_advice.def"
};

static const uint32_t caps[BROKER_N] = {
#define BROKER_CAP(id, seconds) [BROKER_##id] = seconds,
#include "src/verdict/broker_advice.def"
};

static const char *const settings[BROKER_N][SETTING_N] = {
#define BROKER_ADVICE(id, setting, line) [BROKER_##id][SETTING_##setting] = line,
#include "src/verdict/broker_advice.def"
};

static bool is_library(ClientLibrary library)
{
	return library >= LIBRARY_FIRST && library < LIBRARY_N;
}

static bool is_broker(BrokerProduct broker)
{
	return broker >= BROKER_FIRST && broker < BROKER_N;
}

const char *advice_client_line(AdviceKind kind, ClientLibrary library, bool v5)
{
	const AdviceLine *line;

	if (kind >= ADVICE_N)
		return NULL;
	line = is_library(library) ? &lines[library][kind] : &generic[kind];
	return v5 ? line->v5 : line->v3;
}

const char *advice_library_name(ClientLibrary library)
{
	return is_library(library) ? libraries[library].name : "unknown";
}

const char *advice_library_key(ClientLibrary library)
{
	return is_library(library) ? libraries[library].key : "unknown";
}

const char *advice_library_default(ClientLibrary library)
{
	return is_library(library) ? libraries[library].trap : NULL;
}

/* "paho" and a count of nanoseconds is what the Java client's generator makes; fewer digits
 * may be anybody's. */
static bool is_paho_java(const char *client_id, size_t size)
{
	enum { PREFIX = 4, MIN_DIGITS = 10 };

	if (size < PREFIX + MIN_DIGITS || memcmp(client_id, "paho", PREFIX) != 0)
		return false;
	for (size_t i = PREFIX; i < size; i++) {
		if (client_id[i] < '0' || client_id[i] > '9')
			return false;
	}
	return true;
}

ClientLibrary advice_guess_library(const char *client_id, size_t size)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t length = strlen(patterns[i].prefix);

		if (size >= length && memcmp(client_id, patterns[i].prefix, length) == 0)
			return patterns[i].library;
	}
	return is_paho_java(client_id, size) ? LIBRARY_PAHO_JAVA : LIBRARY_UNKNOWN;
}

const char *advice_broker_line(CauseId cause, BrokerProduct broker)
{
	const CauseInfo *info = cause_info(cause);

	return info && is_broker(broker) ? settings[broker][info->setting] : NULL;
}

const char *advice_broker_name(BrokerProduct broker)
{
	return is_broker(broker) ? brokers[broker].name : "unknown";
}

const char *advice_broker_key(BrokerProduct broker)
{
	return is_broker(broker) ? brokers[broker].key : "unknown";
}

BrokerProduct advice_broker_by_key(const char *key)
{
	for (unsigned i = BROKER_FIRST; key != NULL && i < BROKER_N; i++)
		if (strcasecmp(key, brokers[i].key) == 0)
			return (BrokerProduct)i;
	return BROKER_UNKNOWN;
}

uint32_t advice_broker_cap(BrokerProduct broker)
{
	return is_broker(broker) ? caps[broker] : 0;
}
