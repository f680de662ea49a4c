#include "daemon/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/snapshot.h"
#include "daemon/signals.h"
#include "session/map.h"
#include "wire/netstring.h"
#include "wire/socketmap.h"
#include "world/clock.h"
#include "world/errno_text.h"
#include "world/listener.h"
#include "world/log.h"
#include "world/socket.h"

#define BACKLOG			1024
#define CONNECTIONS_MAX		2000	/* or a quarter of all files */
#define STACK_BYTES		(512 * 1024)	/* far more than is used */
#define READ_BYTES		(16 * 1024)
#define WRITE_BYTES		(256 * 1024)	/* answers kept before they go
						   out */
/* A client that does not end its request, or does not read our answer. */
#define STALLED_MS		60000
#define TELL_EACH_MS		60000	/* one log line of a kind */
#define TRY_AGAIN_MS		100	/* after accept() failed */

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
	unsigned		 connections_max;

	pthread_mutex_t		 lock;		/* for all that follows */
	pthread_cond_t		 changed;	/* a thread has ended */
	bool			 accepting;	/* the accept thread runs */
	unsigned		 connections;
	bool			 stopping;
	uint64_t		 told_wrong_ms, told_accept_ms;	/* 0 never */
};

struct connection {
	struct maps	*maps;
	int		 fd;
	struct arena	*arena;		/* one request */
	struct strbuf	 in, out, text;
};

/* Floods do not fill the log. */
static bool
may_tell(struct maps *maps, uint64_t *told_ms)
{
	uint64_t now = clock_now_ms();
	bool may;

	pthread_mutex_lock(&maps->lock);
	may = *told_ms == 0 || now - *told_ms >= TELL_EACH_MS;
	if (may)
		*told_ms = now;
	pthread_mutex_unlock(&maps->lock);
	return may;
}

static void
tell_wrong(struct connection *connection, const char *what)
{
	struct maps *maps = connection->maps;

	if (may_tell(maps, &maps->told_wrong_ms))
		log_event(LEVEL_WARNING, "maps", "a client of the maps service "
		    "is cut off: %s; further ones within a minute are not "
		    "told", what);
}

enum wait { WAIT_READY, WAIT_STOP, WAIT_LATE };

/* timeout_ms -1: for ever.  Whoever is to stop does not wait. */
static enum wait
wait_for(const struct maps *maps, int fd, short events, int timeout_ms)
{
	struct pollfd ready[] = {
		{ .fd = maps->stop_reader },	/* POLLHUP comes unasked */
		{ .fd = fd, .events = events },
	};
	int n;

	do
		n = poll(ready, 2, timeout_ms);
	while (n == -1 && errno == EINTR);
	if (ready[0].revents != 0)
		return WAIT_STOP;
	return n > 0 ? WAIT_READY : WAIT_LATE;
}

/*
 * Writes all answers.  Also while the daemon stops, since they were asked for
 * before; maps_stop() does not wait for ever.
 */
