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

#include <stdbool.h>
#include <stdint.h>

#include "session/milter.h"

struct breaker;
struct diag;

/*
 * With those of configurations that are gone; then the one unused longest is
 * forgotten.
 */
#define BREAKER_MILTERS_MAX	(2 * MILTERS_MAX)

struct breaker	*breaker_new(void);
void		 breaker_free(struct breaker *breaker);	/* or NULL */

/*
 * May this session ask the milter?  False where it rests, with the reason in
 * why; that is counted as missed.
 */
bool	breaker_allows(struct breaker *breaker, const struct milter *milter,
	    uint64_t now_ms, struct diag *why);
/*
 * How it went, once for each message that it was asked about, or failure.
 * opened_ms is when the connection was begun; one from before a rest says
 * nothing about those that are begun now, and does not end it.  Logged are the
 * first failure in a row, the beginning of a rest and its end.
 */
void	breaker_worked(struct breaker *breaker, const struct milter *milter,
	    uint64_t opened_ms, uint64_t now_ms);
/*
 * A connection ended without either.  If it was the one that tried, the next
 * session may: clients that only knock do not keep a milter at rest.
 */
void	breaker_left(struct breaker *breaker, const struct milter *milter,
	    uint64_t opened_ms, uint64_t now_ms);
void	breaker_failed(struct breaker *breaker, const struct milter *milter,
	    uint64_t now_ms, const char *why);
/* A line for each milter, with its counters. */
void	breaker_log(struct breaker *breaker);

#endif
