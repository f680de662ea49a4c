/*
 * load_filter - one connection to a filter: its socket and its buffers.
 *
 * What is written gathers in out until filter_write(), as in Postfix's VSTREAM
 * (src/util/vstream.c): see load_steps.c for when that is.
 */
#ifndef BENCH_LOAD_FILTER_H
#define BENCH_LOAD_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "wire/milter.h"

struct agreed;
struct session;
struct socket_name;

struct filter {
	struct session		*session;	/* whose it is */
	const struct socket_name *name;
	int			 epoll;		/* watches fd */
	int			 fd;		/* -1: closed */
	size_t			 write_bytes;	/* of one write() */
	bool			 polls_write;	/* the socket was full */
	bool			 accepted;	/* the whole connection */
	bool			 decided;	/* about the message */
	enum milter_command	 skip;		/* wants no more; 0: none */
	const struct agreed	*agreed;	/* NULL: not yet */
	struct strbuf		 out;
	size_t			 written;	/* of out */
	struct strbuf		 in;		/* not yet taken */
	size_t			 taken;		/* of in */
};

void	filter_init(struct filter *filter, struct session *session,
	    const struct socket_name *name, int epoll);
/* Returns 0, or -1 with errno. */
int	filter_open(struct filter *filter);
/* A closed filter can be opened again. */
void	filter_close(struct filter *filter);
void	filter_release(struct filter *filter);

/*
 * Writes the buffer: all, or only as many full pieces as it holds.  Returns 0;
 * 1 where the socket takes no more, which epoll will tell; -1 where the
 * connection broke.
 */
int	filter_write(struct filter *filter, bool all);
/* Reads what is there.  Returns 0, or -1 where the connection ended. */
int	filter_read(struct filter *filter);
/*
 * Takes the next packet from what was read.  Returns 1 and the packet, from
 * its command byte on, valid until the next filter_read(); 0 where there is
 * none whole; -1 where there never will be.
 */
int	filter_take(struct filter *filter, const unsigned char **packet,
	    size_t *len);

#endif
