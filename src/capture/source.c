/* SPDX-License-Identifier: MIT */
#include "src/capture/source.h"

#include "src/capture/inflate.h"
#include "src/capture/source_impl.h"

G_DEFINE_QUARK(mqlapse-capture-error-quark, capture_error)

SourceStatus source_next(Source *source, Frame *frame, GError **error)
{
	return source->ops->next(source, frame, error);
}

SourceStatus source_next_run(Source *source, FrameRun *run, GError **error)
{
	if (source->ops->next_run != NULL)
		return source->ops->next_run(source, run, error);
	run->frames = &run->one;
	run->n = 1;
	return source->ops->next(source, &run->one, error);
}

bool source_set_filter(Source *source, const char *filter, GError **error)
{
	return source->ops->set_filter(source, filter, error);
}

void source_shift_clock(Source *source, unsigned index, int64_t shift_ns)
{
	g_assert(source->ops->shift_clock != NULL);
	source->ops->shift_clock(source, index, shift_ns);
}

void source_follow(Source *source)
{
	g_assert(source->ops->follow != NULL);
	source->ops->follow(source);
}

void source_stop(Source *source)
{
	source->ops->stop(source);
}

unsigned source_n_infos(const Source *source)
{
	return source->ops->n_infos(source);
}

const SourceInfo *source_info(const Source *source, unsigned index)
{
	g_assert(index < source_n_infos(source));
	return source->ops->info(source, index);
}

bool source_progress(const Source *source, uint64_t *n_read, uint64_t *size)
{
	*n_read = *size = 0;
	return source->ops->progress != NULL && source->ops->progress(source, n_read, size);
}

void source_free(Source *source)
{
	if (source)
		source->ops->free(source);
}

char *capture_compressions(void)
{
	return inflate_describe();
}

void info_record_init(InfoRecord *record, const char *name)
{
	*record = (InfoRecord){
		.name = g_strdup(name),
		.last = INSTANT_UNKNOWN,
		.pace = {INSTANT_UNKNOWN, INSTANT_UNKNOWN},
	};
	record->info.name = record->name;
}

void info_record_clear(InfoRecord *record)
{
	g_free(record->name);
	g_free(record->damage);
	if (record->secrets != NULL)
		g_byte_array_unref(record->secrets);
	if (record->interfaces != NULL)
		g_array_unref(record->interfaces);
	if (record->comments != NULL)
		g_array_unref(record->comments);
}

static char *text_of(ByteSpan text)
{
	return text.data == NULL ? NULL
	                         : g_strndup((const char *)text.data,
	                                     MIN(text.size, (size_t)SOURCE_TEXT_MOST));
}

static void interface_clear(gpointer interface)
{
	g_free(((SourceInterface *)interface)->name);
	g_free(((SourceInterface *)interface)->description);
}

void info_record_interface(InfoRecord *record, const SourceInterface *one, ByteSpan name,
                           ByteSpan description)
{
	SourceInfo *info = &record->info;
	if (record->interfaces == NULL) {
		record->interfaces = g_array_new(FALSE, FALSE, sizeof(SourceInterface));
		g_array_set_clear_func(record->interfaces, interface_clear);
	}
	if (info->n_interfaces >= SOURCE_INTERFACES_MOST)
		return;
	SourceInterface own = *one;
	own.name = text_of(name);
	own.description = text_of(description);
	g_array_append_val(record->interfaces, own);
	info->interfaces = (const SourceInterface *)(void *)record->interfaces->data;
	info->n_interfaces = record->interfaces->len;
}

static void comment_clear(gpointer comment)
{
	g_free(((SourceComment *)comment)->text);
}

void info_record_comment(InfoRecord *record, uint64_t frame, ByteSpan text)
{
	SourceInfo *info = &record->info;
	if (record->comments == NULL) {
		record->comments = g_array_new(FALSE, FALSE, sizeof(SourceComment));
		g_array_set_clear_func(record->comments, comment_clear);
	}
	if (info->n_comments >= SOURCE_COMMENTS_MOST) {
		info->more_comments++;
		return;
	}
	SourceComment one = {frame, text_of(text)};
	g_array_append_val(record->comments, one);
	info->comments = (const SourceComment *)(void *)record->comments->data;
	info->n_comments = record->comments->len;
}

#define STEPS_MOST_NS (INT64_MAX / 4)

