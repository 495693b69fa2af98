/* SPDX-License-Identifier: MIT */
#include "ui/screens/action.h"

#include <stddef.h>

static const ActionInfo infos[ACTION_N] = {
#define ACTION(id, name, where, keys, help) [ACTION_##id] = {name, (uint32_t)(where), keys, help},
#include "ui/screens/actions.def"
#undef ACTION
};

const ActionInfo *action_info(Action action)
{
	return action > ACTION_NONE && action < ACTION_N ? &infos[action] : NULL;
}
