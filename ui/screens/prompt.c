/* SPDX-License-Identifier: MIT */
#include "ui/screens/prompt.h"

#include <string.h>

enum { HISTORY_MAX = 100, TEXT_MAX = 4096 };

struct Prompt {
	PromptComplete complete;
	void *user;
	bool active;
	PromptKind kind;
	GString *text;
	size_t cursor;             /* octet */
	GPtrArray *history[PROMPT_N]; /* of char *, the oldest first */
	unsigned back;             /* how far back in it; 0: at what is typed */
	char *typed;               /* what was typed before going back */
	char **choices;            /* NULL: none are shown */
	unsigned choice;           /* the one that stands in the text, if cycling */
	bool cycling;
	size_t word;               /* octet at which the completed word begins */
	char *fault, *note; /* NULL: none */
};

Prompt *prompt_new(PromptComplete complete, void *user)
{
	Prompt *prompt = g_new0(Prompt, 1);
	prompt->complete = complete;
	prompt->user = user;
	prompt->text = g_string_new(NULL);
	for (unsigned i = 0; i < PROMPT_N; i++)
		prompt->history[i] = g_ptr_array_new_with_free_func(g_free);
	return prompt;
}

static void forget_choices(Prompt *prompt)
{
	g_clear_pointer(&prompt->choices, g_strfreev);
	prompt->cycling = false;
}

void prompt_free(Prompt *prompt)
{
	if (prompt == NULL)
		return;
	forget_choices(prompt);
	for (unsigned i = 0; i < PROMPT_N; i++)
		g_ptr_array_unref(prompt->history[i]);
	g_string_free(prompt->text, TRUE);
	g_free(prompt->typed);
	g_free(prompt->fault);
	g_free(prompt->note);
	g_free(prompt);
}

void prompt_begin(Prompt *prompt, PromptKind kind, const char *text)
{
	forget_choices(prompt);
	prompt->active = true;
	prompt->kind = kind;
	g_string_assign(prompt->text, text);
	prompt->cursor = prompt->text->len;
	prompt->back = 0;
	g_clear_pointer(&prompt->fault, g_free);
	g_clear_pointer(&prompt->note, g_free);
}

bool prompt_active(const Prompt *prompt)
{
	return prompt->active;
}

PromptKind prompt_kind(const Prompt *prompt)
{
	return prompt->kind;
}

const char *prompt_text(const Prompt *prompt)
{
	return prompt->text->str;
}

void prompt_complain(Prompt *prompt, const char *fault)
{
	g_free(prompt->fault);
	prompt->fault = g_strdup(fault);
}

void prompt_note(Prompt *prompt, const char *note)
{
	g_free(prompt->note);
	prompt->note = g_strdup(note);
}

/* --- editing ------------------------------------------------------------------------------------ */

static size_t before(const Prompt *prompt)
{
	const char *text = prompt->text->str;
	const char *at = g_utf8_find_prev_char(text, text + prompt->cursor);
	return at == NULL ? 0 : (size_t)(at - text);
}

static size_t behind(const Prompt *prompt)
{
	size_t at = prompt->cursor + (prompt->cursor < prompt->text->len);
	while (at < prompt->text->len && (prompt->text->str[at] & 0xC0) == 0x80)
		at++;
	return at;
}

static size_t word_before(const Prompt *prompt)
{
	size_t at = prompt->cursor;
	while (at > 0 && prompt->text->str[at - 1] == ' ')
		at--;
	while (at > 0 && prompt->text->str[at - 1] != ' ')
		at--;
	return at;
}

static PromptResult erase(Prompt *prompt, size_t from, size_t to)
{
	if (from == to)
		return PROMPT_GOES_ON;
	g_string_erase(prompt->text, (gssize)from, (gssize)(to - from));
	prompt->cursor = from;
	return PROMPT_CHANGED;
}

static PromptResult insert(Prompt *prompt, Key key)
{
	char text[8];
	int size = g_unichar_to_utf8(key, text);
	if (prompt->text->len + (size_t)size > TEXT_MAX)
		return PROMPT_GOES_ON;
	g_string_insert_len(prompt->text, (gssize)prompt->cursor, text, size);
	prompt->cursor += (size_t)size;
	return PROMPT_CHANGED;
}

