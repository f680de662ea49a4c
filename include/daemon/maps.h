/*
 * maps - the service that mail servers ask for better words (socketmap).
 *
 * A listener with a thread of its own, and a few threads for all connections,
 * which live as long as the mail server wants; beyond a bound, new ones wait
 * until another ends.  What is no request ends its connection.  The log line of
 * an answer is written before the answer is sent.
 */
#ifndef DAEMON_MAPS_H
#define DAEMON_MAPS_H

#include <stdbool.h>
#include <sys/types.h>

struct diag;
struct env;
struct live;
struct maps;
struct refused;

/*
 * Opens the socket ("inet:8895@127.0.0.1"); of a unix socket owner, group
 * ((uid_t)-1 and (gid_t)-1 leave them) and mode.  While root may still do
 * that.  Returns NULL with the reason in diag.
 */
struct maps	*maps_open(const char *socket, uid_t owner, gid_t group,
		    mode_t mode, struct diag *diag);
/*
 * Begins to serve.  live, refused and env must outlive the threads, see
 * maps_stop().  Returns 0, or -1 with the reason in diag.
 */
int		 maps_start(struct maps *maps, struct live *live,
		    struct refused *refused, const struct env *env,
		    struct diag *diag);
/*
 * Closes the socket, removes it, and waits until the answers that were begun
 * are out.  Returns true with maps freed; or false where some were not after
 * timeout_ms: then maps and what it uses stay until the process ends.  Also
 * for one that was never started.
 */
bool		 maps_stop(struct maps *maps, unsigned timeout_ms);

#endif
