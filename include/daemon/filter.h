/*
 * filter - libmilter's callbacks on one side, sessions on the other.
 *
 * Each connection has a session of its own and a reference to the
 * configuration that was in force at its negotiation; it keeps both until it
 * closes, so what was asked of the MTA and what the session goes by agree.
 */
#ifndef DAEMON_FILTER_H
#define DAEMON_FILTER_H

#include <stdbool.h>

struct env;
struct live;

/*
 * Registers the callbacks.  live and env must stay for the rest of the process:
 * no connection is waited for at the end.  Returns 0, or -1 where libmilter
 * does not fit the header that we were built with.
 */
int	filter_register(struct live *live, const struct env *env);

/*
 * Waits until no callback runs, so that answers on their way still get out.
 * Returns false where some still ran after timeout_ms.
 */
bool	filter_drain(unsigned timeout_ms);

#endif
