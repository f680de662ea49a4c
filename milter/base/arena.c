#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES	8192

/*
 * Blocks hang on a list, newest first.  An allocation is cut from the newest
 * block; one that does not fit gets a new block, of its own size if it is a
 * large one.
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
	struct block *newest;
	struct deferred *deferred;	/* allocated in the arena itself */
};

static struct block *
block_new(size_t size, struct block *older)
{
	struct block *block = xmalloc(sizeof(*block) + size);

	block->older = older;
	block->size = size;
	block->used = 0;
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
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct block *block = arena->newest;
	void *p;

	if (size > (size_t)-1 / 2)
		abort();
	size = (size + unit - 1) / unit * unit;
	if (block == NULL || block->size - block->used < size) {
		block = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES,
		    block);
		arena->newest = block;
	}
	p = block->bytes + block->used;
	block->used += size;
	memset(p, 0, size);
	return p;
}

char *
arena_memdup(struct arena *arena, const void *data, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len > 0)
		memcpy(copy, data, len);
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
	text = arena_alloc(arena, (size_t)len + 1);
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
