#include "daemon/maps.h"

#include "daemon/maps_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "daemon/signals.h"
#include "world/clock.h"
#include "world/errno_text.h"
#include "world/listener.h"
#include "world/log.h"

#define BACKLOG		1024
#define CLIENTS_MAX	2000		/* or a quarter of all files */
#define STACK_BYTES	(512 * 1024)	/* far more than is used */
#define TELL_EACH_MS	60000		/* one log line of a kind */
#define TRY_AGAIN_MS	100		/* after accept() failed */

bool
maps_may_tell(struct maps *maps, uint64_t *told_ms)
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

/* Waits until fd can be read, or timeout_ms, -1 for ever; false: to stop. */
static bool
wait_for(const struct maps *maps, int fd, int timeout_ms)
{
	struct pollfd ready[] = {
		{ .fd = maps->stop_reader },	/* POLLHUP comes unasked */
		{ .fd = fd, .events = POLLIN },
	};

	while (poll(ready, 2, timeout_ms) == -1 && errno == EINTR)
		continue;
	return ready[0].revents == 0;
}

int
maps_thread_start(struct maps *maps, void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_mutex_lock(&maps->lock);
	error = pthread_create(&thread, &attributes, run, arg);
	if (error == 0)
		maps->threads++;
	pthread_mutex_unlock(&maps->lock);
	pthread_attr_destroy(&attributes);
	return error;
}

void
maps_thread_ended(struct maps *maps)
{
	pthread_mutex_lock(&maps->lock);
	maps->threads--;
	pthread_cond_broadcast(&maps->changed);
	pthread_mutex_unlock(&maps->lock);
}

/* Waits for a place for one more client; false: the daemon stops. */
static bool
take_place(struct maps *maps)
{
	bool taken;

	pthread_mutex_lock(&maps->lock);
	while (maps->clients >= maps->clients_max && !maps->stopping)
		pthread_cond_wait(&maps->changed, &maps->lock);
	taken = !maps->stopping;
	if (taken)
		maps->clients++;
	pthread_mutex_unlock(&maps->lock);
	return taken;
}

static void
give_place(struct maps *maps)
{
	pthread_mutex_lock(&maps->lock);
	maps->clients--;
	pthread_mutex_unlock(&maps->lock);
}

/* Too many files: the others must end first. */
static void
accept_failed(struct maps *maps, int error)
{
	char why[ERRNO_TEXT_MAX];

	if (maps_may_tell(maps, &maps->told_accept_ms))
		log_event(LEVEL_ERROR, "maps", "cannot accept a client: %s",
		    errno_text(error, why));
	wait_for(maps, -1, TRY_AGAIN_MS);
}

/* That has the fewest clients. */
static struct maps_worker *
worker_choose(struct maps *maps)
{
	struct maps_worker *chosen = maps->workers[0];

	pthread_mutex_lock(&maps->lock);
	for (unsigned i = 1; i < maps->workers_count; i++)
		if (maps->workers[i]->clients < chosen->clients)
			chosen = maps->workers[i];
	pthread_mutex_unlock(&maps->lock);
	return chosen;
}

/* With a place that was taken for it. */
static void
accept_one(struct maps *maps)
{
	int fd, error;

	fd = accept4(maps->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	error = fd == -1 ? errno : maps_worker_add(worker_choose(maps), fd);
	if (error == 0)
		return;
	give_place(maps);
	/* These are the client's doing, or the stop's, not ours. */
	if (error != EAGAIN && error != EINTR && error != ECONNABORTED &&
	    error != ECANCELED)
		accept_failed(maps, error);
}

static void *
accept_run(void *arg)
{
	struct maps *maps = arg;

	signals_block();
	while (wait_for(maps, maps->listener, -1) && take_place(maps))
		accept_one(maps);
	maps_thread_ended(maps);
	return NULL;
}

static void
maps_free(struct maps *maps)
{
	for (unsigned i = 0; i < maps->workers_count; i++)
		maps_worker_free(maps->workers[i]);
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
	    files.rlim_cur / 4 >= CLIENTS_MAX)
		return CLIENTS_MAX;
	return (unsigned)(files.rlim_cur / 4) + 1;
}

struct maps *
maps_open(const char *socket, uid_t owner, gid_t group, mode_t mode,
    struct diag *diag)
{
	struct maps *maps = xcalloc(1, sizeof(*maps));
	pthread_condattr_t attributes;
	int ends[2];

	maps->clients_max = places();
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

/*
 * As many as can run at once.  Two at least, because to write to the log may
 * take one a while.
 */
static unsigned
workers_wanted(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 2 ? 2 : processors < MAPS_WORKERS_MAX ?
	    (unsigned)processors : MAPS_WORKERS_MAX;
}

int
maps_start(struct maps *maps, struct live *live, struct refused *refused,
    const struct env *env, struct diag *diag)
{
	const unsigned wanted = workers_wanted();
	char why[ERRNO_TEXT_MAX];
	int error = 0;

	maps->live = live;
	maps->refused = refused;
	maps->env = env;
	while (error == 0 && maps->workers_count < wanted) {
		struct maps_worker *worker = maps_worker_new(maps, &error);

		if (worker != NULL)
			maps->workers[maps->workers_count++] = worker;
	}
	if (error == 0)
		error = maps_thread_start(maps, accept_run, maps);
	if (error == 0)
		return 0;
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
	while (maps->threads > 0 &&
	    pthread_cond_timedwait(&maps->changed, &maps->lock, &until) == 0)
		continue;
	ended = maps->threads == 0;
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
