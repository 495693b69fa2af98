/* SPDX-License-Identifier: MIT */
#include "tests/support/expect.h"

#include <string.h>

/* Typed from the list of causes of the specification, not taken from the program's table. */
static const char *const causes[] = {
	"expiry-absent",
	"expiry-zero",
	"clean-start",
	"clean-start-per-process",
	"disconnect-expiry-zero",
	"disconnect-expiry-invalid",
	"expiry-dropped",
	"version-switch",
	"expired",
	"client-id-changed",
	"client-id-assigned",
	"subscription-qos0",
	"published-qos0",
	"expiry-shortened",
	"silent-cap",
	"restart-without-persistence",
	"queue-overflow",
	"overflow-ended-session",
	"qos-downgraded",
	"message-expired",
	"packet-too-large",
	"shared-to-another",
	"permission-withdrawn",
	"admin-removed",
	"no-persistent-sessions",
	"clean-start-not-stored",
	"dropped-unexplained",
	"persistence-incomplete",
	"no-subscriptions",
	"subscription-missing",
	"inflight-not-redelivered",
	"pubrel-not-resent",
	"qos2-replayed",
	"doomed-session-resumed",
	"kept-past-expiry",
	"other-broker",
	"other-namespace",
	"client-id-takeover",
	"half-open",
	"receive-window-stuck",
	"acked-before-subscribe",
	"state-kept",
	"no-resubscribe",
	"client-inflight-lost",
	"resume-rejected",
	"retained-replay",
	"session-present-after-clean-start",
	"clean-session-before",
	"queued-messages-missing",
	NULL,
};

static const char *const outcomes[] = {
	"resumed",
	"fresh-as-requested",
	"fresh-unexpected",
	"first-seen",
	"refused",
	"not-observable",
	NULL,
};

static const char *const responsibles[] = {
	"client-config", "client-bug", "broker-policy", "broker-fault",
	"other-actor",   "network",    "unknowable",    NULL,
};

static const char *const incidents[] = {
	"restart", "failover", "site-outage", "purge", "credentials-refused", "thundering-herd",
	"connection-time-limit", "idle-kill", NULL,
};

static const char *const confidences[] = {"proven", "strong", "consistent", "cannot-know", NULL};
static const char *const severities[] = {"loss", "risk", "note", NULL};

typedef enum { KIND_TEXT, KIND_BOUNDS, KIND_CAUSES, KIND_ONE_OF } Kind;

static const struct {
	const char *key;
	Kind kind;
	const char *const *allowed;
} options[] = {
	{"responsible", KIND_ONE_OF, responsibles},
	{"confidence", KIND_ONE_OF, confidences},
	{"severity", KIND_ONE_OF, severities},
	{"lost", KIND_BOUNDS, NULL},
	{"owed", KIND_BOUNDS, NULL},
	{"also", KIND_CAUSES, causes},
	{"without", KIND_CAUSES, causes},
	{"names", KIND_TEXT, NULL},
	{"says", KIND_TEXT, NULL},
	{"hits", KIND_BOUNDS, NULL},
};

static void append_string(GString *json, const char *text)
{
	g_string_append_c(json, '"');
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_printf(json, "\\%c", *at);
		else if ((guchar)*at < 0x20)
			g_string_append_printf(json, "\\u%04x", (guint)(guchar)*at);
		else
			g_string_append_c(json, *at);
	}
	g_string_append_c(json, '"');
}

static void append_member(GString *json, const char *key, const char *text)
{
	g_string_append_printf(json, ", \"%s\": ", key);
	append_string(json, text);
}

/* Several names with `separator` between them, each of which must be allowed. */
static void append_names(GString *json, WordRange *range, const char *text, const char *separator,
                         const char *const *allowed)
{
	char **names = g_strsplit(text, separator, -1);

	g_string_append_c(json, '[');
	for (guint i = 0; names[i] != NULL; i++) {
		if (!g_strv_contains(allowed, names[i]))
			words_fail(range, "'%s' is not one of the known names", names[i]);
		g_string_append(json, i > 0 ? ", " : "");
		append_string(json, names[i]);
	}
	g_string_append_c(json, ']');
	g_strfreev(names);
}

/* N, A..B, A.. for no upper bound, or "unknown" where the report must not give a number */
static void append_bounds(GString *json, WordRange *range, const char *text)
{
	char **parts = g_strsplit(text, "..", 2);
	bool unknown = strcmp(text, "unknown") == 0;
	bool two = parts[0] != NULL && parts[1] != NULL;
	guint32 low = unknown ? 0 : words_number(range, two ? parts[0] : text, G_MAXINT32);
	bool open = two && *parts[1] == '\0';
	guint32 high = open ? G_MAXINT32 : two ? words_number(range, parts[1], G_MAXINT32) : low;

	if (unknown)
		g_string_append(json, "null");
	else if (open)
		g_string_append_printf(json, "[%u, null]", low);
	else
		g_string_append_printf(json, "[%u, %u]", low, high);
	if (low > high)
		words_fail(range, "'%s': the first number is the greater one", text);
	g_strfreev(parts);
}

