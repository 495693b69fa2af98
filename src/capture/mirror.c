/* SPDX-License-Identifier: MIT */
#include "src/capture/mirror.h"

#include "src/capture/source_impl.h"

typedef struct Mirror {
	Source base;
	InfoRecord *records;
	unsigned n;
} Mirror;

static SourceStatus next(Source *source, Frame *frame, GError **error)
{
	(void)source, (void)frame, (void)error;
	return SOURCE_END;
}

static bool set_filter(Source *source, const char *filter, GError **error)
{
	(void)source, (void)filter, (void)error;
	return true;
}

static void stop(Source *source)
{
	(void)source;
}

static unsigned n_infos(const Source *source)
{
	return ((const Mirror *)source)->n;
}

static const SourceInfo *info_at(const Source *source, unsigned index)
{
	return &((const Mirror *)source)->records[index].info;
}

static void free_mirror(Source *source)
{
	Mirror *mirror = (Mirror *)source;
	for (unsigned i = 0; i < mirror->n; i++)
		info_record_clear(&mirror->records[i]);
	g_free(mirror->records);
	g_free(mirror);
}

static const SourceOps mirror_ops = {
	.next = next,
	.set_filter = set_filter,
	.stop = stop,
	.n_infos = n_infos,
	.info = info_at,
	.free = free_mirror,
};

Source *mirror_new(const Source *of)
{
	Mirror *mirror = g_new0(Mirror, 1);
	mirror->base.ops = &mirror_ops;
	mirror->n = source_n_infos(of);
	mirror->records = g_new0(InfoRecord, mirror->n);
	for (unsigned i = 0; i < mirror->n; i++)
		info_record_init(&mirror->records[i], source_info(of, i)->name);
	mirror_take(&mirror->base, of);
	return &mirror->base;
}

void mirror_take(Source *source, const Source *of)
{
	Mirror *mirror = (Mirror *)source;
	for (unsigned i = 0; i < mirror->n; i++)
		info_record_take(&mirror->records[i], source_info(of, i));
}
