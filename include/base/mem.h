/*
 * mem - allocation that does not fail.
 *
 * Inputs are bounded where they enter, so running out of memory is no case
 * that a caller could handle: these functions abort instead of returning
 * NULL.  Safe from any thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void	*xmalloc(size_t size);
void	*xcalloc(size_t count, size_t size);
void	*xreallocarray(void *p, size_t count, size_t size);
char	*xstrdup(const char *text);
/* At most len bytes of text, always ended by a NUL; the caller frees. */
char	*xstrndup(const char *text, size_t len);

/*
 * Makes room for one more element of an array that grows by doubling: returns
 * items, or its new place, with room for at least count + 1 elements.  *room
 * is the number of elements it has space for.
 */
void	*xgrow(void *items, size_t count, size_t *room, size_t size);

#endif
