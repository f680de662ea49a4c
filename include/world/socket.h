/*
 * socket - the place where the MTA finds us: who may come, and that it is ours
 * alone.
 *
 * libmilter opens the socket itself and tells its reasons to syslog only.  So
 * everything that can go wrong is tried here before, where it can be said, and
 * what libmilter leaves open (mode, group, a stale socket) is done here.  For
 * the start and the end of the program: one thread only.
 */
#ifndef WORLD_SOCKET_H
#define WORLD_SOCKET_H

#include <sys/types.h>

#include "base/socket_name.h"

struct diag;

/*
 * Makes sure that the socket can be opened: the address can be had, a unix
 * socket that nobody listens at is removed.  One that somebody listens at, and
 * anything that is no socket, is left alone.  Returns 0, or -1 with the reason
 * in diag.
 */
int	socket_prepare(const struct socket_name *name, struct diag *diag);

/*
 * For a unix socket that was just opened: gives it owner, group and mode
 * ((uid_t)-1 and (gid_t)-1 leave them), and remembers which one it is.
 * Returns 0, or -1 with the reason in diag.
 */
int	socket_claim(struct socket_name *name, uid_t owner, gid_t group,
	    mode_t mode, struct diag *diag);
/*
 * Removes a unix socket that is still the claimed one.  Returns 0, or -1 with
 * the reason in diag.
 */
int	socket_remove(const struct socket_name *name, struct diag *diag);

#endif
