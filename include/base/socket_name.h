/*
 * socket_name - where a service listens, as it is written.
 *
 * A plain value; pure.  Nothing is asked of the machine: a host name stays a
 * name.
 */
#ifndef BASE_SOCKET_NAME_H
#define BASE_SOCKET_NAME_H

#include <stdbool.h>
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
int		 socket_parse(struct socket_name *name, const char *text,
		    struct diag *diag);
/* In the form that libmilter reads without fail: numeric hosts in brackets. */
void		 socket_format(const struct socket_name *name,
		    struct strbuf *out);
/* As a client has to write it: "", 0.0.0.0 and :: are this machine. */
const char	*socket_host(const struct socket_name *name);
/* Do both lead to the same place, as far as names tell? */
bool		 socket_same(const struct socket_name *a,
		    const struct socket_name *b);
/* Adds: socket "NAME": what.  Returns -1. */
int		 socket_wrong(const struct socket_name *name, const char *what,
		    struct diag *diag);

#endif
