/* SPDX-License-Identifier: MIT */
/*
 * filter_private: the insides of a filter, for filter*.c alone.
 */
#pragma once

#include "ui/screens/filter.h"

typedef enum FilterField {
#define FILTER_FIELD(id, ...) FIELD_##id,
#include "ui/screens/filter_fields.def"
#undef FILTER_FIELD
	FIELD_N,
} FilterField;

typedef enum FieldKind { KIND_TEXT, KIND_NAME, KIND_RANK, KIND_NUMBER, KIND_DURATION, KIND_TIME } FieldKind;

typedef enum FilterOperator {
	OPERATOR_EQUAL,
	OPERATOR_UNEQUAL,
	OPERATOR_FITS,     /* a regular expression */
	OPERATOR_FITS_NOT,
	OPERATOR_GREATER,
	OPERATOR_AT_LEAST,
	OPERATOR_LESS,
	OPERATOR_AT_MOST,
	OPERATOR_N,
} FilterOperator;

typedef struct FilterTest {
	uint8_t field;      /* FilterField */
	uint8_t operator;   /* FilterOperator; never one with "not" in it */
	bool of_day;        /* @number is a time of day */
	bool unknown;       /* the value is "?" */
	char *text;         /* of = in a text: itself, and its glob if it is one */
	GPatternSpec *glob;
	GRegex *regex;
	int64_t number;     /* number, rank, name, nanoseconds; of a state: a set */
	int64_t precision;  /* one of its last unit, in nanoseconds or itself */
} FilterTest;

typedef enum NodeKind { NODE_ALL, NODE_TEST, NODE_WORD, NODE_NOT, NODE_AND, NODE_OR } NodeKind;

typedef struct FilterNode FilterNode;
struct FilterNode {
	NodeKind kind;
	FilterNode *left, *right; /* of NOT: the left one */
	FilterTest test;
	char *word;               /* of WORD: in lower case */
};

struct RowFilter {
	FilterNode *root;
};

typedef struct FilterFieldInfo {
	const char *name;
	FieldKind kind;
	const char *help;
} FilterFieldInfo;

const FilterFieldInfo *filter_field_info(FilterField field);
/* FIELD_N: there is none of that name. */
FilterField filter_field_by_name(const char *name);
const char *filter_operator_text(FilterOperator op);
bool filter_operator_suits(FilterOperator op, FieldKind kind);
/* The @nth name that a NAME or RANK may have, and its value; NULL: there are no more. */
const char *filter_name(FilterField field, unsigned nth, uint32_t *value);

/* Reads @value into @test, whose field and operator are set; else what is wrong, new text. */
char *filter_read_value(FilterTest *test, const char *value);
void filter_test_clear(FilterTest *test);

/* What a test is asked about. */
typedef struct FilterSubject {
	const FilterScope *scope;
	const RosterRow *row;
	uint32_t finding; /* this one alone; UINT32_MAX: all of the client */
} FilterSubject;

bool filter_test_holds(const FilterTest *test, const FilterSubject *subject);
/* Client, broker, cause or topic contains @word, which is in lower case. */
bool filter_word_holds(const char *word, const FilterSubject *subject);
