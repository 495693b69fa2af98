/* SPDX-License-Identifier: MIT */
#include "src/session/clues.h"

#include "src/session/observe_parts.h"

static Clue *find(const Model *model, const Connection *connection, ClueKind kind)
{
	const Remarks *remarks = model_remarks(model, connection);
	for (uint32_t at = remarks->clues; at != 0;) {
		Clue *clue = store_at(&model->clues, at);
		if (clue->kind == kind)
			return clue;
		at = clue->next;
	}
	return NULL;
}

const Clue *model_clue(const Model *model, const Connection *connection, ClueKind kind)
{
	return connection->remarks == 0 ? NULL : find(model, connection, kind);
}

Clue *clue_put(Model *model, Connection *connection, ClueKind kind, const StreamPoint *at)
{
	Clue *known = find(model, connection, kind);
	if (known != NULL) {
		known->n++;
		return NULL;
	}
	Remarks *remarks = remarks_of(model, connection);
	uint32_t index = model->clues.n;
	Clue *clue = store_add(&model->clues);
	*clue = (Clue){.at = *at, .next = remarks->clues, .n = 1, .kind = (uint8_t)kind};
	remarks->clues = index;
	return clue;
}