/* Where the next step is kept: each has a place of its own, but for those that are too many. */
static void keep_step(SourceInfo *info, int64_t ns)
{
	bool full = info->n_clock_steps == SOURCE_STEPS_MOST;
	ClockStep *step = &info->clock_steps[full ? SOURCE_STEPS_MOST - 1 : info->n_clock_steps++];
	if (!full)
		*step = (ClockStep){.frame = info->packets};
	step->back_ns += MIN(ns, STEPS_MOST_NS - step->back_ns);
}

static void forget_step(SourceInfo *info, int64_t ns)
{
	ClockStep *step = &info->clock_steps[info->n_clock_steps - 1];
	if (step->back_ns < STEPS_MOST_NS)
		step->back_ns -= ns;
	if (step->back_ns == 0)
		info->n_clock_steps--;
}

/* Captures on several queues have frames out of order by microseconds: these do not add up, as the
 * clock did not step. */
void info_record_step(InfoRecord *record, int64_t ns)
{
	enum { JITTER_NS = 10000000 };
	SourceInfo *info = &record->info;
	info->clock_steps_back++;
	if (ns < JITTER_NS) {
		info->clock_jitter_ns = MAX(info->clock_jitter_ns, ns);
		info->clock_back_ns = MAX(info->clock_back_ns, ns);
		return;
	}
	keep_step(info, ns);
	info->clock_back_ns += MIN(ns, STEPS_MOST_NS - info->clock_back_ns);
	record->step_ns = ns;
	record->step_from = record->last;
	record->step_packet = info->packets;
}

/* Some frames that stand at a wrong place of the file have right times, and the clock did not step: a
 * few frames on it is what it was, where so many frames went by in much less time before. */
void info_record_after_step(InfoRecord *record, Instant time)
{
	enum { FEW = 15 }; /* fewer than lie behind the older pace */
	SourceInfo *info = &record->info;
	bool late = info->packets - record->step_packet > FEW;
	if (!late && time.ns < record->step_from.ns)
		return;
	bool dense = instant_known(record->pace[1]) &&
	             record->step_from.ns - record->pace[1].ns < record->step_ns / 4;
	if (!late && dense && info->clock_back_ns < STEPS_MOST_NS) {
		info->clock_back_ns -= record->step_ns;
		forget_step(info, record->step_ns);
	}
	record->step_ns = 0;
}

void info_record_secrets(InfoRecord *record, ByteSpan lines)
{
	enum { SECRETS_MOST = 64 << 20 };
	if (record->secrets == NULL)
		record->secrets = g_byte_array_new();
	if (lines.size > SECRETS_MOST - record->secrets->len)
		return;
	g_byte_array_append(record->secrets, lines.data, (guint)lines.size);
	record->info.secrets = (ByteSpan){record->secrets->data, record->secrets->len};
}

void info_record_link_type(InfoRecord *record, uint16_t link_type)
{
	SourceInfo *info = &record->info;
	for (unsigned i = 0; i < info->n_link_types; i++) {
		if (info->link_types[i] == link_type)
			return;
	}
	if (info->n_link_types < G_N_ELEMENTS(info->link_types))
		info->link_types[info->n_link_types++] = link_type;
}

static ByteSpan octets_of(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

/* What came since the last time. */
static void take_texts(InfoRecord *record, const SourceInfo *info)
{
	size_t had = record->info.secrets.size;
	if (info->damaged)
		info_record_damage(record, "%s", info->damage);
	if (info->secrets.size > had)
		info_record_secrets(record, (ByteSpan){info->secrets.data + had,
		                                       info->secrets.size - had});
	for (unsigned i = record->info.n_interfaces; i < info->n_interfaces; i++)
		info_record_interface(record, &info->interfaces[i], octets_of(info->interfaces[i].name),
		                      octets_of(info->interfaces[i].description));
	for (unsigned i = record->info.n_comments; i < info->n_comments; i++)
		info_record_comment(record, info->comments[i].frame, octets_of(info->comments[i].text));
}

void info_record_take(InfoRecord *record, const SourceInfo *info)
{
	take_texts(record, info);
	SourceInfo own = record->info;
	record->info = *info;
	record->info.name = own.name;
	record->info.damage = own.damage;
	record->info.secrets = own.secrets;
	record->info.interfaces = own.interfaces;
	record->info.n_interfaces = own.n_interfaces;
	record->info.comments = own.comments;
	record->info.n_comments = own.n_comments;
}

void info_record_damage(InfoRecord *record, const char *format, ...)
{
	if (record->info.damaged)
		return;
	va_list arguments;
	va_start(arguments, format);
	record->damage = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	record->info.damaged = true;
	record->info.damage = record->damage;
}
