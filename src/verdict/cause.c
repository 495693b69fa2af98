/* SPDX-License-Identifier: MIT */
#include "src/verdict/cause.h"

#include <stddef.h>
#include <string.h>

/* Every cause has its facts and its prose, once each: a double row is a double enumerator here,
 * a row of prose for no cause names an unknown constant, a missing one breaks the count. */
enum {
#define CAUSE_TEXT(id, ...) TEXT_##id = CAUSE_##id,
#include "src/verdict/causes_text.def"
#undef CAUSE_TEXT
};

#define CAUSE_TEXT(...) +1
_Static_assert(0
#include "src/verdict/causes_text.def"
		       == CAUSE_N - CAUSE_FIRST,
	       "causes.def and causes_text.def must hold the same causes");
#undef CAUSE_TEXT

static const CauseText texts[CAUSE_N] = {
#define CAUSE_TEXT(id, meaning_, proof_, refutation_, fix_, operator_, developer_, words_)         \
	[CAUSE_##id] = {                                                                           \
		.meaning = meaning_,                                                               \
		.proof = proof_,                                                                   \
		.refutation = refutation_,                                                         \
		.fix = fix_,                                                                       \
		.operator_does = operator_,                                                        \
		.developer_does = developer_,                                                      \
		.other_words = words_,                                                             \
	},
#include "src/verdict/causes_text.def"
#undef CAUSE_TEXT
};

static const CauseInfo causes[CAUSE_N] = {
#define CAUSE(id, name_, group_, severity_, responsible_, cap_, advice_, setting_, headline_,      \
	      clauses_)                                                                            \
	[CAUSE_##id] = {                                                                           \
		.name = name_,                                                                     \
		.group = CAUSE_GROUP_##group_,                                                     \
		.severity = SEVERITY_##severity_,                                                  \
		.responsible = RESPONSIBLE_##responsible_,                                         \
		.cap = CONFIDENCE_##cap_,                                                          \
		.advice = ADVICE_##advice_,                                                        \
		.setting = SETTING_##setting_,                                                     \
		.headline = headline_,                                                             \
		.clauses = clauses_,                                                               \
		.text = &texts[CAUSE_##id],                                                        \
	},
#include "src/verdict/causes.def"
#undef CAUSE
};

static const char *const responsible_names[RESPONSIBLE_N] = {
	[RESPONSIBLE_CLIENT_CONFIG] = "client-config",
	[RESPONSIBLE_CLIENT_BUG] = "client-bug",
	[RESPONSIBLE_BROKER_POLICY] = "broker-policy",
	[RESPONSIBLE_BROKER_FAULT] = "broker-fault",
	[RESPONSIBLE_OTHER_ACTOR] = "other-actor",
	[RESPONSIBLE_NETWORK] = "network",
	[RESPONSIBLE_UNKNOWABLE] = "unknowable",
};

static const char *const confidence_names[CONFIDENCE_N] = {
	[CONFIDENCE_PROVEN] = "proven",
	[CONFIDENCE_STRONG] = "strong",
	[CONFIDENCE_CONSISTENT] = "consistent",
	[CONFIDENCE_CANNOT_KNOW] = "cannot-know",
};

static const char *const severity_names[SEVERITY_N] = {
	[SEVERITY_LOSS] = "loss",
	[SEVERITY_RISK] = "risk",
	[SEVERITY_NOTE] = "note",
};

static const char *name_at(const char *const *names, unsigned n, unsigned i)
{
	return i < n ? names[i] : "unknown";
}

const CauseInfo *cause_info(CauseId cause)
{
	if (cause < CAUSE_FIRST || cause >= CAUSE_N)
		return NULL;
	return &causes[cause];
}

CauseId cause_by_name(const char *name)
{
	if (!name)
		return CAUSE_NONE;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		if (strcmp(causes[i].name, name) == 0)
			return (CauseId)i;
	}
	return CAUSE_NONE;
}

const char *cause_name(CauseId cause)
{
	const CauseInfo *info = cause_info(cause);

	return info ? info->name : "unknown";
}

const char *responsible_name(Responsible responsible)
{
	return name_at(responsible_names, RESPONSIBLE_N, responsible);
}

const char *confidence_name(Confidence confidence)
{
	return name_at(confidence_names, CONFIDENCE_N, confidence);
}

const char *severity_name(Severity severity)
{
	return name_at(severity_names, SEVERITY_N, severity);
}

Confidence confidence_capped(CauseId cause, Confidence wanted)
{
	const CauseInfo *info = cause_info(cause);

	return info && info->cap > wanted ? info->cap : wanted;
}
