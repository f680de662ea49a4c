#include "policy/memo.h"

#include <stdint.h>

#include "base/arena.h"

#define SLOTS	512	/* a power of two */

struct entry {
	const void *key;
	struct entry *next;
	void *result;
};

struct memo {
	struct arena *arena;
	struct entry *slots[SLOTS];
};

struct memo *
memo_new(struct arena *arena)
{
	struct memo *memo = arena_alloc(arena, sizeof(*memo));

	memo->arena = arena;
	return memo;
}

/* What is in one arena differs in the middle bits of its address. */
static size_t
slot_of(const void *key)
{
	uintptr_t address = (uintptr_t)key;

	return (address >> 4 ^ address >> 13) & (SLOTS - 1);
}

void *
memo_find(const struct memo *memo, const void *key)
{
	const struct entry *entry = memo->slots[slot_of(key)];

	while (entry != NULL && entry->key != key)
		entry = entry->next;
	return entry != NULL ? entry->result : NULL;
}

void *
memo_add(struct memo *memo, const void *key, size_t size)
{
	struct entry **slot = &memo->slots[slot_of(key)];
	struct entry *entry = arena_alloc(memo->arena, sizeof(*entry));

	entry->key = key;
	entry->next = *slot;
	entry->result = arena_alloc(memo->arena, size);
	*slot = entry;
	return entry->result;
}
