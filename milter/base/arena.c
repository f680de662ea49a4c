#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_BYTES	4096
#define BLOCK_BYTES_MAX	65536

/*
 * Blocks hang on a list, newest first.  An allocation is cut from the newest
 * block; one that does not fit gets a new block, of its own size if it is a
 * large one.
 *
 * Each block is as large as all before it, within limits: an idle connection
 * keeps little, and a large message takes few.
 */
struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *older;
	void (*release)(void *what);
	void *what;
};

struct arena {
	struct block *newest;		/* NULL before the first */
	size_t bytes;			/* of all blocks */
	struct deferred *deferred;	/* allocated in the arena itself */
};

static size_t
clamp(size_t size, size_t least, size_t most)
{
	return size < least ? least : size > most ? most : size;
}

/* With room for at least this many bytes. */
static struct block *
block_new(struct arena *arena, size_t least)
{
	size_t size = clamp(arena->bytes, FIRST_BYTES, BLOCK_BYTES_MAX);
	struct block *block;

	if (size < least)
		size = least;
	block = xmalloc(sizeof(*block) + size);
	block->older = arena->newest;
	block->size = size;
	block->used = 0;
	arena->newest = block;
	arena->bytes += size;
	return block;
}

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_defer(struct arena *arena, void (*release)(void *what), void *what)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	deferred->older = arena->deferred;
	deferred->release = release;
	deferred->what = what;
	arena->deferred = deferred;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->newest);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	struct block *block = arena->newest;

	for (struct deferred *d = arena->deferred; d != NULL; d = d->older)
		d->release(d->what);
	arena->deferred = NULL;
	if (block == NULL)
		return;
	while (block->older != NULL) {
		struct block *older = block->older;

		free(block);
		block = older;
	}
	block->used = 0;
	arena->newest = block;
	arena->bytes = block->size;
}

/* So that what comes behind is aligned, too. */
static size_t
aligned(size_t size)
{
	const size_t unit = alignof(max_align_t);

	return (size + unit - 1) / unit * unit;
}

/* Not zeroed. */
static void *
take(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;
	void *p;

	if (size > (size_t)-1 / 2)
		abort();
	size = aligned(size);
	if (block == NULL || block->size - block->used < size)
		block = block_new(arena, size);
	p = block->bytes + block->used;
	block->used += size;
	return p;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *
arena_grow(struct arena *arena, void *items, size_t count, size_t *room,
    size_t size)
{
	void *grown;

	if (count < *room)
		return items;
	*room = *room == 0 ? 8 : *room * 2;
	if (*room > (size_t)-1 / 2 / size)
		abort();
	grown = take(arena, *room * size);
	if (count > 0)
		memcpy(grown, items, count * size);
	return grown;
}

char *
arena_memdup(struct arena *arena, const void *data, size_t len)
{
	char *copy = take(arena, len + 1);

	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_memdup(arena, text, strlen(text));
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len < 0)
		abort();
	text = take(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}

size_t
arena_size_bytes(const struct arena *arena)
{
	size_t total = sizeof(*arena);

	for (const struct block *b = arena->newest; b != NULL; b = b->older)
		total += sizeof(*b) + b->size;
	return total;
}
