/*
 * arena - memory of things that live and die together.
 *
 * One arena per loaded configuration, one per message: nothing is freed
 * alone, all goes at once.  The first block, of 4 KiB, comes with the first
 * allocation and is kept at arena_reset(), so that a small next message on a
 * connection allocates nothing.  An arena belongs to one thread at a time; once
 * nobody allocates from it any more, any thread may read.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena	*arena_new(void);
void		 arena_free(struct arena *arena);	/* NULL is fine */
/* Forgets all that was allocated, and keeps the first block for reuse. */
void		 arena_reset(struct arena *arena);

/* Zeroed, aligned for any type; lives until arena_reset() or arena_free(). */
void		*arena_alloc(struct arena *arena, size_t size);
char		*arena_strdup(struct arena *arena, const char *text);
char		*arena_format(struct arena *arena, const char *format, ...)
		    __attribute__((format(printf, 2, 3)));
/* len bytes, which may hold NULs, and a NUL behind them. */
char		*arena_memdup(struct arena *arena, const void *data,
		    size_t len);
/*
 * Makes room for one more element of an array that grows by doubling, like
 * xgrow(): returns items, or its new place, not zeroed, with room for at least
 * count + 1 elements.  The old place is left to the arena.
 */
void		*arena_grow(struct arena *arena, void *items, size_t count,
		    size_t *room, size_t size);
/*
 * Calls release(what) when the arena is reset or freed, newest first: for what
 * a library allocated and an arena cannot hold.
 */
void		 arena_defer(struct arena *arena, void (*release)(void *what),
		    void *what);
/* The bytes that blocks of this arena take from the heap. */
size_t		 arena_size_bytes(const struct arena *arena);

#endif
