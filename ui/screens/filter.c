/* SPDX-License-Identifier: MIT */
/*
 * The language itself: tokens and nodes.
 */
#include <string.h>

#include "ui/screens/filter_private.h"

G_DEFINE_QUARK(row-filter-error, row_filter_error)

typedef enum TokenKind { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_NOT, TOKEN_OPERATOR, TOKEN_WORD, TOKEN_QUOTED } TokenKind;

typedef struct Parser {
	const char *text;
	size_t position;   /* behind @token */
	TokenKind token;
	size_t token_at;
	FilterOperator op; /* of an OPERATOR */
	GString *word;     /* of a WORD, or QUOTED */
	unsigned depth, n_tests;
	GError **error;
} Parser;

G_GNUC_PRINTF(3, 4)
static void fail(Parser *parser, size_t at, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *says = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (parser->error == NULL || *parser->error != NULL)
		return;
	glong column = g_utf8_strlen(parser->text, (gssize)at) + 1;
	g_set_error(parser->error, ROW_FILTER_ERROR, 0, "column %ld: %s", column, says);
}

/* --- tokens ------------------------------------------------------------------------------------- */

static bool is_sign(char c)
{
	return c == '\0' || g_ascii_isspace(c) || strchr("()\"'=!~<>", c) != NULL;
}

static bool read_quoted(Parser *parser)
{
	const char *text = parser->text;
	size_t begin = parser->position;
	char quote = text[parser->position++];
	for (; text[parser->position] != quote; parser->position++) {
		if (text[parser->position] == '\0') {
			fail(parser, begin, "this quotation mark is not closed");
			return false;
		}
		char next = text[parser->position + 1];
		if (text[parser->position] == '\\' && (next == quote || next == '\\'))
			parser->position++;
		g_string_append_c(parser->word, text[parser->position]);
	}
	parser->position++;
	parser->token = TOKEN_QUOTED;
	return true;
}

static void read_word(Parser *parser)
{
	while (!is_sign(parser->text[parser->position]))
		g_string_append_c(parser->word, parser->text[parser->position++]);
	parser->token = TOKEN_WORD;
}

static bool read_operator(Parser *parser)
{
	size_t longest = 0;
	for (unsigned op = 0; op < OPERATOR_N; op++) {
		const char *sign = filter_operator_text((FilterOperator)op);
		if (strlen(sign) > longest && g_str_has_prefix(parser->text + parser->position, sign)) {
			longest = strlen(sign);
			parser->op = (FilterOperator)op;
		}
	}
	parser->position += longest;
	parser->token = TOKEN_OPERATOR;
	return longest > 0;
}

static void skip_blanks(Parser *parser)
{
	while (g_ascii_isspace(parser->text[parser->position]))
		parser->position++;
	parser->token_at = parser->position;
	g_string_truncate(parser->word, 0);
}

/* False if there is an error. */
static bool advance(Parser *parser)
{
	skip_blanks(parser);
	char c = parser->text[parser->position];
	if (c == '\0') {
		parser->token = TOKEN_END;
	} else if (c == '(' || c == ')') {
		parser->position++;
		parser->token = c == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
	} else if (c == '"' || c == '\'') {
		return read_quoted(parser);
	} else if (!is_sign(c)) {
		read_word(parser);
	} else if (!read_operator(parser)) { /* all signs but this begin an operator */
		parser->position++;
		parser->token = TOKEN_NOT;
	}
	return true;
}

/* "2026-11-22 10:15": the blank needs no quotation marks. */
static void read_time_of_date(Parser *parser)
{
	const char *next = parser->text + parser->position;
	const char *date = parser->word->str;
	if (parser->word->len != strlen("2026-11-22") || date[4] != '-' || date[7] != '-' || next[0] != ' ' ||
	    !g_ascii_isdigit(next[1]) || !g_ascii_isdigit(next[2]) || next[3] != ':')
		return;
	g_string_append_c(parser->word, ' ');
	parser->position++;
	read_word(parser);
}

/* What stands behind an operator: up to a blank, or a parenthesis that it did not open itself. */
static bool advance_to_value(Parser *parser, FieldKind kind)
{
	skip_blanks(parser);
	const char *text = parser->text;
	if (text[parser->position] == '"' || text[parser->position] == '\'')
		return read_quoted(parser);
	unsigned open = 0;
	for (char c = text[parser->position]; c != '\0' && !g_ascii_isspace(c); c = text[parser->position]) {
		if (c == ')' && open == 0)
			break;
		open += c == '(';
		open -= c == ')';
		g_string_append_c(parser->word, c);
		parser->position++;
	}
	parser->token = parser->word->len > 0 ? TOKEN_WORD : TOKEN_END;
	if (kind == KIND_TIME)
		read_time_of_date(parser);
	return true;
}

