/*
 * heap - counts what is taken from the heap, by whomever: our own code, the
 * libraries, the C library itself.
 *
 * To be included by one source of a program.  It defines the functions of
 * malloc(3), as glibc lets a program do, and hands on to glibc's own; under
 * AddressSanitizer and ThreadSanitizer, which are the heap then, it asks to be
 * told.  A realloc() counts like a malloc().  For programs of one thread.
 *
 * Who allocates is shown by a debugger: stop at heap_count() where heap.on.
 */
#ifndef TESTS_HEAP_H
#define TESTS_HEAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/*
 * An arena takes blocks of at least this size (arena.c); what is smaller went
 * around it.
 */
#define HEAP_BLOCK_BYTES	4096

struct heap {
	bool	on;		/* counting */
	size_t	small;		/* allocations of less than a block */
	size_t	blocks;		/* the others */
	size_t	bytes;		/* of all */
};

static struct heap heap;

static __attribute__((noinline)) void
heap_count(size_t size)
{
	if (!heap.on)
		return;
	if (size < HEAP_BLOCK_BYTES)
		heap.small++;
	else
		heap.blocks++;
	heap.bytes += size;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int	__sanitizer_install_malloc_and_free_hooks(
	    void (*)(const volatile void *, size_t),
	    void (*)(const volatile void *));

static void
heap_hook_malloc(const volatile void *p, size_t size)
{
	(void)p;
	heap_count(size);
}

static void
heap_hook_free(const volatile void *p)
{
	(void)p;
}

static __attribute__((constructor)) void
heap_hook(void)
{
	if (__sanitizer_install_malloc_and_free_hooks(heap_hook_malloc,
	    heap_hook_free) == 0)
		abort();
}

#else

#define HEAP_SHOWN	__attribute__((visibility("default")))

void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);
void	*__libc_memalign(size_t, size_t);

HEAP_SHOWN void *
malloc(size_t size)
{
	heap_count(size);
	return __libc_malloc(size);
}

HEAP_SHOWN void *
calloc(size_t count, size_t size)
{
	heap_count(count * size);
	return __libc_calloc(count, size);
}

HEAP_SHOWN void *
realloc(void *p, size_t size)
{
	heap_count(size);
	return __libc_realloc(p, size);
}

HEAP_SHOWN void *
aligned_alloc(size_t alignment, size_t size)
{
	heap_count(size);
	return __libc_memalign(alignment, size);
}

HEAP_SHOWN int
posix_memalign(void **p, size_t alignment, size_t size)
{
	void *got;

	heap_count(size);
	got = __libc_memalign(alignment, size);
	if (got == NULL)
		return ENOMEM;
	*p = got;
	return 0;
}

#endif

static inline void
heap_begin(void)
{
	heap = (struct heap){ .on = true };
}

static inline struct heap
heap_end(void)
{
	heap.on = false;
	return heap;
}

#endif
