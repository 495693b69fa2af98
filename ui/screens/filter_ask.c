/* SPDX-License-Identifier: MIT */
/*
 * What a row, and the client behind it, answers to a test.
 */
#include <string.h>

#include "dissectors/mqtt_names.h"
#include "src/session/matching.h"
#include "ui/screens/filter_private.h"

#define NS_PER_DAY (INT64_C(86400) * NS_PER_SECOND)

static ByteSpan span_of(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

/* --- texts -------------------------------------------------------------------------------------- */

static bool text_equal(const FilterTest *test, ByteSpan text)
{
	if (test->glob == NULL)
		return strlen(test->text) == text.size && memcmp(test->text, text.data, text.size) == 0;
	/* A glob wants it ended. */
	g_autofree char *ended = g_strndup((const char *)text.data, text.size);
	return g_pattern_match_string(test->glob, ended);
}

static bool text_holds(const FilterTest *test, ByteSpan text)
{
	if (test->operator == OPERATOR_FITS)
		return g_regex_match_full(test->regex, text.size == 0 ? "" : (const char *)text.data,
		                          (gssize)text.size, 0, 0, NULL, NULL);
	return text_equal(test, text);
}

/* @word is in lower case; what is not ASCII has to be as it is. */
static bool contains(ByteSpan text, const char *word)
{
	size_t size = strlen(word);
	uint8_t first = (uint8_t)word[0];
	for (size_t i = 0; i + size <= text.size; i++) {
		/* Nearly every octet ends here: letters differ from their capitals in this bit alone. */
		if (text.data[i] != first && (text.data[i] ^ 0x20) != first)
			continue;
		if (g_ascii_strncasecmp((const char *)text.data + i, word, size) == 0)
			return true;
	}
	return false;
}

/* A text that is looked for, in either way. */
typedef struct Sought {
	const FilterTest *test; /* NULL: @word */
	const char *word;
} Sought;

static bool is_sought(const Sought *sought, ByteSpan text)
{
	return sought->test != NULL ? text_holds(sought->test, text) : contains(text, sought->word);
}

/* A filter also counts if it matches the topic that is asked for. */
static bool filter_is_sought(const Sought *sought, ByteSpan filter)
{
	if (is_sought(sought, filter))
		return true;
	if (sought->test == NULL || sought->test->operator != OPERATOR_EQUAL || sought->test->glob != NULL)
		return false;
	ByteSpan plain;
	filter_is_shared(filter, &plain);
	return filter_matches_topic(plain, span_of(sought->test->text));
}

static bool absence_is_sought(const Sought *sought, const Model *model, const Absence *absence)
{
	if (absence == NULL)
		return false;
	for (uint32_t i = 0; i < absence->n_subscriptions; i++)
		if (filter_is_sought(sought, model_filter(model, absence->subscriptions[i].filter)))
			return true;
	for (uint32_t i = 0; i < absence->n_examples; i++)
		if (is_sought(sought, model_topic(model, absence->examples[i].topic)))
			return true;
	return false;
}

/* --- its findings ------------------------------------------------------------------------------- */

typedef bool (*FindingAnswers)(const void *asked, const FilterScope *scope, const Finding *finding);

static bool any_finding(const FilterSubject *subject, FindingAnswers answers, const void *asked)
{
	const FilterScope *scope = subject->scope;
	if (subject->finding != UINT32_MAX)
		return answers(asked, scope, &g_array_index(scope->findings, Finding, subject->finding));
	uint32_t begin = scope->roster->first[subject->row->client];
	uint32_t end = scope->roster->first[subject->row->client + 1];
	for (uint32_t i = begin; i < end; i++) {
		uint32_t index = scope->roster->by_client[i];
		if (answers(asked, scope, &g_array_index(scope->findings, Finding, index)))
			return true;
	}
	return false;
}

static bool cost_is_sought(const void *asked, const FilterScope *scope, const Finding *finding)
{
	return absence_is_sought(asked, scope->model, model_absence(scope->model, finding->cost));
}

static bool cause_is_sought(const void *asked, const FilterScope *scope, const Finding *finding)
{
	(void)scope;
	return is_sought(asked, span_of(cause_name((CauseId)finding->cause)));
}

static bool topic_is_sought(const Sought *sought, const FilterSubject *subject)
{
	const Model *model = subject->scope->model;
	const Client *client = model_client(model, subject->row->client);
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		if (filter_is_sought(sought, model_filter(model, client->subscriptions[i].filter)))
			return true;
	return any_finding(subject, cost_is_sought, sought);
}

/* --- names and ranks ---------------------------------------------------------------------------- */

/* The value of the test is a whole unit of its precision. */
static bool number_holds(const FilterTest *test, int64_t value)
{
	int64_t end = test->number > INT64_MAX - test->precision ? INT64_MAX : test->number + test->precision;
	switch (test->operator) {
	case OPERATOR_GREATER:
		return value >= end;
	case OPERATOR_AT_LEAST:
		return value >= test->number;
	case OPERATOR_LESS:
		return value < test->number;
	case OPERATOR_AT_MOST:
		return value < end;
	default:
		return value >= test->number && value < end;
	}
}

static bool named_holds(const FilterTest *test, uint32_t value, const char *name)
{
	return test->operator == OPERATOR_FITS ? text_holds(test, span_of(name)) : number_holds(test, value);
}

static bool finding_holds(const void *asked, const FilterScope *scope, const Finding *finding)
{
	const FilterTest *test = asked;
	(void)scope;
	switch (test->field) {
	case FIELD_CAUSE:
		return named_holds(test, finding->cause, cause_name((CauseId)finding->cause));
	case FIELD_RESPONSIBLE:
		return named_holds(test, finding->responsible, responsible_name((Responsible)finding->responsible));
	case FIELD_EVENT:
		return finding->incident != NULL && number_holds(test, finding->incident->number);
	case FIELD_SEVERITY:
		return named_holds(test, SEVERITY_N - finding->severity, severity_name((Severity)finding->severity));
	default:
		return named_holds(test, CONFIDENCE_N - finding->confidence,
		                   confidence_name((Confidence)finding->confidence));
	}
}

/* Of a client, those that hit it, whether or not it lost something by them; of a finding, the one that explains it. */
static bool event_holds(const FilterTest *test, const FilterSubject *subject)
{
	const GPtrArray *incidents = subject->scope->incidents;
	for (guint i = 0; subject->finding == UINT32_MAX && incidents != NULL && i < incidents->len; i++) {
		const Incident *incident = g_ptr_array_index(incidents, i);
		if (number_holds(test, incident->number) && incident_hits(incident, subject->row->client))
			return true;
	}
	return any_finding(subject, finding_holds, test);
}

static bool state_holds(const FilterTest *test, const RosterRow *row)
{
	if (test->operator == OPERATOR_FITS)
		return text_holds(test, span_of(client_state_name((ClientState)row->state)));
	return (test->number >> row->state & 1) != 0;
}

static bool version_holds(const FilterTest *test, const RosterRow *row)
{
	return row->version != MQTT_VERSION_UNKNOWN &&
	       named_holds(test, row->version, mqtt_version_name((MqttVersion)row->version));
}

/* --- numbers ------------------------------------------------------------------------------------ */

typedef struct LostRange {
	int64_t min, max;
	bool exact;
} LostRange;

static LostRange lost_of(const FilterSubject *subject)
{
	const FilterScope *scope = subject->scope;
	const RosterRow *row = subject->row;
	CountRange lost = row->lost;
	bool open = row->lost_unknown || row->lost_unbounded;
	if (subject->finding != UINT32_MAX) {
		const Finding *finding = &g_array_index(scope->findings, Finding, subject->finding);
		const Absence *cost = model_absence(scope->model, finding->cost);
		lost = cost == NULL ? (CountRange){0, 0} : cost->lost;
		open = finding->severity == SEVERITY_LOSS &&
		       (!finding_messages_known(scope->model, finding) || (cost != NULL && cost->unbounded));
	}
	return (LostRange){lost.min, open ? INT64_MAX : (int64_t)lost.max, !open && lost.min == lost.max};
}

/* More: if it may be so; less and equal: if it is. */
static bool lost_holds(const FilterTest *test, const FilterSubject *subject)
{
	LostRange lost = lost_of(subject);
	if (test->unknown)
		return !lost.exact;
	if (test->operator == OPERATOR_EQUAL)
		return lost.exact && lost.min == test->number;
	return number_holds(test, lost.max);
}

static bool away_holds(const FilterTest *test, const FilterSubject *subject)
{
	const Model *model = subject->scope->model;
	Instant from = subject->row->since, to = subject->scope->now;
	if (subject->row->state == CLIENT_REFUSED)
		return false; /* from what? */
	if (subject->row->state == CLIENT_ONLINE) {
		const Client *client = model_client(model, subject->row->client);
		if (client->current == NO_INDEX)
			return false;
		const Connection *now = model_connection(model, client->current);
		if (now->accepted_before == NO_INDEX)
			return false;
		from = model_connection(model, now->accepted_before)->closed;
		to = now->connect_time;
	}
	int64_t away;
	return instant_known(from) && instant_known(to) && !__builtin_sub_overflow(to.ns, from.ns, &away) &&
	       number_holds(test, MAX(away, 0));
}

static bool time_holds(const FilterTest *test, const FilterSubject *subject)
{
	const FilterScope *scope = subject->scope;
	Instant time = subject->row->since;
	if (subject->finding != UINT32_MAX)
		time = finding_showed(scope->model, &g_array_index(scope->findings, Finding, subject->finding));
	if (!instant_known(time))
		return false;
	int64_t of_day = (time.ns % NS_PER_DAY + NS_PER_DAY) % NS_PER_DAY;
	return number_holds(test, test->of_day ? of_day : time.ns);
}

/* --- all of them -------------------------------------------------------------------------------- */

static bool broker_is_sought(const Sought *sought, const FilterSubject *subject)
{
	const Model *model = subject->scope->model;
	const Client *client = model_client(model, subject->row->client);
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(&model_broker(model, client->broker)->endpoint, text);
	return is_sought(sought, span_of(text));
}

static bool user_holds(const FilterTest *test, const FilterSubject *subject)
{
	const Model *model = subject->scope->model;
	const Client *client = model_client(model, subject->row->client);
	if (client->last == NO_INDEX)
		return false;
	const Connection *last = model_connection(model, client->last);
	return last->has_username && text_holds(test, model_text(model, last->username));
}

static ByteSpan name_of(const FilterSubject *subject)
{
	const Model *model = subject->scope->model;
	return model_text(model, model_client(model, subject->row->client)->id);
}

bool filter_word_holds(const char *word, const FilterSubject *subject)
{
	Sought sought = {NULL, word};
	return is_sought(&sought, name_of(subject)) || broker_is_sought(&sought, subject) ||
	       any_finding(subject, cause_is_sought, &sought) || topic_is_sought(&sought, subject);
}

static bool count_holds(const FilterTest *test, const RosterRow *row)
{
	switch (test->field) {
	case FIELD_LAPSES:
		return number_holds(test, row->n_lapses);
	case FIELD_FINDINGS:
		return number_holds(test, row->n_findings);
	case FIELD_CONNECTIONS:
		return number_holds(test, row->n_connections);
	default:
		return number_holds(test, row->n_resumed);
	}
}

bool filter_test_holds(const FilterTest *test, const FilterSubject *subject)
{
	Sought sought = {test, NULL};
	switch ((FilterField)test->field) {
	case FIELD_CLIENT:
		return text_holds(test, name_of(subject));
	case FIELD_BROKER:
		return broker_is_sought(&sought, subject);
	case FIELD_CAUSE:
	case FIELD_RESPONSIBLE:
	case FIELD_SEVERITY:
	case FIELD_CONFIDENCE:
		return any_finding(subject, finding_holds, test);
	case FIELD_EVENT:
		return event_holds(test, subject);
	case FIELD_STATE:
		return state_holds(test, subject->row);
	case FIELD_TOPIC:
		return topic_is_sought(&sought, subject);
	case FIELD_VERSION:
		return version_holds(test, subject->row);
	case FIELD_USER:
		return user_holds(test, subject);
	case FIELD_LOST:
		return lost_holds(test, subject);
	case FIELD_LAPSES:
	case FIELD_FINDINGS:
	case FIELD_CONNECTIONS:
	case FIELD_RESUMED:
		return count_holds(test, subject->row);
	case FIELD_AWAY:
		return away_holds(test, subject);
	case FIELD_TIME:
		return time_holds(test, subject);
	case FIELD_N:
		break;
	}
	return false;
}
