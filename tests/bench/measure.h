/*
 * measure - what the programs have in common that measure or are measured:
 * clocks, percentiles, counts as options, and open files.
 *
 * All of it is static inline, so that each program takes what it needs and is
 * still built from its own sources alone.  For one thread.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define NS		1000000000ull	/* in a second */
#define FILES_WANTED	65536

static inline uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

/* What this process has taken, in the kernel and outside of it. */
static inline double
cpu_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static inline int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* count may be 0, and times be NULL then. */
static inline void
sort_times(uint64_t *times_ns, size_t count)
{
	if (count > 0)
		qsort(times_ns, count, sizeof(*times_ns), by_size);
}

/* Of sorted times; 0 where there are none. */
static inline double
percentile_us(const uint64_t *times_ns, size_t count, unsigned percent)
{
	size_t at = count * percent / 100;

	if (count == 0)
		return 0;
	return (double)times_ns[at < count ? at : count - 1] / 1000;
}

/* Reads a decimal number; returns false where it is none, or out of range. */
static inline bool
read_count(unsigned long *number, const char *text, unsigned long low,
    unsigned long high)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && text[0] != '-' &&
	    *number >= low && *number <= high;
}

/* As many open files as a load needs, or as many as are allowed. */
static inline void
raise_files(void)
{
	struct rlimit limit = { FILES_WANTED, FILES_WANTED };

	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 ||
	    getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

#endif
