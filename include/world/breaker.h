/*
 * breaker - how each milter behind us is doing, over all sessions and
 * reloads; and rest for one that fails.
 *
 * A milter that failed so often in a row is left alone for a while: sessions
 * do not wait for its time limits, and it can recover.  Then one session
 * tries, the others still go without, until it is over or as much time has
 * passed again.  A milter is known by name and socket.  Times are in
 * milliseconds of a clock that only goes forward.  Safe from any thread.
 */
#ifndef WORLD_BREAKER_H
#define WORLD_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/milter.h"

struct diag;

/*
 * With those of configurations that are gone; then the one unused longest is
 * forgotten.
 */
#define BREAKER_MILTERS_MAX	(2 * MILTERS_MAX)

struct breaker_entry {
	char		*name, *socket;	/* the key; own copies */
	uint64_t	 used_ms;	/* the last time */
	unsigned	 failures;	/* in a row */
	bool		 resting;
	bool		 trying;	/* one session does, since it rests */
	uint64_t	 since_ms;	/* of the rest */
	uint64_t	 until_ms;	/* nobody asks before */
	uint64_t	 missed_now;	/* since it rests */
	uint64_t	 asked, failed, missed;		/* counters */
};

/* The fields are breaker.c's own; lock is for all of them. */
struct breaker {
	pthread_mutex_t		 lock;
	size_t			 count;
	struct breaker_entry	 entries[BREAKER_MILTERS_MAX];
};
#define BREAKER_INIT	{ .lock = PTHREAD_MUTEX_INITIALIZER }

void	breaker_release(struct breaker *breaker);

/*
 * May this session ask the milter?  False where it rests, with the reason in
 * why; that is counted as missed.
 */
bool	breaker_allows(struct breaker *breaker, const struct milter *milter,
	    uint64_t now_ms, struct diag *why);
/*
 * How it went, once for each time that it was allowed and asked.  Logged are
 * the first failure in a row, the beginning of a rest and its end.
 */
void	breaker_worked(struct breaker *breaker, const struct milter *milter,
	    uint64_t now_ms);
void	breaker_failed(struct breaker *breaker, const struct milter *milter,
	    uint64_t now_ms, const char *why);
/* A line for each milter, with its counters. */
void	breaker_log(struct breaker *breaker);

#endif
