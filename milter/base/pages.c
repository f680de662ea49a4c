#include "base/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

#define LARGE_BYTES	((size_t)1024 * 1024)

static size_t
bytes_of(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		abort();
	return count * size;
}

static bool
is_large(size_t bytes)
{
	return bytes >= LARGE_BYTES;
}

/*
 * Large pages, where the system has them, because a look-up in a large table
 * mostly waits for memory, and then for where its page is as well.
 */
static void *
map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
#ifdef MADV_HUGEPAGE
	(void)madvise(p, bytes, MADV_HUGEPAGE);
#endif
	return p;
}

void *
pages_alloc(size_t count, size_t size)
{
	size_t bytes = bytes_of(count, size);

	return is_large(bytes) ? map(bytes) : xcalloc(count, size);
}

void *
pages_resize(void *table, size_t old_count, size_t count, size_t size)
{
	size_t old = bytes_of(old_count, size), bytes = bytes_of(count, size);
	void *fresh;

	if (!is_large(old) && !is_large(bytes))
		return xreallocarray(table, count, size);
#ifdef MREMAP_MAYMOVE
	/* Nothing is copied. */
	if (is_large(old) && is_large(bytes)) {
		fresh = mremap(table, old, bytes, MREMAP_MAYMOVE);
		if (fresh == MAP_FAILED)
			abort();
		return fresh;
	}
#endif
	fresh = pages_alloc(count, size);
	if (old > 0)
		memcpy(fresh, table, old < bytes ? old : bytes);
	pages_free(table, old_count, size);
	return fresh;
}

void
pages_free(void *table, size_t count, size_t size)
{
	size_t bytes = bytes_of(count, size);

	if (is_large(bytes))
		munmap(table, bytes);
	else
		free(table);
}