static PromptResult move(Prompt *prompt, size_t to)
{
	prompt->cursor = to;
	return PROMPT_GOES_ON;
}

/* --- history ------------------------------------------------------------------------------------ */

static void remember(Prompt *prompt)
{
	GPtrArray *history = prompt->history[prompt->kind];
	const char *last = history->len == 0 ? "" : g_ptr_array_index(history, history->len - 1);
	if (prompt->text->len == 0 || strcmp(last, prompt->text->str) == 0)
		return;
	g_ptr_array_add(history, g_strdup(prompt->text->str));
	if (history->len > HISTORY_MAX)
		g_ptr_array_remove_index(history, 0);
}

static PromptResult recall(Prompt *prompt, bool older)
{
	GPtrArray *history = prompt->history[prompt->kind];
	if (older ? prompt->back == history->len : prompt->back == 0)
		return PROMPT_GOES_ON;
	if (prompt->back == 0) {
		g_free(prompt->typed);
		prompt->typed = g_strdup(prompt->text->str);
	}
	prompt->back = older ? prompt->back + 1 : prompt->back - 1;
	g_string_assign(prompt->text, prompt->back == 0 ? prompt->typed
	                              : g_ptr_array_index(history, history->len - prompt->back));
	prompt->cursor = prompt->text->len;
	return PROMPT_CHANGED;
}

/* --- completion --------------------------------------------------------------------------------- */

/* Where the word that is being typed begins. */
static size_t word_start(const Prompt *prompt)
{
	size_t at = prompt->cursor;
	while (at > 0 && strchr(" ()=~<>!", prompt->text->str[at - 1]) == NULL)
		at--;
	return at;
}

static void put_word(Prompt *prompt, const char *word)
{
	g_string_erase(prompt->text, (gssize)prompt->word, (gssize)(prompt->cursor - prompt->word));
	g_string_insert(prompt->text, (gssize)prompt->word, word);
	prompt->cursor = prompt->word + strlen(word);
}

/* What all choices begin with. */
static char *common_beginning(char **choices)
{
	size_t size = strlen(choices[0]);
	for (char **choice = choices + 1; *choice != NULL; choice++) {
		size_t same = 0;
		while (same < size && choices[0][same] == (*choice)[same])
			same++;
		size = same;
	}
	return g_strndup(choices[0], size);
}

