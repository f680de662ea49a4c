/*
 * env - everything that the pure rooms may ask of the outside world.
 *
 * The daemon fills it with the machine's clock, random numbers and log; `try',
 * the expect cases and the tests with answers of their own.  The functions
 * must be safe to call from many threads at once.
 */
#ifndef SESSION_ENV_H
#define SESSION_ENV_H

#include <stddef.h>
#include <stdint.h>

struct record;

/* Local time, as the policies' day and time see it. */
struct local_time {
	unsigned	weekday;	/* 0 is Sunday */
	unsigned	minute;		/* since midnight, 0 to 1439 */
};

struct env {
	void	*world;			/* handed to each function */
	struct local_time (*local_time)(void *world);
	/* Fills bytes with random numbers that nobody can foretell. */
	void	(*random)(void *world, void *bytes, size_t size);
	/* Takes note of a decision; the record lives only during the call. */
	void	(*record)(void *world, const struct record *record);
};

#endif
