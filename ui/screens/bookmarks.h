/* SPDX-License-Identifier: MIT */
/*
 * bookmarks: places that the user wants to come back to, by letter.
 */
#pragma once

#include "src/session/model.h"
#include "ui/screens/action.h"

typedef struct Bookmark {
	bool set;
	ScreenId screen;
	ClientIndex client; /* NO_INDEX: none */
	FrameRef frame;     /* number 0: none */
} Bookmark;

typedef struct Bookmarks {
	Bookmark by_letter[26];
} Bookmarks;

/* That of a letter from a to z; NULL: it is none. */
static inline Bookmark *bookmark_at(Bookmarks *bookmarks, uint32_t letter)
{
	return letter >= 'a' && letter <= 'z' ? &bookmarks->by_letter[letter - 'a'] : NULL;
}
