/* SPDX-License-Identifier: MIT */
#include "src/session/level_tree.h"

enum { FIRST_SLOTS = 256 };

static LevelNode *add_node(LevelTree *tree)
{
	LevelNode *node = store_add(&tree->nodes);
	node->leaf = INTERNER_NONE;
	return node;
}

void level_tree_init(LevelTree *tree)
{
	store_init(&tree->nodes, sizeof(LevelNode));
	add_node(tree);
	tree->n_slots = FIRST_SLOTS;
	tree->slots = large_new0(tree->n_slots * sizeof(LevelSlot));
}

void level_tree_clear(LevelTree *tree)
{
	store_clear(&tree->nodes);
	large_free(tree->slots, tree->n_slots * sizeof(LevelSlot));
}

static uint32_t slot_start(const LevelTree *tree, uint32_t parent, uint32_t level)
{
	uint64_t key = ((uint64_t)parent << 32 | level) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(key >> 32) & (tree->n_slots - 1);
}

static uint32_t slot_of(const LevelTree *tree, uint32_t parent, uint32_t level)
{
	uint32_t slot = slot_start(tree, parent, level);
	while (tree->slots[slot].node != 0) {
		if (tree->slots[slot].parent == parent && tree->slots[slot].level == level)
			return slot;
		slot = (slot + 1) & (tree->n_slots - 1);
	}
	return slot;
}

uint32_t level_tree_child(const LevelTree *tree, uint32_t parent, uint32_t level)
{
	return tree->slots[slot_of(tree, parent, level)].node;
}

static void grow(LevelTree *tree)
{
	LevelSlot *old = tree->slots;
	uint32_t n_old = tree->n_slots;
	tree->n_slots *= 2;
	tree->slots = large_new0(tree->n_slots * sizeof(LevelSlot));
	for (uint32_t i = 0; i < n_old; i++)
		if (old[i].node != 0)
			tree->slots[slot_of(tree, old[i].parent, old[i].level)] = old[i];
	large_free(old, n_old * sizeof(LevelSlot));
}

uint32_t level_tree_add_child(LevelTree *tree, uint32_t parent, uint32_t level)
{
	uint32_t slot = slot_of(tree, parent, level);
	if (tree->slots[slot].node != 0)
		return tree->slots[slot].node;

	uint32_t index = tree->nodes.n;
	LevelNode *node = add_node(tree);
	LevelNode *above = level_tree_node(tree, parent);
	node->parent = parent;
	node->level = level;
	node->next_sibling = above->first_child;
	above->first_child = index;
	tree->slots[slot] = (LevelSlot){parent, level, index};
	/* A little before texts and connections do, if there are as many of those: whoever looks on does not wait for
	 * all of them at once. */
	if (tree->nodes.n > tree->n_slots / 16 * 7)
		grow(tree);
	return index;
}
