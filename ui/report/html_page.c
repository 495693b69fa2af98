/* SPDX-License-Identifier: MIT */
/*
 * html_page: the head of the page, and timelines.
 *
 * The page needs nothing from elsewhere, and its policy forbids it to fetch anything.
 */
#include "ui/report/html_private.h"

enum { TIMELINE_COLUMNS = 240, COLUMN_WIDTH = 4, TIMELINE_HEIGHT = 16 };

void html_append(GString *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		case '\'':
			g_string_append(out, "&#39;");
			break;
		default:
			g_string_append_c(out, *text);
		}
	}
}

static const char style[] =
	":root{color-scheme:light dark;--back:#fff;--text:#1c2024;--faint:#60656c;--line:#d8dce0;"
	"--card:#f6f7f9;--loss:#b3261e;--risk:#8a5a00;--note:#2f5d8a;--good:#1d6f42;--on:#2e8b57;"
	"--kept:#9cc9ad;--gone:#d9534f;--unknown:#b8bec5}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#14171a;--text:#e4e7ea;--faint:#9aa1a9;"
	"--line:#33383d;--card:#1c2024;--loss:#ff8a80;--risk:#f0b429;--note:#8ab4f8;--good:#7bc99a;"
	"--on:#3fa56b;--kept:#2d5a40;--gone:#c94a46;--unknown:#4a5057}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--back);color:var(--text);"
	"font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.4rem;margin:.5rem 0 1rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;"
	"border-bottom:1px solid var(--line)}h3{font-size:1.05rem;margin:0 0 .5rem}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}"
	"dt{color:var(--faint)}dd{margin:0;min-width:0}\n"
	"article{border:1px solid var(--line);border-left-width:.35rem;border-radius:.3rem;"
	"background:var(--card);padding:.8rem 1rem;margin:1rem 0;break-inside:avoid}\n"
	".loss{border-left-color:var(--loss)}.risk{border-left-color:var(--risk)}"
	".note{border-left-color:var(--note)}.word-loss{color:var(--loss)}.word-risk{color:var(--risk)}"
	".word-note{color:var(--note)}.word-none{color:var(--good)}.warn{color:var(--risk)}\n"
	".evidence{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}"
	"th{text-align:left;color:var(--faint);font-weight:normal;white-space:nowrap}"
	"td,th{padding:.15rem .8rem .15rem 0;vertical-align:top}"
	"td.frame,td.time{font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	".client{border-top:1px solid var(--line);padding:.5rem 0;break-inside:avoid}"
	".client p{margin:0 0 .3rem}.facts{color:var(--faint);font-size:.9rem}\n"
	"svg{display:block;width:100%;height:1rem;background:var(--line);border-radius:.2rem}"
	".on{fill:var(--on)}.kept{fill:var(--kept)}.gone{fill:var(--gone)}.unknown{fill:var(--unknown)}"
	".mark{fill:var(--text)}\n"
	".legend span{display:inline-block;margin-right:1rem}.legend i{display:inline-block;width:.8rem;"
	"height:.8rem;margin-right:.3rem;border-radius:.15rem;vertical-align:-.05rem}\n"
	".legend .on{background:var(--on)}.legend .kept{background:var(--kept)}"
	".legend .gone{background:var(--gone)}.legend .unknown{background:var(--unknown)}"
	".legend .mark{background:var(--text);width:.2rem}\n"
	"@media(max-width:40rem){body{padding:.6rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.3rem}}\n"
	"@media print{:root{--back:#fff;--text:#000;--card:#fff}body{max-width:none;font-size:11px}"
	"svg,.legend i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

void html_append_head(GString *out, const char *title)
{
	g_string_append(out,
	                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	                "style-src 'unsafe-inline'\">\n"
	                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	html_append(out, title);
	g_string_append_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

static const char *const life_classes[] = {
	[LIFE_ONLINE] = "on", [LIFE_KEPT] = "kept", [LIFE_GONE] = "gone", [LIFE_UNKNOWN] = "unknown",
};

static Instant column_time(Instant from, Instant to, int column)
{
	return (Instant){from.ns + (int64_t)((double)(to.ns - from.ns) * column / TIMELINE_COLUMNS)};
}

static void append_rect(GString *out, int begin, int end, const char *class)
{
	g_string_append_printf(out, "<rect class=\"%s\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\"/>", class,
	                       begin * COLUMN_WIDTH, (end - begin) * COLUMN_WIDTH, TIMELINE_HEIGHT);
}

/* Columns of one kind are one bar, so that a client that reconnects a million times takes no more. */
static void append_bars(GString *out, const Lifeline *lifeline, Instant from, Instant to)
{
	int kind = -1, begin = 0;
	for (int i = 0; i <= TIMELINE_COLUMNS; i++) {
		uint32_t finding;
		int now = i == TIMELINE_COLUMNS ? -2
		                                : lifeline_at(lifeline, column_time(from, to, i),
		                                              column_time(from, to, i + 1), &finding);
		if (now == kind)
			continue;
		if (kind >= 0)
			append_rect(out, begin, i, life_classes[kind]);
		kind = now;
		begin = i;
	}
}

static void append_marks(GString *out, const Lifeline *lifeline, Instant from, Instant to)
{
	int last = -1;
	for (uint32_t i = 0; i < lifeline->n_marks; i++) {
		int64_t at = lifeline->marks[i].at.ns;
		if (at < from.ns || at > to.ns || to.ns <= from.ns)
			continue;
		int column = (int)((double)(at - from.ns) / (double)(to.ns - from.ns) * (TIMELINE_COLUMNS - 1));
		if (column != last)
			append_rect(out, column, column + 1, "mark");
		last = column;
	}
}

void html_append_timeline(GString *out, const Lifeline *lifeline, Instant from, Instant to)
{
	g_string_append_printf(out,
	                       "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
	                       "aria-label=\"when it was connected\">",
	                       TIMELINE_COLUMNS * COLUMN_WIDTH, TIMELINE_HEIGHT);
	if (to.ns > from.ns) {
		append_bars(out, lifeline, from, to);
		append_marks(out, lifeline, from, to);
	}
	g_string_append(out, "</svg>\n");
}

void html_append_legend(GString *out)
{
	g_string_append(out,
	                "<p class=\"legend facts\"><span><i class=\"on\"></i>connected</span>"
	                "<span><i class=\"kept\"></i>away, session alive</span>"
	                "<span><i class=\"gone\"></i>away, session gone</span>"
	                "<span><i class=\"unknown\"></i>away, not known</span>"
	                "<span><i class=\"mark\"></i>a finding showed</span></p>\n");
}
