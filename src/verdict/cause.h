/* SPDX-License-Identifier: MIT */
/*
 * cause: the vocabulary of the diagnosis, as data.
 *
 * causes.def holds the facts of each cause, causes_text.def what people read; both carry every
 * cause exactly once.  Nothing here looks at traffic.
 */
#pragma once

/* In the order of decision. */
typedef enum CauseId {
	CAUSE_NONE, /* no cause, or a name that is none */
#define CAUSE(id, ...) CAUSE_##id,
#include "src/verdict/causes.def"
#undef CAUSE
	CAUSE_N, /* one past the last cause */
	CAUSE_FIRST = CAUSE_NONE + 1,
} CauseId;

/* Who can change it, or has done it. */
typedef enum Responsible {
	RESPONSIBLE_CLIENT_CONFIG,
	RESPONSIBLE_CLIENT_BUG,
	RESPONSIBLE_BROKER_POLICY, /* allowed by the standard */
	RESPONSIBLE_BROKER_FAULT,  /* against a clause that the cause names */
	RESPONSIBLE_OTHER_ACTOR,   /* a twin, an operator */
	RESPONSIBLE_NETWORK,       /* the path, and the deployment that chose it */
	RESPONSIBLE_UNKNOWABLE,
	RESPONSIBLE_N,
} Responsible;

/* Strongest first: the weaker of two is the greater. */
typedef enum Confidence {
	CONFIDENCE_PROVEN,     /* antecedent and consequence are both on the wire, no hole between */
	CONFIDENCE_STRONG,     /* one alternative is not excluded, and named */
	CONFIDENCE_CONSISTENT, /* one of a listed set */
	CONFIDENCE_CANNOT_KNOW,
	CONFIDENCE_N,
} Confidence;

/* Most severe first. */
typedef enum Severity {
	SEVERITY_LOSS, /* state or messages are gone */
	SEVERITY_RISK, /* will be, by the rules, at the next disconnect */
	SEVERITY_NOTE, /* worth knowing, nothing lost */
	SEVERITY_N,
} Severity;

typedef enum CauseGroup {
	CAUSE_GROUP_SESSION, /* the session as a whole: one of these leads a reconnect's findings */
	CAUSE_GROUP_PARTIAL, /* the session lived on, or the loss is of single messages */
	CAUSE_GROUP_NOTE,
} CauseGroup;

/* What a client has to change, see advice.h for the words in each library. */
typedef enum AdviceKind {
	ADVICE_NONE, /* no setting does it */
#define ADVICE_KIND(id, ...) ADVICE_##id,
#include "src/verdict/advice_kinds.def"
#undef ADVICE_KIND
	ADVICE_N,
} AdviceKind;

/* Which of a broker's settings a cause turns on. */
typedef enum BrokerSetting {
	SETTING_NONE,
	SETTING_LIFETIME,   /* how long sessions are kept */
	SETTING_QUEUE,      /* how much is queued for absent clients */
	SETTING_DURABILITY, /* what survives a restart */
	SETTING_QOS0,       /* whether QoS 0 is queued */
	SETTING_QOS,        /* the highest QoS granted */
	SETTING_MESSAGE_EXPIRY,
	SETTING_PERSISTENT_SESSIONS, /* whether they are offered at all */
	SETTING_N,
} BrokerSetting;

/* What people read of a cause: static UTF-8, no pointer is NULL but where said. */
typedef struct CauseText {
	const char *meaning;
	const char *proof;          /* what proves it */
	const char *refutation;     /* what would make it false */
	const char *fix;            /* summary, one or two sentences */
	const char *operator_does;  /* of the broker; NULL if there is nothing to do */
	const char *developer_does; /* of the client, whatever the library */
	const char *other_words;    /* for it in logs of brokers and clouds; "" if none is known */
} CauseText;

typedef struct CauseInfo {
	const char *name; /* "expiry-absent" */
	CauseGroup group;
	Severity severity; /* once it has struck */
	Responsible responsible;
	Confidence cap; /* the wire can prove it no better than this */
	AdviceKind advice;
	BrokerSetting setting;
	const char *headline; /* a line without full stop, at most 66 columns */
	const char *clauses;  /* "5.0 §3.1.2.11.2, 5.0 [MQTT-3.1.2-23]": split at ", " */
	const CauseText *text;
} CauseInfo;

/* NULL for CAUSE_NONE and for what is no cause. */
const CauseInfo *cause_info(CauseId cause);
/* CAUSE_NONE if no cause has this name (or @name is NULL). */
CauseId cause_by_name(const char *name);

/* The kebab-case names of the contract; "unknown" for values outside. */
const char *cause_name(CauseId cause);
const char *responsible_name(Responsible responsible);
const char *confidence_name(Confidence confidence);
const char *severity_name(Severity severity);

/* @wanted, or the cause's cap if that is weaker. */
Confidence confidence_capped(CauseId cause, Confidence wanted);