static void append_option(GString *json, WordRange *range, guint option, const char *text)
{
	g_string_append_printf(json, ", \"%s\": ", options[option].key);
	switch (options[option].kind) {
	case KIND_TEXT: append_string(json, text); break;
	case KIND_BOUNDS: append_bounds(json, range, text); break;
	case KIND_CAUSES: append_names(json, range, text, ",", options[option].allowed); break;
	case KIND_ONE_OF: append_names(json, range, text, "|", options[option].allowed); break;
	}
}

static void append_options(GString *json, WordRange *range)
{
	for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
		const char *text = words_take_text(range, options[i].key);

		if (text != NULL)
			append_option(json, range, i, text);
	}
}

static const char *take_needed(WordRange *range, const char *what)
{
	const char *text = words_take_plain(range);

	if (text == NULL) {
		words_fail(range, "%s is missing", what);
		return "";
	}
	return text;
}

static void append_finding(GString *json, WordRange *range, const char *kind)
{
	append_member(json, "kind", kind);
	append_member(json, "client", take_needed(range, "the client"));
	g_string_append(json, ", \"cause\": ");
	append_names(json, range, take_needed(range, "the cause"), "|", causes);
	append_options(json, range);
}

static void append_incident(GString *json, WordRange *range, const char *kind)
{
	append_member(json, "kind", kind);
	g_string_append(json, ", \"incident\": ");
	append_names(json, range, take_needed(range, "the kind of incident"), "|", incidents);
	append_options(json, range);
}

static void append_absence(GString *json, WordRange *range)
{
	const char *what = take_needed(range, "lapse, finding, incident or accusation");

	if (strcmp(what, "accusation") == 0) {
		append_member(json, "kind", "no-accusation");
		return;
	}
	if (strcmp(what, "incident") == 0) {
		append_incident(json, range, "no-incident");
		return;
	}
	if (strcmp(what, "lapse") != 0 && strcmp(what, "finding") != 0)
		words_fail(range, "'no %s' is not known", what);
	append_member(json, "kind", strcmp(what, "lapse") == 0 ? "no-lapse" : "no-finding");
	append_member(json, "client", take_needed(range, "the client"));
}

static void append_outcome(GString *json, WordRange *range)
{
	append_member(json, "kind", "outcome");
	append_member(json, "client", take_needed(range, "the client"));
	g_string_append_printf(json, ", \"connection\": %u",
	                       words_number(range, take_needed(range, "the connection"), 100000));
	g_string_append(json, ", \"outcome\": ");
	append_names(json, range, take_needed(range, "the outcome"), "|", outcomes);
}

/* A finding that need not be there, but must be like this if it is. */
static void append_maybe(GString *json, WordRange *range)
{
	const char *what = take_needed(range, "finding");

	if (strcmp(what, "finding") != 0)
		words_fail(range, "'maybe %s' is not known", what);
	append_finding(json, range, "maybe");
}

static void append_not(GString *json, WordRange *range)
{
	append_member(json, "kind", "not");
	g_string_append(json, ", \"cause\": ");
	append_names(json, range, take_needed(range, "the cause"), ",", causes);
}

static void append_form(GString *json, WordRange *range)
{
	const char *form = take_needed(range, "lapse, finding, incident, no, outcome or not");

	if (strcmp(form, "lapse") == 0 || strcmp(form, "finding") == 0)
		append_finding(json, range, form);
	else if (strcmp(form, "incident") == 0)
		append_incident(json, range, form);
	else if (strcmp(form, "no") == 0)
		append_absence(json, range);
	else if (strcmp(form, "outcome") == 0)
		append_outcome(json, range);
	else if (strcmp(form, "not") == 0)
		append_not(json, range);
	else if (strcmp(form, "maybe") == 0)
		append_maybe(json, range);
	else
		words_fail(range, "'expect %s' is not known", form);
}

char *expect_to_json(GPtrArray *words, guint line, GError **error)
{
	WordRange range = {.words = words, .from = 1, .until = words->len};
	GString *json = g_string_new(NULL);

	g_string_append_printf(json, "{\"line\": %u", line);
	append_form(json, &range);
	g_string_append_c(json, '}');
	for (guint i = range.from; i < range.until; i++) {
		const Word *word = words->pdata[i];

		if (!word->used)
			words_fail(&range, "'%s' is not known here", word->text);
	}
	if (range.error != NULL)
		g_propagate_error(error, range.error);
	return g_string_free(json, range.error != NULL);
}
