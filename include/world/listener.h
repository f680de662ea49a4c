/*
 * listener - opens a socket of ours for clients to come to.
 *
 * For the start of the program: one thread only.
 */
#ifndef WORLD_LISTENER_H
#define WORLD_LISTENER_H

#include <sys/types.h>

struct diag;
struct socket_name;

/*
 * Binds and listens, without blocking and closed on exec.  A unix socket is
 * closed to all others until socket_claim() opens it.  Call socket_prepare()
 * before.  Returns the descriptor, or -1 with the reason in diag.
 */
int	listener_open(const struct socket_name *name, int backlog,
	    struct diag *diag);

#endif