static int
flush(struct connection *connection)
{
	struct strbuf *out = &connection->out;
	struct pollfd ready = { .fd = connection->fd, .events = POLLOUT };
	size_t done = 0;

	while (done < out->len) {
		ssize_t n = send(connection->fd, out->text + done,
		    out->len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			done += (size_t)n;
		else if (n == -1 && errno == EINTR)
			continue;
		else if (n == -1 && errno == EAGAIN) {
			if (poll(&ready, 1, STALLED_MS) == 0) {
				tell_wrong(connection, "it does not read our "
				    "answers");
				return -1;
			}
		} else
			return -1;
	}
	strbuf_reset(out);
	return 0;
}

static void
answer(struct connection *connection, const struct socketmap_request *request)
{
	struct maps *maps = connection->maps;
	struct snapshot *snapshot = live_get(maps->live);
	enum socketmap_answer kind;

	kind = map_answer(snapshot_rules(snapshot), maps->env, maps->refused,
	    connection->arena, request, &connection->text);
	snapshot_put(snapshot);
	socketmap_write(&connection->out, kind, connection->text.text);
	strbuf_reset(&connection->text);
	arena_reset(connection->arena);
}

/* An idle connection holds no memory that one large request has taken. */
static void
keep_small(struct strbuf *buf)
{
	if (buf->len == 0 && buf->room > READ_BYTES)
		strbuf_release(buf);
}

/*
 * Answers all whole requests that came; the beginning of another stays.
 * Returns -1 to end the connection.
 */
static int
answer_all(struct connection *connection)
{
	struct strbuf *in = &connection->in;
	struct socketmap_request request;
	size_t done = 0, used, len;
	const char *start;

	for (;;) {
		enum netstring_read read = netstring_read(in->text + done,
		    in->len - done, &start, &len, &used);

		if (read == NETSTRING_MORE)
			break;
		if (read == NETSTRING_WRONG ||
		    socketmap_read(&request, start, len) == -1) {
			tell_wrong(connection, "this is no socketmap request");
			flush(connection);
			return -1;
		}
		answer(connection, &request);
		done += used;
		if (connection->out.len >= WRITE_BYTES &&
		    flush(connection) == -1)
			return -1;
	}
	memmove(in->text, in->text + done, in->len - done);
	strbuf_cut(in, in->len - done);
	if (flush(connection) == -1)
		return -1;
	keep_small(in);
	keep_small(&connection->out);
	return 0;
}

/* Adds what the client has sent.  Returns -1 where it ended or broke. */
static int
receive(struct connection *connection, char buffer[READ_BYTES])
{
	ssize_t n;

	do
		n = recv(connection->fd, buffer, READ_BYTES, 0);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return -1;
	strbuf_add(&connection->in, buffer, (size_t)n);
	return 0;
}

static void
converse(struct connection *connection)
{
	char buffer[READ_BYTES];

	for (;;) {
		/* Silence between requests is fine, not within one. */
		enum wait wait = wait_for(connection->maps, connection->fd,
		    POLLIN, connection->in.len == 0 ? -1 : STALLED_MS);

		if (wait == WAIT_LATE)
			tell_wrong(connection, "it did not end its request");
		if (wait != WAIT_READY ||
		    receive(connection, buffer) == -1 ||
		    answer_all(connection) == -1)
			break;
	}
}

static void
connection_free(struct connection *connection)
{
	struct maps *maps = connection->maps;

	close(connection->fd);
	strbuf_release(&connection->in);
	strbuf_release(&connection->out);
	strbuf_release(&connection->text);
	arena_free(connection->arena);
	free(connection);
	pthread_mutex_lock(&maps->lock);
	maps->connections--;
	pthread_cond_broadcast(&maps->changed);
	pthread_mutex_unlock(&maps->lock);
}

static void *
connection_run(void *arg)
{
	struct connection *connection = arg;

	converse(connection);
	connection_free(connection);
	return NULL;
}

static struct connection *
connection_new(struct maps *maps, int fd)
{
	struct connection *connection = xcalloc(1, sizeof(*connection));

	connection->maps = maps;
	connection->fd = fd;
	connection->arena = arena_new();
	strbuf_init(&connection->in);
	strbuf_init(&connection->out);
	strbuf_init(&connection->text);
	return connection;
}

/* Returns 0, or the error. */
static int
thread_start(void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, run, arg);
	pthread_attr_destroy(&attributes);
	return error;
}

/* Waits for a place for one more connection; false: the daemon stops. */
static bool
take_place(struct maps *maps)
{
	bool taken;

	pthread_mutex_lock(&maps->lock);
	while (maps->connections >= maps->connections_max &&
	    !maps->stopping)
		pthread_cond_wait(&maps->changed, &maps->lock);
	taken = !maps->stopping;
	if (taken)
		maps->connections++;
	pthread_mutex_unlock(&maps->lock);
	return taken;
}

static void
give_place(struct maps *maps)
{
	pthread_mutex_lock(&maps->lock);
	maps->connections--;
	pthread_mutex_unlock(&maps->lock);
}

/* Too many files or threads: the others must end first. */
static void
accept_failed(struct maps *maps, const char *what, int error)
{
	char why[ERRNO_TEXT_MAX];

	if (may_tell(maps, &maps->told_accept_ms))
		log_event(LEVEL_ERROR, "maps", "%s: %s", what,
		    errno_text(error, why));
	wait_for(maps, -1, 0, TRY_AGAIN_MS);
}

