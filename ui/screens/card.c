/* SPDX-License-Identifier: MIT */
#include "ui/screens/card.h"

#include <string.h>

#include "src/session/expiry.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/screens/event_text.h"

static void clear_line(void *line)
{
	g_free(((CardLine *)line)->text);
}

void card_init(Card *card)
{
	*card = (Card){.lines = g_array_new(FALSE, FALSE, sizeof(CardLine))};
	g_array_set_clear_func(card->lines, clear_line);
}

void card_clear(Card *card)
{
	g_array_unref(card->lines);
}

void card_empty(Card *card)
{
	g_array_set_size(card->lines, 0);
}

void card_add(Card *card, Role role, int indent, const char *label, char *text)
{
	CardLine line = {.role = role, .indent = indent};
	line.text = label == NULL ? g_strdup(text) : g_strdup_printf("%s %s", label, text);
	line.strong = label == NULL ? 0 : (int)strlen(label);
	line.time = INSTANT_UNKNOWN;
	g_array_append_val(card->lines, line);
	g_free(text);
}

static void heading(Card *card, const char *text)
{
	card_add(card, ROLE_HEADING, 0, NULL, g_strdup(text));
}

static void blank(Card *card)
{
	card_add(card, ROLE_NORMAL, 0, NULL, g_strdup(""));
}

/* --- a finding ---------------------------------------------------------------------------------- */

static Role severity_role(Severity severity)
{
	return severity == SEVERITY_LOSS   ? ROLE_LOSS
	       : severity == SEVERITY_RISK ? ROLE_RISK
	                                   : ROLE_NOTE;
}

static char *whose(const Finding *finding)
{
	Responsible responsible = (Responsible)finding->responsible;
	if ((finding->weakened & GATE_NOT_OVER) != 0)
		return g_strdup("not decided while the capture goes on: what comes may explain it otherwise");
	return g_strdup_printf("%s: %s", responsible_name(responsible), responsible_sentence(responsible));
}

static void add_verdict(Card *card, const Finding *finding)
{
	const CauseInfo *info = cause_info((CauseId)finding->cause);
	Severity severity = (Severity)finding->severity;
	card_add(card, severity_role(severity), 0, NULL,
	         g_strdup_printf("%s %s", severity_glyph(severity), info->headline));
	card_add(card, ROLE_FAINT, 2, NULL,
	         g_strdup_printf("%s, %s%s", info->name, severity_name(severity),
	                         finding->lapse ? ", a lapse" : ""));
	card_add(card, ROLE_NORMAL, 0, "Whose", whose(finding));
	card_add(card, ROLE_NORMAL, 0, "Sure",
	         g_strdup_printf("%s%s", confidence_sentence((Confidence)finding->confidence),
	                         finding->at_the_edge ? "; at the edge of the expiry" : ""));
	if (finding->incident != NULL)
		card_add(card, ROLE_NORMAL, 0, "Event",
		         g_strdup_printf("#%u hit this client with others: %s",
		                         finding->incident->number,
		                         incident_kind_name((IncidentKind)finding->incident->kind)));
}

static char *told(const View *view, const Finding *finding, const char *sentence)
{
	return g_strdup(report_story_text(view->report->texts, finding, sentence));
}

static void add_evidence(Card *card, const View *view, const Finding *finding,
                         const FindingStory *story)
{
	if (story->evidence->len == 0)
		return;
	blank(card);
	heading(card, "Evidence (Enter goes there)");
	for (guint i = 0; i < story->evidence->len; i++) {
		const Evidence *evidence = &g_array_index(story->evidence, Evidence, i);
		char frame[48], time[FORMAT_SIZE];
		frame_text(view->report, evidence->frame, frame);
		format_time_of_day(evidence->time, time);
		g_autofree char *says = told(view, finding, evidence->says);
		g_autofree char *label =
			g_strdup_printf("▸ %s%s", *frame != '\0' ? "frame " : "no frame", frame);
		card_add(card, ROLE_NORMAL, 0, label, g_strdup_printf("%s  %s", time, says));
		CardLine *line = &g_array_index(card->lines, CardLine, card->lines->len - 1);
		line->frame = evidence->frame;
		line->time = evidence->time;
	}
}

