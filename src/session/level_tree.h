/* SPDX-License-Identifier: MIT */
/*
 * level_tree: topics or filters as a tree of their levels.
 *
 * Children are found by (parent, level) in one hash table; the root is node 0.
 */
#pragma once

#include <glib.h>

#include "src/session/interner.h"
#include "src/session/store.h"

#define NO_NODE 0u /* the root is nobody's child */

typedef struct LevelNode {
	uint32_t parent, first_child, next_sibling;
	uint32_t level;  /* index in the interner of levels */
	uint32_t leaf;   /* index of the topic or filter that ends here; INTERNER_NONE */
	uint64_t newest; /* topics: the youngest message here or below; 0: none */
} LevelNode;

/* The key beside the node: nodes need not be touched to find one. */
typedef struct LevelSlot {
	uint32_t parent;
	uint32_t level;
	uint32_t node; /* 0: free */
} LevelSlot;

typedef struct LevelTree {
	Store nodes;
	LevelSlot *slots;
	uint32_t n_slots;
} LevelTree;

void level_tree_init(LevelTree *tree);
void level_tree_clear(LevelTree *tree);

static inline LevelNode *level_tree_node(const LevelTree *tree, uint32_t node)
{
	return store_at_size(&tree->nodes, node, sizeof(LevelNode));
}

/* NO_NODE if there is none. */
uint32_t level_tree_child(const LevelTree *tree, uint32_t parent, uint32_t level);
uint32_t level_tree_add_child(LevelTree *tree, uint32_t parent, uint32_t level);