/* With a place that was taken for it. */
static void
accept_one(struct maps *maps)
{
	struct connection *connection;
	int fd, error;

	fd = accept4(maps->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		error = errno;
		give_place(maps);
		/* These are the client's doing, not ours. */
		if (error != EAGAIN && error != EINTR && error != ECONNABORTED)
			accept_failed(maps, "cannot accept a client", error);
		return;
	}
	connection = connection_new(maps, fd);
	error = thread_start(connection_run, connection);
	if (error != 0) {
		connection_free(connection);
		accept_failed(maps, "cannot start a thread", error);
	}
}

static void *
accept_run(void *arg)
{
	struct maps *maps = arg;

	signals_block();	/* the connections' threads inherit it */
	while (wait_for(maps, maps->listener, POLLIN, -1) == WAIT_READY &&
	    take_place(maps))
		accept_one(maps);
	pthread_mutex_lock(&maps->lock);
	maps->accepting = false;
	pthread_cond_broadcast(&maps->changed);
	pthread_mutex_unlock(&maps->lock);
	return NULL;
}

static void
maps_free(struct maps *maps)
{
	close(maps->listener);
	close(maps->stop_reader);
	pthread_cond_destroy(&maps->changed);
	pthread_mutex_destroy(&maps->lock);
	free(maps);
}

/* Most files are the milter's: a connection of each mail server process. */
static unsigned
places(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1 ||
	    files.rlim_cur / 4 >= CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return (unsigned)(files.rlim_cur / 4) + 1;
}

struct maps *
maps_open(const char *socket, uid_t owner, gid_t group, mode_t mode,
    struct diag *diag)
{
	struct maps *maps = xcalloc(1, sizeof(*maps));
	pthread_condattr_t attributes;
	int ends[2];

	maps->connections_max = places();
	if (socket_parse(&maps->name, socket, diag) == -1 ||
	    socket_prepare(&maps->name, diag) == -1 ||
	    (maps->listener = listener_open(&maps->name, BACKLOG, diag)) ==
	    -1) {
		free(maps);
		return NULL;
	}
	if (pipe2(ends, O_CLOEXEC) == -1 ||
	    pthread_mutex_init(&maps->lock, NULL) != 0 ||
	    pthread_condattr_init(&attributes) != 0 ||
	    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&maps->changed, &attributes) != 0)
		abort();
	pthread_condattr_destroy(&attributes);
	maps->stop_reader = ends[0];
	maps->stop_writer = ends[1];
	if (socket_claim(&maps->name, owner, group, mode, diag) == 0)
		return maps;
	maps_stop(maps, 0);
	return NULL;
}

int
maps_start(struct maps *maps, struct live *live, struct refused *refused,
    const struct env *env, struct diag *diag)
{
	char why[ERRNO_TEXT_MAX];
	int error;

	maps->live = live;
	maps->refused = refused;
	maps->env = env;
	maps->accepting = true;
	error = thread_start(accept_run, maps);
	if (error == 0)
		return 0;
	maps->accepting = false;
	diag_error(diag, "cannot start a thread: %s", errno_text(error, why));
	return -1;
}

/* True if all threads ended in time. */
static bool
wait_for_all(struct maps *maps, unsigned timeout_ms)
{
	struct timespec until;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&maps->lock);
	while ((maps->accepting || maps->connections > 0) &&
	    pthread_cond_timedwait(&maps->changed, &maps->lock, &until) == 0)
		continue;
	ended = !maps->accepting && maps->connections == 0;
	pthread_mutex_unlock(&maps->lock);
	return ended;
}

bool
maps_stop(struct maps *maps, unsigned timeout_ms)
{
	struct diag diag = DIAG_INIT;

	if (socket_remove(&maps->name, &diag) == -1)
		log_event(LEVEL_WARNING, "stop", "%s", diag_first(&diag));
	diag_release(&diag);
	pthread_mutex_lock(&maps->lock);
	maps->stopping = true;
	pthread_cond_broadcast(&maps->changed);
	pthread_mutex_unlock(&maps->lock);
	close(maps->stop_writer);
	if (!wait_for_all(maps, timeout_ms))
		return false;
	maps_free(maps);
	return true;
}
