/*
 * env - everything that the pure rooms may ask of the outside world.
 *
 * The daemon fills it with the machine's clock, random numbers, sockets and
 * log; `try', the expect cases and the tests with answers of their own.  The
 * functions must be safe to call from many threads at once.
 */
#ifndef SESSION_ENV_H
#define SESSION_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct diag;
struct foretold;
struct milter;
struct record;
struct refused;

/* Local time, as the policies' day and time see it. */
struct local_time {
	unsigned	weekday;	/* 0 is Sunday */
	unsigned	minute;		/* since midnight, 0 to 1439 */
};

struct env {
	void	*world;			/* handed to each function */
	/*
	 * What the sessions of one daemon share.  NULL: no map asks
	 * about refusals, no milters are asked.
	 */
	struct refused	*refused;
	struct foretold	*foretold;
	struct local_time (*local_time)(void *world);
	/* Fills bytes with random numbers that nobody can foretell. */
	void	(*random)(void *world, void *bytes, size_t size);
	/* Takes note of a decision; the record lives only during the call. */
	void	(*record)(void *world, const struct record *record);
	/* Milliseconds of a clock that only goes forward. */
	uint64_t (*now_ms)(void *world);

	/*
	 * Connections to the milters behind us.  Each function may block the
	 * calling session up to its time limit; each that fails adds the
	 * reason to why and leaves the channel to be closed.
	 *
	 * channel_open: NULL where the milter cannot be reached, or is left
	 * alone for a while because it failed too often.  *rested tells the
	 * second.
	 */
	struct channel *(*channel_open)(void *world,
	    const struct milter *milter, bool *rested, struct diag *why);
	/* Writes all.  Returns 0 or -1. */
	int	(*channel_write)(void *world, struct channel *channel,
	    const void *bytes, size_t len, unsigned timeout_ms,
	    struct diag *why);
	/*
	 * Reads exactly len bytes.  Returns 0, or -1: too late (timeout_ms is
	 * for all of them), closed, or broken.
	 */
	int	(*channel_read)(void *world, struct channel *channel,
	    void *bytes, size_t len, unsigned timeout_ms, struct diag *why);
	/* Is there anything to be read?  Never waits. */
	bool	(*channel_waiting)(void *world, struct channel *channel);
	/* The other side learns that nothing more will be written. */
	void	(*channel_finish)(void *world, struct channel *channel);
	void	(*channel_close)(void *world, struct channel *channel);
	/*
	 * How it went with a milter, once for each message or failure: the
	 * world counts, rests a milter that fails, and logs each change once.
	 * opened_ms is when its connection was begun: one from before a rest
	 * does not end it.  A connection that was never asked about a message
	 * to its end, and did not fail, was left: that says nothing about the
	 * milter.
	 */
	void	(*milter_worked)(void *world, const struct milter *milter,
	    uint64_t opened_ms);
	void	(*milter_left)(void *world, const struct milter *milter,
	    uint64_t opened_ms);
	void	(*milter_failed)(void *world, const struct milter *milter,
	    const char *why);
};

#endif