static PromptResult complete(Prompt *prompt, bool backwards)
{
	if (prompt->cycling && prompt->choices != NULL) {
		unsigned n = g_strv_length(prompt->choices);
		prompt->choice = (prompt->choice + (backwards ? n - 1 : 1)) % n;
		put_word(prompt, prompt->choices[prompt->choice]);
		return PROMPT_CHANGED;
	}
	forget_choices(prompt);
	char **choices = prompt->complete(prompt->user, prompt->kind, prompt->text->str, prompt->cursor);
	if (choices == NULL || choices[0] == NULL) {
		g_strfreev(choices);
		return PROMPT_GOES_ON;
	}
	prompt->word = word_start(prompt);
	g_autofree char *common = common_beginning(choices);
	bool longer = strlen(common) > prompt->cursor - prompt->word;
	bool only = choices[1] == NULL;
	prompt->choices = choices;
	prompt->choice = 0;
	prompt->cycling = !longer && !only;
	put_word(prompt, longer || only ? common : choices[0]);
	if (only && prompt->kind == PROMPT_COMMAND && prompt->cursor == prompt->text->len)
		insert(prompt, ' ');
	if (only)
		forget_choices(prompt);
	return PROMPT_CHANGED;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static PromptResult edit(Prompt *prompt, Key key)
{
	switch (key) {
	case TYPED_LEFT:
		return move(prompt, before(prompt));
	case TYPED_RIGHT:
		return move(prompt, behind(prompt));
	case TYPED_HOME:
	case TYPED_CTRL_A:
		return move(prompt, 0);
	case TYPED_END:
	case TYPED_CTRL_A + ('E' - 'A'):
		return move(prompt, prompt->text->len);
	case TYPED_BACKSPACE:
	case TYPED_CTRL_A + ('H' - 'A'):
		return erase(prompt, before(prompt), prompt->cursor);
	case TYPED_DELETE:
		return erase(prompt, prompt->cursor, behind(prompt));
	case TYPED_CTRL_A + ('U' - 'A'):
		return erase(prompt, 0, prompt->cursor);
	case TYPED_CTRL_A + ('K' - 'A'):
		return erase(prompt, prompt->cursor, prompt->text->len);
	case TYPED_CTRL_A + ('W' - 'A'):
		return erase(prompt, word_before(prompt), prompt->cursor);
	case TYPED_UP:
		return recall(prompt, true);
	case TYPED_DOWN:
		return recall(prompt, false);
	default:
		if (key < TYPED_SPACE || key >= TYPED_SPECIAL || key == 0x7F)
			return PROMPT_GOES_ON;
		return insert(prompt, key);
	}
}

PromptResult prompt_key(Prompt *prompt, Key key)
{
	g_clear_pointer(&prompt->fault, g_free);
	if (key == TYPED_TAB || key == TYPED_BACKTAB)
		return complete(prompt, key == TYPED_BACKTAB);
	forget_choices(prompt);
	bool gives_up = key == TYPED_BACKSPACE && prompt->text->len == 0;
	if (key == TYPED_ESCAPE || key == TYPED_CTRL_A + ('C' - 'A') || gives_up) {
		prompt->active = false;
		return PROMPT_CANCELLED;
	}
	if (key != TYPED_ENTER)
		return edit(prompt, key);
	remember(prompt);
	prompt->active = false;
	return PROMPT_DONE;
}

enum { APART = 2 };

/* The first that is shown, so that the one that stands in the text is in sight. */
static unsigned first_choice(const Prompt *prompt, int columns)
{
	unsigned first = prompt->cycling ? prompt->choice : 0;
	int width = text_width(prompt->choices[first]);
	while (first > 0 && width + APART + text_width(prompt->choices[first - 1]) + APART <= columns)
		width += APART + text_width(prompt->choices[--first]);
	return first;
}

/* As many as there is room for, none of them cut; where there are more, it says so. */
static void draw_choices(const Prompt *prompt, Area line)
{
	unsigned i = first_choice(prompt, line.columns);
	for (int x = 0; prompt->choices[i] != NULL; i++, x += APART) {
		bool chosen = prompt->cycling && i == prompt->choice;
		int end = x + text_width(prompt->choices[i]) + (prompt->choices[i + 1] != NULL ? APART : 0);
		if (end > line.columns && x > 0) {
			area_glyph(line, line.columns - 1, 0, ROLE_BAR, GLYPH_ELLIPSIS);
			return;
		}
		x = area_text(line, x, 0, chosen ? ROLE_FIELD : ROLE_BAR, prompt->choices[i]);
	}
}

static void draw_above(const Prompt *prompt, Area line)
{
	if (prompt->fault != NULL) {
		area_field(line, 0, 0, line.columns, ROLE_WARNING, ALIGN_LEFT, prompt->fault);
		return;
	}
	if (prompt->choices == NULL && prompt->note == NULL)
		return;
	area_fill(line, ROLE_BAR);
	if (prompt->choices != NULL)
		draw_choices(prompt, line);
	else
		area_field(line, 0, 0, line.columns, ROLE_BAR, ALIGN_LEFT, prompt->note);
}

void prompt_draw(const Prompt *prompt, Area area)
{
	static const char *const leads[PROMPT_N] = {"/", "filter: ", ":", "save to: "};
	Area line = area_part(area, 0, area.rows - 1, area.columns, 1);
	area_fill(line, ROLE_NORMAL);
	int x = area_text(line, 0, 0, ROLE_KEY, leads[prompt->kind]);
	Area room = area_part(line, x, 0, line.columns - x, 1);
	g_autofree char *left = g_strndup(prompt->text->str, prompt->cursor);
	int at = text_width(left);
	int shift = MAX(at - room.columns + 1, 0);
	area_text(room, -shift, 0, ROLE_NORMAL, prompt->text->str);
	area_cursor(room, at - shift, 0, 1);
	if (area.rows > 1)
		draw_above(prompt, area_part(area, 0, area.rows - 2, area.columns, 1));
}
