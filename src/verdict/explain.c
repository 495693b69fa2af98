/* SPDX-License-Identifier: MIT */
#include "src/verdict/explain.h"

#include <string.h>

#include "src/verdict/advice.h"

enum {
	INDENT = 2,
	TAG_WIDTH = 8, /* "  3.1.1 " */
};

/* Where text goes: every line is indented, the first one of a paragraph may begin otherwise. */
typedef struct Page {
	GString *out;
	unsigned width;
} Page;

static void spaces_append(GString *out, size_t n)
{
	g_string_append_printf(out, "%*s", (int)n, "");
}

static void words_append(const Page *page, size_t indent, const char *text)
{
	size_t column = indent;
	bool first = true;

	while (*text) {
		size_t size = strcspn(text, " ");
		size_t columns = (size_t)g_utf8_strlen(text, (gssize)size);

		if (!first && column + 1 + columns > page->width) {
			g_string_append_c(page->out, '\n');
			spaces_append(page->out, indent);
			column = indent;
		} else if (!first) {
			g_string_append_c(page->out, ' ');
			column++;
		}
		g_string_append_len(page->out, text, (gssize)size);
		column += columns;
		first = false;
		text += size;
		text += strspn(text, " ");
	}
	g_string_append_c(page->out, '\n');
}

static void paragraph_append(const Page *page, const char *text)
{
	spaces_append(page->out, INDENT);
	words_append(page, INDENT, text);
}

static void heading_append(const Page *page, const char *heading)
{
	g_string_append_printf(page->out, "\n%s\n", heading);
}

static void section_append(const Page *page, const char *heading, const char *text)
{
	heading_append(page, heading);
	paragraph_append(page, text);
}

/* A label in a column of its own, then the text, hanging. */
static void item_append(const Page *page, const char *label, size_t label_width, const char *text)
{
	size_t columns = (size_t)g_utf8_strlen(label, -1);

	spaces_append(page->out, INDENT);
	g_string_append(page->out, label);
	spaces_append(page->out, label_width > columns ? label_width - columns : 1);
	words_append(page, INDENT + label_width, text);
}

static void facts_append(const Page *page, const CauseInfo *info)
{
	enum { LABEL_WIDTH = 13 };
	g_autofree char *confidence =
		g_strdup_printf("at best %s", confidence_name(info->cap));

	g_string_append_printf(page->out, "%s\n", info->name);
	paragraph_append(page, info->headline);
	g_string_append_c(page->out, '\n');
	item_append(page, "responsible", LABEL_WIDTH, responsible_name(info->responsible));
	item_append(page, "severity", LABEL_WIDTH, severity_name(info->severity));
	item_append(page, "confidence", LABEL_WIDTH, confidence);
}

static void clauses_append(const Page *page, const CauseInfo *info)
{
	g_auto(GStrv) clauses = g_strsplit(info->clauses, ", ", -1);

	heading_append(page, "Clauses");
	for (char **clause = clauses; *clause; clause++)
		paragraph_append(page, *clause);
}

static void fix_append(const Page *page, const CauseText *text)
{
	section_append(page, "Fix", text->fix);
	heading_append(page, "What the client's developer does");
	paragraph_append(page, text->developer_does);
	heading_append(page, "What the broker's operator does");
	paragraph_append(page, text->operator_does ? text->operator_does :
						     "Nothing: the broker has no part in it.");
}

/* The defaults that lose sessions are all about these two. */
static void default_append(const Page *page, AdviceKind kind, ClientLibrary library)
{
	const char *trap = advice_library_default(library);

	if (trap && (kind == ADVICE_SET_EXPIRY || kind == ADVICE_CLEAN_START_FALSE))
		item_append(page, "  note", TAG_WIDTH, trap);
}

static void library_append(const Page *page, AdviceKind kind, ClientLibrary library)
{
	const char *v5 = advice_client_line(kind, library, true);
	const char *v3 = advice_client_line(kind, library, false);

	if (!v5 && !v3)
		return;
	paragraph_append(page, library == LIBRARY_UNKNOWN ? "any library" :
							    advice_library_name(library));
	if (v5 && v3 && strcmp(v5, v3) == 0) {
		item_append(page, "  any", TAG_WIDTH, v5);
	} else {
		if (v5)
			item_append(page, "  5.0", TAG_WIDTH, v5);
		if (v3)
			item_append(page, "  3.1.1", TAG_WIDTH, v3);
	}
	default_append(page, kind, library);
}

static void libraries_append(const Page *page, AdviceKind kind)
{
	heading_append(page, "In the client library");
	if (kind == ADVICE_NONE) {
		paragraph_append(page, "No option of a client library changes this.");
		return;
	}
	for (unsigned i = LIBRARY_UNKNOWN; i < LIBRARY_N; i++)
		library_append(page, kind, (ClientLibrary)i);
}

static void brokers_append(const Page *page, CauseId cause)
{
	enum { NAME_WIDTH = 18 };

	heading_append(page, "In the broker");
	if (cause_info(cause)->setting == SETTING_NONE) {
		paragraph_append(page, "No setting of a broker changes this.");
		return;
	}
	for (unsigned i = BROKER_FIRST; i < BROKER_N; i++) {
		const char *line = advice_broker_line(cause, (BrokerProduct)i);

		if (line)
			item_append(page, advice_broker_name((BrokerProduct)i), NAME_WIDTH, line);
	}
}

void explain_cause(CauseId cause, GString *out, unsigned width)
{
	const CauseInfo *info = cause_info(cause);
	Page page = {.out = out, .width = width ? width : EXPLAIN_WIDTH};

	if (!info)
		return;
	page.width = MAX(page.width, (unsigned)EXPLAIN_WIDTH_MIN);
	facts_append(&page, info);
	section_append(&page, "What it means", info->text->meaning);
	section_append(&page, "What proves it", info->text->proof);
	section_append(&page, "What would make it false", info->text->refutation);
	clauses_append(&page, info);
	fix_append(&page, info->text);
	libraries_append(&page, info->advice);
	brokers_append(&page, cause);
	section_append(&page, "Other words in logs",
		       *info->text->other_words ? info->text->other_words : "None known.");
}

static size_t longest_cause_name(void)
{
	size_t longest = 0;

	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++)
		longest = MAX(longest, strlen(cause_name((CauseId)i)));
	return longest;
}

static size_t longest_responsible_name(void)
{
	size_t longest = 0;

	for (unsigned i = 0; i < RESPONSIBLE_N; i++)
		longest = MAX(longest, strlen(responsible_name((Responsible)i)));
	return longest;
}

void explain_list(GString *out)
{
	int names = (int)longest_cause_name();
	int parties = (int)longest_responsible_name();

	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const CauseInfo *info = cause_info((CauseId)i);

		g_string_append_printf(out, "%-*s  %-*s  %s\n", names, info->name, parties,
				       responsible_name(info->responsible), info->headline);
	}
}
