/*
 * maps_inside - what the sources of maps share; nobody else uses it.
 *
 * maps.c has the listener, whose thread hands each client to the worker that
 * has the fewest.  maps_worker.c is a thread that waits for all its clients at
 * once, so that no client costs a thread or a switch between two; and
 * maps_client.c is one of them, for which nobody ever waits.
 */
#ifndef DAEMON_MAPS_INSIDE_H
#define DAEMON_MAPS_INSIDE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "session/env.h"
#include "world/socket.h"

struct arena;
struct live;
struct maps_client;
struct maps_worker;
struct ready;
struct refused;

#define MAPS_WORKERS_MAX	8
#define MAPS_READ_BYTES		4096	/* at once of one client: so much its
					   answers can be that wait */
#define MAPS_RANDOM_BYTES	256	/* one call of the machine's */
#define MAPS_STALLED_MS		60000	/* for a client that does not end its
					   request or read our answer */

struct maps {
	struct socket_name	 name;	/* this and the next: immutable */
	int			 listener;
	/*
	 * Nothing is ever written to this pipe: that its other end is closed
	 * tells all threads to end.
	 */
	int			 stop_reader;
	int			 stop_writer;	/* of maps_stop() */
	struct live		*live;		/* these four: immutable */
	struct refused		*refused;
	const struct env	*env;
	unsigned		 clients_max;
	struct maps_worker	*workers[MAPS_WORKERS_MAX];	/* once begun */
	unsigned		 workers_count;

	pthread_mutex_t		 lock;		/* for all that follows */
	pthread_cond_t		 changed;	/* a client or a thread ended */
	unsigned		 threads;	/* that run */
	unsigned		 clients;	/* or places taken for one */
	bool			 stopping;
	uint64_t		 told_wrong_ms, told_accept_ms;	/* 0 never */
};

/* A client; all but its neighbours belongs to the thread of its worker. */
struct maps_client {
	struct maps_worker	*worker;
	int			 fd;
	struct strbuf		 in;		/* the start of a request */
	struct strbuf		 out;		/* answers */
	size_t			 sent;		/* bytes of out that are gone */
	bool			 wrong;		/* over, once out is sent */
	bool			 over;
	bool			 blocked;	/* nothing is read until out is
						   sent */
	bool			 moved;		/* a whole request was answered,
						   or all answers were sent */
	bool			 late;		/* among those with a limit: */
	uint64_t		 since_ms;
	struct maps_client	*late_before, *late_after;
	struct maps_client	*older, *newer;	/* under the lock of maps */
};

struct maps_worker {
	struct maps		*maps;		/* this and the next: */
	struct ready		*ready;		/* immutable */

	/* All these belong to its thread. */
	struct env		 env;		/* what an answer asks for */
	struct arena		*arena;		/* one answer */
	struct strbuf		 text;		/* its value */
	struct strbuf		 lines;		/* for the log, not yet there */
	char			 buffer[MAPS_READ_BYTES];
	unsigned char		 random[MAPS_RANDOM_BYTES];
	size_t			 random_used;
	/*
	 * Those that have not ended a request, or not read an answer, ordered
	 * by since when: all have the same time.
	 */
	struct maps_client	*late_first, *late_last;
	bool			 stopping;

	struct maps_client	*newest;	/* these two: under the lock */
	unsigned		 clients;	/* of maps */
};

/* Floods do not fill the log: is this one of a kind to be told? */
bool	maps_may_tell(struct maps *maps, uint64_t *told_ms);
/* Returns 0, or the error. */
int	maps_thread_start(struct maps *maps, void *(*run)(void *arg),
	    void *arg);
/* A thread of maps ends, and uses nothing of it any more. */
void	maps_thread_ended(struct maps *maps);

/* Starts its thread.  Returns NULL with the error. */
struct maps_worker	*maps_worker_new(struct maps *maps, int *error);
/* Once its thread has ended. */
void			 maps_worker_free(struct maps_worker *worker);
/*
 * Takes over a connection, for which a place was taken.  Returns 0; or the
 * error with fd closed: ECANCELED while the service stops.
 */
int			 maps_worker_add(struct maps_worker *worker, int fd);

/*
 * Reads what has come, as much as fits, and makes the answers.  Their lines
 * for the log are gathered by the worker: they must be written before
 * maps_client_write() sends the answers.
 */
void	maps_client_read(struct maps_client *client);
/* Sends answers, as many as the client takes without waiting. */
void	maps_client_write(struct maps_client *client);
/* Tells that a client is cut off, and why. */
void	maps_client_tell(const struct maps_client *client, const char *why);
/* Closes the connection, and frees what the client has. */
void	maps_client_release(struct maps_client *client);

#endif
