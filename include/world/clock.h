/*
 * clock - the time for limits and waits, which nobody can set.
 *
 * No globals; safe from any thread.
 */
#ifndef WORLD_CLOCK_H
#define WORLD_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some time before; only goes forward. */
static inline uint64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
