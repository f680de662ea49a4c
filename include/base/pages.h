/*
 * pages - memory for tables that may be very large.
 *
 * The heap keeps what is freed for what comes next, so that the tables of a
 * long list, which a reload replaces, would stay with the process for ever, in
 * pieces that the next ones do not fit into.  A table of a mebibyte or more
 * gets pages of its own instead, which go back to the system when it is freed;
 * a smaller one comes from the heap.  Does not fail, as mem.h.  Safe from any
 * thread.
 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

/* Zeroed; pages that are never touched cost nothing. */
void	*pages_alloc(size_t count, size_t size);
/*
 * The same with room for count elements, of which the first old_count, or as
 * many as there now are, stay as they were; the others are anything.  table may
 * be NULL where old_count is 0.
 */
void	*pages_resize(void *table, size_t old_count, size_t count,
	    size_t size);
/* count and size as they were last; table may be NULL. */
void	 pages_free(void *table, size_t count, size_t size);

#endif
