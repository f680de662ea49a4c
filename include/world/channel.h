/*
 * channel - one connection to a milter behind us: bytes there and back, each
 * time with one limit for all of it.
 *
 * Whoever hangs, trickles or goes away costs a session its time limit and no
 * more.  After a failure the channel is of no use but to be closed.  Belongs
 * to one thread at a time; no globals, no signals.
 */
#ifndef WORLD_CHANNEL_H
#define WORLD_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct diag;

/*
 * Connects to a socket as in the configuration, "inet:11332@127.0.0.1"; of a
 * host with several addresses to the first that answers; without a host to
 * this machine.  Returns NULL with the reason in why.  The time limit is not
 * for looking up a host's name, where the resolver has its own.
 */
struct channel	*channel_open(const char *socket, unsigned timeout_ms,
		    struct diag *why);
/* Both return 0, or -1 with the reason in why. */
int		 channel_write(struct channel *channel, const void *bytes,
		    size_t len, unsigned timeout_ms, struct diag *why);
/* Exactly len bytes. */
int		 channel_read(struct channel *channel, void *bytes,
		    size_t len, unsigned timeout_ms, struct diag *why);
/*
 * Is there anything to be read?  Never waits; a connection that the other side
 * closed, or that broke, has nothing.
 */
bool		 channel_waiting(const struct channel *channel);
/* The other side learns that nothing more will be written. */
void		 channel_finish(struct channel *channel);
void		 channel_close(struct channel *channel);

#endif