/* --- nodes -------------------------------------------------------------------------------------- */

static void node_free(FilterNode *node)
{
	if (node == NULL)
		return;
	node_free(node->left);
	node_free(node->right);
	filter_test_clear(&node->test);
	g_free(node->word);
	g_free(node);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterNode, node_free)

/* Takes both over. */
static FilterNode *node_new(NodeKind kind, FilterNode *left, FilterNode *right)
{
	FilterNode *node = g_new0(FilterNode, 1);
	node->kind = kind;
	node->left = left;
	node->right = right;
	return node;
}

static FilterNode *parse_either(Parser *parser);

static bool at_word(const Parser *parser, const char *word)
{
	return parser->token == TOKEN_WORD && g_ascii_strcasecmp(parser->word->str, word) == 0;
}

static FilterNode *parse_value(Parser *parser, FilterField field)
{
	const FilterFieldInfo *info = filter_field_info(field);
	FilterOperator op = parser->op;
	if (!filter_operator_suits(op, info->kind)) {
		fail(parser, parser->token_at, "%s cannot be asked by %s", info->name, filter_operator_text(op));
		return NULL;
	}
	if (!advance_to_value(parser, info->kind))
		return NULL;
	if (parser->token == TOKEN_END) {
		fail(parser, parser->token_at, "expected a value after %s", filter_operator_text(op));
		return NULL;
	}
	bool negative = op == OPERATOR_UNEQUAL || op == OPERATOR_FITS_NOT;
	g_autoptr(FilterNode) node = node_new(NODE_TEST, NULL, NULL);
	node->test.field = (uint8_t)field;
	node->test.operator = (uint8_t)(op == OPERATOR_UNEQUAL    ? OPERATOR_EQUAL
	                                : op == OPERATOR_FITS_NOT ? OPERATOR_FITS : op);
	g_autofree char *fault = filter_read_value(&node->test, parser->word->str);
	if (fault != NULL) {
		fail(parser, parser->token_at, "%s", fault);
		return NULL;
	}
	if (!advance(parser))
		return NULL;
	FilterNode *test = g_steal_pointer(&node);
	return negative ? node_new(NODE_NOT, test, NULL) : test;
}

/* FIELD OPERATOR VALUE, or a word. */
static FilterNode *parse_test(Parser *parser)
{
	if (++parser->n_tests > FILTER_TESTS) {
		fail(parser, parser->token_at, "more than %d conditions", FILTER_TESTS);
		return NULL;
	}
	bool quoted = parser->token == TOKEN_QUOTED;
	size_t at = parser->token_at;
	g_autofree char *word = g_strdup(parser->word->str);
	if (!advance(parser))
		return NULL;
	FilterField field = quoted ? FIELD_N : filter_field_by_name(word);
	if (parser->token == TOKEN_OPERATOR) {
		if (field != FIELD_N)
			return parse_value(parser, field);
		fail(parser, at, "there is no field \"%s\"", word);
		return NULL;
	}
	if (field != FIELD_N) {
		fail(parser, parser->token_at, "expected an operator after %s (\"%s\" in quotation marks is a text)",
		     word, word);
		return NULL;
	}
	FilterNode *node = node_new(NODE_WORD, NULL, NULL);
	node->word = g_utf8_strdown(word, -1);
	return node;
}

static FilterNode *parse_group(Parser *parser)
{
	size_t at = parser->token_at;
	if (!advance(parser))
		return NULL;
	g_autoptr(FilterNode) inner = parse_either(parser);
	if (inner == NULL)
		return NULL;
	if (parser->token != TOKEN_CLOSE) {
		fail(parser, at, "this parenthesis is not closed");
		return NULL;
	}
	return advance(parser) ? g_steal_pointer(&inner) : NULL;
}

static FilterNode *parse_one(Parser *parser);

static FilterNode *parse_not(Parser *parser)
{
	FilterNode *inner = advance(parser) ? parse_one(parser) : NULL;
	return inner == NULL ? NULL : node_new(NODE_NOT, inner, NULL);
}

