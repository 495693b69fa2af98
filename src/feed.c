/* SPDX-License-Identifier: MIT */
#include "src/feed.h"

static void take_run(Feed *feed, Source *source, const FrameRun *run)
{
	if (feed->keylog != NULL)
		keylog_take(feed->keylog, source);
	if (feed->pipeline != NULL)
		pipeline_frames(feed->pipeline, run->frames, run->n);
	for (unsigned i = 0; feed->save != NULL && i < run->n; i++)
		save_frame(feed->save, &run->frames[i]);
}

static void tell(Feed *feed, Source *source)
{
	enum { EVERY_US = 100000 };
	int64_t now = feed->tell == NULL ? 0 : g_get_monotonic_time();
	if (feed->tell == NULL || now - feed->told < EVERY_US)
		return;
	feed->told = now;
	if (!feed->tell(feed->user))
		source_stop(source);
}

bool feed_all(Feed *feed, Source *source, GError **error)
{
	FrameRun run;
	for (;;) {
		switch (source_next_run(source, &run, error)) {
		case SOURCE_FRAME:
			take_run(feed, source, &run);
			break;
		case SOURCE_AGAIN:
			break;
		case SOURCE_END:
			return true;
		case SOURCE_ERROR:
			return false;
		}
		tell(feed, source);
	}
}
