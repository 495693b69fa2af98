/* SPDX-License-Identifier: MIT */
#include "ui/report/source_notes.h"

#include <string.h>

#include "ui/report/escape.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"

enum { INTERFACES_MOST = 8, COMMENTS_MOST = 8 };

static void append_escaped(GString *out, const char *text)
{
	escape_append(out, (ByteSpan){(const uint8_t *)text, strlen(text)});
}

static void append_link_types(GString *out, const SourceInfo *info)
{
	for (unsigned i = 0; i < info->n_link_types; i++) {
		const char *name = link_type_name(info->link_types[i]);
		if (name != NULL)
			g_string_append_printf(out, ", %s", name);
		else
			g_string_append_printf(out, ", link type %u", info->link_types[i]);
	}
}

char *source_sentence(const SourceInfo *info)
{
	GString *text = g_string_new(NULL);
	append_escaped(text, info->name);
	g_autofree char *packets = counted(info->packets, "packet", NULL);
	char octets[FORMAT_SIZE];
	format_octets(info->bytes, octets);
	g_string_append_printf(text, ": %s, %s", packets, octets);
	append_link_types(text, info);
	return g_string_free(text, FALSE);
}

static void notes_clear(gpointer note)
{
	g_free(((SourceNote *)note)->text);
}

static GArray *notes_new(void)
{
	GArray *notes = g_array_new(FALSE, FALSE, sizeof(SourceNote));
	g_array_set_clear_func(notes, notes_clear);
	return notes;
}

G_GNUC_PRINTF(4, 5) static void add(GArray *notes, const char *label, bool warning, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	SourceNote note = {label, warning, g_strdup_vprintf(format, arguments)};
	va_end(arguments);
	g_array_append_val(notes, note);
}

static void add_interfaces(GArray *notes, const SourceInfo *info)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (unsigned i = 0; i < MIN(info->n_interfaces, (unsigned)INTERFACES_MOST); i++) {
		const SourceInterface *one = &info->interfaces[i];
		const char *name = one->name != NULL ? one->name : one->description;
		if (name == NULL)
			continue;
		g_string_append(text, text->len > 0 ? ", " : "");
		append_escaped(text, name);
		if (one->name != NULL && one->description != NULL) {
			g_string_append(text, " (");
			append_escaped(text, one->description);
			g_string_append_c(text, ')');
		}
	}
	if (text->len > 0)
		add(notes, "from", false, "%s%s", text->str,
		    info->n_interfaces > INTERFACES_MOST ? " and more" : "");
}

static void add_comments(GArray *notes, const SourceInfo *info)
{
	for (unsigned i = 0; i < MIN(info->n_comments, (unsigned)COMMENTS_MOST); i++) {
		const SourceComment *comment = &info->comments[i];
		g_autoptr(GString) text = g_string_new(NULL);
		if (comment->frame > 0)
			g_string_append_printf(text, "frame %" G_GUINT64_FORMAT ": ", (guint64)comment->frame);
		append_escaped(text, comment->text);
		add(notes, "comment", false, "%s", text->str);
	}
	uint64_t more = info->more_comments +
	                (info->n_comments > COMMENTS_MOST ? info->n_comments - COMMENTS_MOST : 0);
	if (more > 0)
		add(notes, "comment", false, "and %" G_GUINT64_FORMAT " more", (guint64)more);
}

static void add_packets(GArray *notes, const SourceInfo *info)
{
	char number[FORMAT_SIZE];
	if (info->truncated_packets > 0) {
		format_count(info->truncated_packets, number);
		add(notes, "cut", true, "%s packets by the snap length: capture with -s 0", number);
	}
	if (info->drops_known && info->dropped > 0) {
		format_count(info->dropped, number);
		add(notes, "dropped", true, "%s packets by the kernel or the interface", number);
	}
	if (info->flawed_packets > 0) {
		format_count(info->flawed_packets, number);
		add(notes, "flawed", true, "%s packets, says the link layer", number);
	}
}

static void add_steps(GArray *notes, const SourceInfo *info)
{
	if (info->clock_steps_back == 0)
		return;
	char number[FORMAT_SIZE], back[FORMAT_SIZE];
	format_count(info->clock_steps_back, number);
	format_duration(info->clock_back_ns, back);
	if (info->n_clock_steps == 0)
		add(notes, "clock", true, "%s packets are older than the one before", number);
	else
		add(notes, "clock", true, "%s packets are older than the one before, by %s in all; "
		    "what rests on a time across such a place is judged with that much to spare", number, back);
}

/* Only a file that is not the first has a clock to compare. */
static void add_skew(GArray *notes, const ClockReading *clock)
{
	char offset[FORMAT_SIZE], doubt[FORMAT_SIZE];
	format_duration(ABS(clock->offset_ns), offset);
	format_duration(clock->doubt_ns, doubt);
	g_autofree char *common = counted(clock->n_common, "segment", NULL);
	if (clock->known && clock->offset_ns != 0)
		add(notes, "clock", false, "%s %s that of the first file, by %s in both; its times are "
		    "put right%s%s", offset, clock->offset_ns > 0 ? "ahead of" : "behind",
		    clock->n_common > 0 ? common : "acknowledgements",
		    clock->doubt_ns > 0 ? ", to within " : "", clock->doubt_ns > 0 ? doubt : "");
	else if (!clock->known && clock->beside)
		add(notes, "clock", true, "how it differs from that of the first file is not known, as no "
		    "TCP segment is in both; what compares the two is weaker");
}

GArray *source_notes(const Analysis *analysis, unsigned index)
{
	const SourceInfo *info = source_info(analysis->source, index);
	GArray *notes = notes_new();
	if (info->damaged) {
		g_autoptr(GString) damage = g_string_new(NULL);
		append_escaped(damage, info->damage);
		add(notes, "damaged", true, "%s", damage->str);
	}
	add_packets(notes, info);
	add_steps(notes, info);
	if (analysis->clocks != NULL && index > 0)
		add_skew(notes, &g_array_index(analysis->clocks, ClockReading, index));
	add_interfaces(notes, info);
	add_comments(notes, info);
	return notes;
}

GArray *sources_notes(const Analysis *analysis)
{
	GArray *notes = notes_new();
	bool assumed = false;
	for (guint i = 0; analysis->clocks != NULL && i < analysis->clocks->len; i++) {
		const ClockReading *clock = &g_array_index(analysis->clocks, ClockReading, i);
		assumed |= !clock->known && !clock->beside;
	}
	if (assumed)
		add(notes, "Clocks", false, "taken to be one, as of a capture in several files: nothing in "
		    "them tells");
	return notes;
}