static void add_cost(Card *card, const View *view, const Finding *finding, const FindingStory *story)
{
	char *cost = cost_sentence(view->report, finding);
	if (cost != NULL)
		card_add(card, ROLE_NORMAL, 0, "Lost", cost);
	if (cost != NULL && story->why_not_exact != NULL)
		card_add(card, ROLE_FAINT, 0, "Not exact", told(view, finding, story->why_not_exact));
}

static void add_causes(Card *card, const char *label, const CauseList *list)
{
	for (unsigned i = 0; i < list->n; i++) {
		const CauseInfo *info = cause_info((CauseId)list->causes[i]);
		card_add(card, ROLE_NORMAL, 0, label, g_strdup_printf("%s: %s", info->name, info->headline));
	}
}

static void add_fix(Card *card, const View *view, const Finding *finding, const FindingStory *story)
{
	blank(card);
	heading(card, "Fix");
	card_add(card, ROLE_STRONG, 0, NULL, told(view, finding, story->fix_summary));
	if (story->fix_client != NULL)
		card_add(card, ROLE_NORMAL, 0, "Client:", told(view, finding, story->fix_client));
	if (story->fix_broker != NULL)
		card_add(card, ROLE_NORMAL, 0, "Broker:", told(view, finding, story->fix_broker));
}

static void add_doubts(Card *card, const View *view, const Finding *finding, const FindingStory *story)
{
	blank(card);
	for (guint i = 0; i < story->false_if->len; i++)
		card_add(card, ROLE_NORMAL, 0, "False if",
		         told(view, finding, g_ptr_array_index(story->false_if, i)));
	for (guint i = 0; i < story->clauses->len; i++)
		card_add(card, ROLE_FAINT, 0, NULL, g_strdup(g_ptr_array_index(story->clauses, i)));
}

void card_add_finding(Card *card, const View *view, uint32_t index)
{
	const Finding *finding = &g_array_index(view->analysis->findings, Finding, index);
	g_autoptr(FindingStory) story = finding_story(view->model, finding);
	add_verdict(card, finding);
	add_cost(card, view, finding, story);
	blank(card);
	card_add(card, ROLE_NORMAL, 0, NULL, told(view, finding, story->explanation));
	add_evidence(card, view, finding, story);
	add_fix(card, view, finding, story);
	if (finding->also_sufficient.n + finding->also_possible.n > 0)
		blank(card);
	add_causes(card, "Also enough:", &finding->also_sufficient);
	add_causes(card, "Or else:", &finding->also_possible);
	add_doubts(card, view, finding, story);
}

/* --- the session at a moment -------------------------------------------------------------------- */

static const char *expiry_source(Expiry expiry)
{
	switch (expiry.source) {
	case EXPIRY_UNKNOWN: return "its CONNECT was not captured";
	case EXPIRY_FROM_CLEAN_SESSION: return "by its Clean Session";
	case EXPIRY_FROM_DEFAULT: return "no Session Expiry Interval: 5.0 §3.1.2.11.2";
	case EXPIRY_FROM_CONNECT: return "Session Expiry Interval of its CONNECT";
	case EXPIRY_FROM_CONNACK: return "Session Expiry Interval of its CONNACK";
	case EXPIRY_FROM_DISCONNECT: return "Session Expiry Interval of its DISCONNECT";
	case EXPIRY_DISCONNECT_INVALID: return "its DISCONNECT may not raise 0: 5.0 §3.14.2.2.2";
	case EXPIRY_AMBIGUOUS: return "CONNACK and DISCONNECT contradict each other";
	}
	return "";
}

static void add_connection(Card *card, const View *view, const Connection *connection, const HistoryEvent *event)
{
	Connection then = connection_as_of(connection, (StreamPoint){event->frame, event->time});
	if (connection->connect_seen && !then.connect_seen) {
		card_add(card, ROLE_NORMAL, 0, "Kept afterwards:", g_strdup("there is no CONNECT yet"));
		return;
	}
	g_autofree char *kept = kept_sentence(&then);
	card_add(card, ROLE_NORMAL, 0, "Kept afterwards:",
	         g_strdup_printf("%s (%s)", kept, expiry_source(connection_expiry(&then))));
	if (!connection->has_will) {
		card_add(card, ROLE_NORMAL, 0, "Will:", g_strdup(connection->connect_seen ? "none" : "not known"));
		return;
	}
	const Remarks *remarks = model_remarks(view->model, connection);
	g_autofree char *topic = wire_sentence(view->report, WIRE_WILL_TOPIC, remarks->will_topic);
	card_add(card, ROLE_NORMAL, 0, "Will:",
	         g_strdup_printf("%s, QoS %u%s, %u s after the end", topic, remarks->will_qos,
	                         remarks->will_retain ? ", RETAIN" : "", remarks->will_delay));
}

