/* SPDX-License-Identifier: MIT */
/*
 * merge: several sources as one, by time.
 *
 * A binary heap holds the next frame of each source, the earliest on top.  The source
 * whose frame was given out last is asked again only when the next frame is wanted,
 * since its octets are borrowed until then.
 */
#include "src/capture/source_impl.h"

typedef struct Input {
	Source *source;
	unsigned first_info; /* its index among all infos */
	Frame frame;
} Input;

typedef struct MergeSource {
	Source base;
	Input *inputs;
	unsigned n_inputs;
	unsigned n_infos;
	unsigned *heap;    /* indexes of inputs that hold a frame */
	unsigned n_heap;
	unsigned *waiting; /* indexes of inputs that must be asked, the last one first */
	unsigned n_waiting;
} MergeSource;

/* At the same moment the source that was named first comes first. */
static bool is_before(const MergeSource *merge, unsigned a, unsigned b)
{
	int64_t time_a = merge->inputs[a].frame.time.ns;
	int64_t time_b = merge->inputs[b].frame.time.ns;
	return time_a != time_b ? time_a < time_b : a < b;
}

static void push(MergeSource *merge, unsigned input)
{
	unsigned at = merge->n_heap++;
	while (at > 0 && is_before(merge, input, merge->heap[(at - 1) / 2])) {
		merge->heap[at] = merge->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	merge->heap[at] = input;
}

static unsigned pop(MergeSource *merge)
{
	unsigned top = merge->heap[0];
	unsigned moved = merge->heap[--merge->n_heap];
	unsigned at = 0;
	for (;;) {
		unsigned child = 2 * at + 1;
		if (child >= merge->n_heap)
			break;
		if (child + 1 < merge->n_heap &&
		    is_before(merge, merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!is_before(merge, merge->heap[child], moved))
			break;
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = moved;
	return top;
}

static SourceStatus next(Source *source, Frame *frame, GError **error)
{
	MergeSource *merge = (MergeSource *)source;

	while (merge->n_waiting > 0) {
		unsigned index = merge->waiting[merge->n_waiting - 1];
		Input *input = &merge->inputs[index];
		SourceStatus status = source_next(input->source, &input->frame, error);
		if (status == SOURCE_AGAIN || status == SOURCE_ERROR)
			return status;
		merge->n_waiting--;
		if (status == SOURCE_FRAME)
			push(merge, index);
	}
	if (merge->n_heap == 0)
		return SOURCE_END;
	unsigned index = pop(merge);
	merge->waiting[merge->n_waiting++] = index;
	*frame = merge->inputs[index].frame;
	frame->ref.source = (frame->ref.source + merge->inputs[index].first_info) & 0xffff;
	return SOURCE_FRAME;
}

static bool set_filter(Source *source, const char *filter, GError **error)
{
	MergeSource *merge = (MergeSource *)source;
	for (unsigned i = 0; i < merge->n_inputs; i++) {
		if (!source_set_filter(merge->inputs[i].source, filter, error))
			return false;
	}
	return true;
}

static void stop(Source *source)
{
	MergeSource *merge = (MergeSource *)source;
	for (unsigned i = 0; i < merge->n_inputs; i++)
		source_stop(merge->inputs[i].source);
}

static unsigned n_infos(const Source *source)
{
	return ((const MergeSource *)source)->n_infos;
}

static const Input *input_of(const MergeSource *merge, unsigned index)
{
	unsigned i = merge->n_inputs - 1;
	while (merge->inputs[i].first_info > index)
		i--;
	return &merge->inputs[i];
}

static const SourceInfo *info_at(const Source *source, unsigned index)
{
	const Input *input = input_of((const MergeSource *)source, index);
	return source_info(input->source, index - input->first_info);
}

static void shift_clock(Source *source, unsigned index, int64_t shift_ns)
{
	const Input *input = input_of((MergeSource *)source, index);
	source_shift_clock(input->source, index - input->first_info, shift_ns);
}

static bool progress(const Source *source, uint64_t *n_read, uint64_t *size)
{
	const MergeSource *merge = (const MergeSource *)source;
	for (unsigned i = 0; i < merge->n_inputs; i++) {
		uint64_t n_read_here, size_here;
		if (!source_progress(merge->inputs[i].source, &n_read_here, &size_here))
			return false;
		*n_read += n_read_here;
		*size += size_here;
	}
	return true;
}

static void free_merge(Source *source)
{
	MergeSource *merge = (MergeSource *)source;
	for (unsigned i = 0; i < merge->n_inputs; i++)
		source_free(merge->inputs[i].source);
	g_free(merge->inputs);
	g_free(merge->heap);
	g_free(merge->waiting);
	g_free(merge);
}

static const SourceOps merge_ops = {
	.next = next,
	.set_filter = set_filter,
	.stop = stop,
	.n_infos = n_infos,
	.info = info_at,
	.shift_clock = shift_clock,
	.progress = progress,
	.free = free_merge,
};

Source *source_merge(Source **sources, unsigned n_sources)
{
	g_assert(n_sources > 0);
	if (n_sources == 1)
		return sources[0];

	MergeSource *merge = g_new0(MergeSource, 1);
	merge->base.ops = &merge_ops;
	merge->n_inputs = n_sources;
	merge->inputs = g_new0(Input, n_sources);
	merge->heap = g_new0(unsigned, n_sources);
	merge->waiting = g_new0(unsigned, n_sources);
	for (unsigned i = 0; i < n_sources; i++) {
		merge->inputs[i].source = sources[i];
		merge->inputs[i].first_info = merge->n_infos;
		merge->n_infos += source_n_infos(sources[i]);
		merge->waiting[merge->n_waiting++] = n_sources - 1 - i;
	}
	return &merge->base;
}
