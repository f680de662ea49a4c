/*
 * socket - the place where the MTA finds us: its name, who may come, and that
 * it is ours alone.
 *
 * libmilter opens the socket itself and tells its reasons to syslog only.  So
 * everything that can go wrong is tried here before, where it can be said, and
 * what libmilter leaves open (mode, group, a stale socket) is done here.  For
 * the start and the end of the program: one thread only.
 */
#ifndef WORLD_SOCKET_H
#define WORLD_SOCKET_H

#include <sys/types.h>

struct diag;
struct strbuf;

#define SOCKET_PATH_MAX	107	/* with the NUL: one less than sun_path has,
				   libmilter takes no more */
#define SOCKET_HOST_MAX	256	/* with the NUL */

enum socket_kind { SOCKET_INET, SOCKET_INET6, SOCKET_UNIX };

struct socket_name {
	enum socket_kind	 kind;
	unsigned		 port;			/* not of unix */
	char			 host[SOCKET_HOST_MAX];	/* "" all */
	char			 path[SOCKET_PATH_MAX];	/* of unix */
	dev_t			 dev;	/* set by socket_claim() */
	ino_t			 ino;
};

/*
 * "inet:PORT@HOST", "inet6:PORT@HOST", "unix:/path" or "local:/path".  Returns
 * 0; or -1 with the reason in diag, and *name untouched.
 */
int	socket_parse(struct socket_name *name, const char *text,
	    struct diag *diag);
/* In the form that libmilter reads without fail: numeric hosts in brackets. */
void	socket_format(const struct socket_name *name, struct strbuf *out);

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
