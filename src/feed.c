/* SPDX-License-Identifier: MIT */
#include "src/feed.h"

static void take_run(Feed *feed, Source *source, const FrameRun *run)
{
	if (feed->keylog != NULL)
		keylog_take(feed->keylog, source);
	if (feed->pipeline != NULL)
		pipeline_frames(feed->pipeline, run->frames, run->n);
	/* A capture that nobody can save any more is not worth going on; files are read all the same. */
	if (feed->save != NULL && !save_frames(feed->save, source, run->frames, run->n) &&
	    source_info(source, 0)->live)
		source_stop(source);
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
			if (feed->save != NULL)
				save_flush(feed->save);
			break;
		case SOURCE_END:
			return true;
		case SOURCE_ERROR:
			return false;
		}
		tell(feed, source);
	}
}