static void add_subscriptions(Card *card, const View *view, History *history, uint32_t set)
{
	enum { SHOWN = 100 };
	uint32_t n = 0;
	const HistorySubscription *subscriptions = history_subscriptions(history, set, &n);
	card_add(card, ROLE_NORMAL, 0, "Subscriptions:", g_strdup_printf("%u", n));
	for (uint32_t i = 0; i < MIN(n, (uint32_t)SHOWN); i++) {
		char since[48];
		frame_text(view->report, subscriptions[i].since, since);
		g_autofree char *filter = octets_sentence(view->report, WIRE_FILTER,
		                                          history_text(history, subscriptions[i].filter));
		card_add(card, ROLE_NORMAL, 2, NULL,
		         g_strdup_printf("%s QoS %u%s%s%s", filter, subscriptions[i].qos,
		                         subscriptions[i].no_local ? " No Local" : "",
		                         *since != '\0' ? ", since frame " : "", since));
		CardLine *line = &g_array_index(card->lines, CardLine, card->lines->len - 1);
		line->frame = subscriptions[i].since;
	}
	if (n > SHOWN)
		card_add(card, ROLE_FAINT, 2, NULL, g_strdup_printf("and %u more", n - SHOWN));
}

void card_add_moment(Card *card, const View *view, History *history, uint32_t index)
{
	const HistoryEvent *event = history_event(history, index);
	const SessionMoment *moment = &event->moment;
	char time[FORMAT_SIZE];
	format_time_of_day(event->time, time);
	g_autofree char *title = g_strdup_printf("Session at %s", time);
	heading(card, title);
	card_add(card, ROLE_NORMAL, 0, "In flight:",
	         g_strdup_printf("%u to the client, %u from it", moment->to_client, moment->from_client));
	card_add(card, moment->waiting > 0 ? ROLE_KEPT : ROLE_NORMAL, 0, "Waiting for it:",
	         counted(moment->waiting, "message", NULL));
	add_subscriptions(card, view, history, moment->subscriptions);
	const Connection *connection = view_connection(view, event->connection);
	if (event->kind != HISTORY_OWED && connection != NULL)
		add_connection(card, view, connection, event);
}

/* --- drawing ------------------------------------------------------------------------------------ */

static void draw_line(Card *card, const CardLine *line, Area area, int *y, bool active)
{
	int from = *y;
	int cursor = (int)(card->scroller.cursor - card->scroller.top);
	*y = area_paragraph(area, from, line->indent, line->role, line->text);
	*y = MAX(*y, from + 1);
	if (line->strong > 0 && from >= 0 && from < area.rows) {
		g_autofree char *label = g_strndup(line->text, (gsize)line->strong);
		area_text(area, line->indent, from, ROLE_STRONG, label);
	}
	if (cursor < from || cursor >= *y)
		return;
	card->line = (uint32_t)(line - &g_array_index(card->lines, CardLine, 0));
	card->y = cursor;
	for (int row = MAX(from, 0); active && row < MIN(*y, area.rows); row++)
		if (line->frame.number != 0 || row == cursor)
			area_cursor(area, 0, row, area.columns);
}

int card_rows(const Card *card, Area area)
{
	Area nowhere = area_part(area, 0, 0, area.columns, 0);
	int rows = 0;
	for (guint i = 0; i < card->lines->len; i++) {
		const CardLine *line = &g_array_index(card->lines, CardLine, i);
		rows = MAX(area_paragraph(nowhere, rows, line->indent, line->role, line->text), rows + 1);
	}
	return rows;
}

void card_draw(Card *card, Area area, bool active)
{
	if (area.columns <= 0 || area.rows <= 0)
		return;
	scroller_fit(&card->scroller, card_rows(card, area), area.rows);
	int y = -(int)card->scroller.top;
	for (guint i = 0; i < card->lines->len && y < area.rows; i++)
		draw_line(card, &g_array_index(card->lines, CardLine, i), area, &y, active);
}

bool card_act(Card *card, Action action)
{
	return scroller_act(&card->scroller, action, INT32_MAX);
}

const CardLine *card_selected(const Card *card)
{
	return card->line < card->lines->len ? &g_array_index(card->lines, CardLine, card->line) : NULL;
}