static FilterNode *parse_one(Parser *parser)
{
	if (++parser->depth > FILTER_DEPTH) {
		fail(parser, parser->token_at, "nested deeper than %d", FILTER_DEPTH);
		return NULL;
	}
	FilterNode *node = NULL;
	if (parser->token == TOKEN_OPEN)
		node = parse_group(parser);
	else if (parser->token == TOKEN_NOT || at_word(parser, "not"))
		node = parse_not(parser);
	else if (parser->token == TOKEN_QUOTED ||
	         (parser->token == TOKEN_WORD && !at_word(parser, "and") && !at_word(parser, "or")))
		node = parse_test(parser);
	else
		fail(parser, parser->token_at, "expected a field, a word, \"not\" or a parenthesis");
	parser->depth--;
	return node;
}

static FilterNode *parse_both(Parser *parser)
{
	g_autoptr(FilterNode) node = parse_one(parser);
	while (node != NULL && parser->token != TOKEN_END && parser->token != TOKEN_CLOSE &&
	       !at_word(parser, "or")) {
		if (at_word(parser, "and") && !advance(parser))
			return NULL;
		FilterNode *next = parse_one(parser);
		if (next == NULL)
			return NULL;
		node = node_new(NODE_AND, g_steal_pointer(&node), next);
	}
	return g_steal_pointer(&node);
}

static FilterNode *parse_either(Parser *parser)
{
	g_autoptr(FilterNode) node = parse_both(parser);
	while (node != NULL && at_word(parser, "or")) {
		FilterNode *next = advance(parser) ? parse_both(parser) : NULL;
		if (next == NULL)
			return NULL;
		node = node_new(NODE_OR, g_steal_pointer(&node), next);
	}
	return g_steal_pointer(&node);
}

static FilterNode *parse_whole(Parser *parser)
{
	if (!advance(parser))
		return NULL;
	if (parser->token == TOKEN_END)
		return node_new(NODE_ALL, NULL, NULL);
	g_autoptr(FilterNode) root = parse_either(parser);
	if (root != NULL && parser->token != TOKEN_END) {
		fail(parser, parser->token_at, "this parenthesis was not opened");
		return NULL;
	}
	return g_steal_pointer(&root);
}

RowFilter *row_filter_new(const char *text, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GString) word = g_string_new(NULL);
	Parser parser = {.text = text, .word = word, .error = &fault};
	FilterNode *root = NULL;
	if (strlen(text) > FILTER_LENGTH)
		g_set_error(&fault, ROW_FILTER_ERROR, 0, "longer than %d characters", FILTER_LENGTH);
	else if (!g_utf8_validate(text, -1, NULL))
		g_set_error_literal(&fault, ROW_FILTER_ERROR, 0, "not UTF-8");
	else
		root = parse_whole(&parser);
	if (root == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	RowFilter *filter = g_new(RowFilter, 1);
	filter->root = root;
	return filter;
}

void row_filter_free(RowFilter *filter)
{
	if (filter == NULL)
		return;
	node_free(filter->root);
	g_free(filter);
}

/* --- asked -------------------------------------------------------------------------------------- */

/* No deeper than FILTER_DEPTH and FILTER_TESTS allow. */
static bool node_holds(const FilterNode *node, const FilterSubject *subject)
{
	switch (node->kind) {
	case NODE_ALL:
		return true;
	case NODE_TEST:
		return filter_test_holds(&node->test, subject);
	case NODE_WORD:
		return filter_word_holds(node->word, subject);
	case NODE_NOT:
		return !node_holds(node->left, subject);
	case NODE_AND:
		return node_holds(node->left, subject) && node_holds(node->right, subject);
	case NODE_OR:
		return node_holds(node->left, subject) || node_holds(node->right, subject);
	}
	return false;
}

bool row_filter_fits(const RowFilter *filter, const FilterScope *scope, ClientIndex client)
{
	FilterSubject subject = {scope, &scope->roster->rows[client], UINT32_MAX};
	return node_holds(filter->root, &subject);
}

bool row_filter_fits_finding(const RowFilter *filter, const FilterScope *scope, uint32_t finding)
{
	ClientIndex client = g_array_index(scope->findings, Finding, finding).client;
	if (client >= scope->roster->n_rows)
		return false;
	FilterSubject subject = {scope, &scope->roster->rows[client], finding};
	return node_holds(filter->root, &subject);
}
