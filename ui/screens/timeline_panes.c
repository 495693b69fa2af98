/* SPDX-License-Identifier: MIT */
#include "ui/screens/timeline.h"

bool timeline_card_shown(const Timeline *timeline)
{
	return timeline->wide ? !timeline->card_hidden : timeline->card_over;
}

static void renew_card(Timeline *timeline, const View *view)
{
	uint32_t event = timeline_selected(timeline);
	bool redacted = view->report->options->redact;
	Card *card = &timeline->card, *session = timeline->wide ? &timeline->session : card;
	if (timeline->card_finding == timeline->finding && timeline->card_event == event &&
	    timeline->card_redacted == redacted && timeline->card_wide == timeline->wide &&
	    card->lines->len > 0)
		return;
	if (timeline->card_finding != timeline->finding)
		card->scroller.cursor = card->scroller.top = 0;
	card_empty(card);
	card_empty(&timeline->session);
	if (timeline->finding < view->analysis->findings->len)
		card_add_finding(card, view, timeline->finding);
	else
		card_add(card, ROLE_NORMAL, 0, NULL, g_strdup("No finding about this client."));
	if (!timeline->wide)
		card_add(card, ROLE_NORMAL, 0, NULL, g_strdup(""));
	if (event != UINT32_MAX)
		card_add_moment(session, view, timeline->history, event);
	timeline->card_finding = timeline->finding;
	timeline->card_event = event;
	timeline->card_redacted = redacted;
	timeline->card_wide = timeline->wide;
}

/* The verdict above, the session at the selected moment below. */
static void draw_beside(Timeline *timeline, Area area)
{
	int rows = MIN(card_rows(&timeline->session, area), area.rows / 3);
	Area session = area_part(area, 0, area.rows - rows, area.columns, rows);
	timeline->card_at = area_part(area, 0, 0, area.columns, area.rows - rows - (rows > 0));
	if (rows > 0)
		area_rule(area, area.rows - rows - 1, ROLE_RULE);
	card_draw(&timeline->card, timeline->card_at, timeline->pane == PANE_CARD);
	card_draw(&timeline->session, session, timeline->pane == PANE_SESSION);
}

void timeline_draw_panes(Timeline *timeline, const View *view, Area area)
{
	bool shown = timeline_card_shown(timeline);
	int beside = timeline->wide && shown ? CLAMP(area.columns * 2 / 5, 40, 76) : 0;
	Area left = area_part(area, 0, 0, area.columns - (beside > 0 ? beside + 1 : 0), area.rows);
	Area nothing = area_part(area, 0, 0, 0, 0);
	timeline->list_at = timeline->card_at = nothing;
	renew_card(timeline, view);
	if (shown && !timeline->wide) {
		timeline->card_at = area;
		card_draw(&timeline->card, area, timeline->pane == PANE_CARD);
		return;
	}
	timeline_draw_list(timeline, view, left);
	if (!shown)
		return;
	area_upright(area_part(area, left.columns, 0, 1, area.rows), 0, ROLE_RULE);
	draw_beside(timeline,
	            area_part(area, left.columns + 2, 0, area.columns - left.columns - 2, area.rows));
}

void timeline_show_card(Timeline *timeline, bool show)
{
	if (timeline->wide)
		timeline->card_hidden = !show;
	else
		timeline->card_over = show;
	timeline->pane = show && !timeline->wide ? PANE_CARD : PANE_EVENTS;
}

/* From the list to the card and the session, and back; where the card is over the list, that shows it
 * or takes it away. */
void timeline_next_pane(Timeline *timeline, int step)
{
	if (!timeline->wide) {
		timeline_show_card(timeline, timeline->pane == PANE_EVENTS);
		return;
	}
	timeline->card_hidden = false;
	timeline->pane = (TimelinePane)(((int)timeline->pane + step + 3) % 3);
}

Card *timeline_active_card(Timeline *timeline)
{
	return timeline->pane == PANE_SESSION ? &timeline->session : &timeline->card;
}
