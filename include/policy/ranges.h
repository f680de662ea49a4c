/*
 * ranges - ranges of numbers, each with a number of its own; which of them
 * hold a value?
 *
 * An interval tree, explained in ranges.c.  Built by one thread; after
 * ranges_finish() any thread may look.
 */
#ifndef POLICY_RANGES_H
#define POLICY_RANGES_H

#include <stdint.h>

struct ranges;

struct ranges	*ranges_new(void);
void		 ranges_free(struct ranges *ranges);
/* low <= value <= high; where low > high, it wraps: value >= low or <= high. */
void		 ranges_add(struct ranges *ranges, uint64_t low, uint64_t high,
		    uint32_t number);
void		 ranges_finish(struct ranges *ranges);
/* Calls hit(arg, number) for each range that holds value. */
void		 ranges_find(const struct ranges *ranges, uint64_t value,
		    void (*hit)(void *arg, uint32_t number), void *arg);

#endif
