/* SPDX-License-Identifier: MIT */
/*
 * Capture files: what a frame says of itself must hold, whatever the file is.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/octet_file.h"

static void check_frame(const Frame *frame)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < frame->bytes.size; i++)
		sum += frame->bytes.data[i];
	g_assert_cmpuint(sum, <=, 255 * (uint64_t)frame->bytes.size);
	g_assert_cmpuint(frame->wire_size, >=, frame->bytes.size);
	g_assert_cmpuint(frame->ref.number, >, 0);
	if (instant_known(frame->time))
		g_assert_true(frame->time.ns >= -(INT64_MAX / 2) && frame->time.ns <= INT64_MAX / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Source *source = octet_file_open(data, size);
	if (source == NULL)
		return 0;
	Frame frame;
	uint64_t n = 0, octets = 0;
	SourceStatus status;
	while ((status = source_next(source, &frame, NULL)) == SOURCE_FRAME || status == SOURCE_AGAIN) {
		if (status == SOURCE_AGAIN)
			continue;
		check_frame(&frame);
		n++;
		octets += frame.bytes.size;
	}
	g_assert_cmpuint(source_info(source, 0)->packets, ==, n);
	g_assert_cmpuint(source_info(source, 0)->bytes, ==, octets);
	source_free(source);
	return 0;
}
