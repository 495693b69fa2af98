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
	*record = (InfoRecord){.name = g_strdup(name), .last = INSTANT_UNKNOWN};
	record->info.name = record->name;
}

void info_record_clear(InfoRecord *record)
{
	g_free(record->name);
	g_free(record->damage);
	if (record->secrets != NULL)
		g_byte_array_unref(record->secrets);
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

void info_record_take(InfoRecord *record, const SourceInfo *info)
{
	ByteSpan had = record->info.secrets;
	if (info->damaged)
		info_record_damage(record, "%s", info->damage);
	if (info->secrets.size > had.size)
		info_record_secrets(record, (ByteSpan){info->secrets.data + had.size,
		                                       info->secrets.size - had.size});
	had = record->info.secrets;
	record->info = *info;
	record->info.name = record->name;
	record->info.damage = record->damage;
	record->info.secrets = had;
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
