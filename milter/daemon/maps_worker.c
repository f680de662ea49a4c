/* A thread of the maps service, and its clients. */

#include "daemon/maps_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "daemon/signals.h"
#include "world/clock.h"
#include "world/counters.h"
#include "world/log.h"
#include "world/ready.h"

#define LINES_BYTES	(64 * 1024)	/* of a round; kept at most */

/*
 * Case ids need a few random bytes each, and the kernel gives many as fast as
 * few.
 */
static void
random_take(void *world, void *bytes, size_t size)
{
	struct maps_worker *worker = world;
	const struct env *env = worker->maps->env;

	if (size > sizeof(worker->random)) {
		env->random(env->world, bytes, size);
		return;
	}
	if (size > sizeof(worker->random) - worker->random_used) {
		env->random(env->world, worker->random,
		    sizeof(worker->random));
		worker->random_used = 0;
	}
	memcpy(bytes, worker->random + worker->random_used, size);
	/* Nothing that is out stays here. */
	memset(worker->random + worker->random_used, 0, size);
	worker->random_used += size;
}

static void
record_gather(void *world, const struct record *record)
{
	struct maps_worker *worker = world;

	counters_add(record);
	log_record_add(record, &worker->lines);
	if (worker->lines.len >= LINES_BYTES)
		log_lines_write(&worker->lines);
}

static void
late_remove(struct maps_client *client)
{
	struct maps_worker *worker = client->worker;

	if (!client->late)
		return;
	*(client->late_before != NULL ? &client->late_before->late_after :
	    &worker->late_first) = client->late_after;
	*(client->late_after != NULL ? &client->late_after->late_before :
	    &worker->late_last) = client->late_before;
	client->late = false;
}

/* Its time begins now. */
static void
late_add(struct maps_client *client)
{
	struct maps_worker *worker = client->worker;

	late_remove(client);
	client->late = true;
	client->since_ms = clock_now_ms();
	client->late_after = NULL;
	client->late_before = worker->late_last;
	*(worker->late_last != NULL ? &worker->late_last->late_after :
	    &worker->late_first) = client;
	worker->late_last = client;
}

static void
drop(struct maps_client *client)
{
	struct maps_worker *worker = client->worker;
	struct maps *maps = worker->maps;

	late_remove(client);
	maps_client_release(client);	/* its file, before its place */
	pthread_mutex_lock(&maps->lock);
	*(client->newer != NULL ? &client->newer->older : &worker->newest) =
	    client->older;
	if (client->older != NULL)
		client->older->newer = client->newer;
	worker->clients--;
	maps->clients--;
	pthread_cond_broadcast(&maps->changed);
	pthread_mutex_unlock(&maps->lock);
	free(client);
}

/* Sends what there is, and sees how the client goes on. */
static void
settle(struct maps_client *client)
{
	bool blocked = client->blocked;

	maps_client_write(client);
	if (client->blocked != blocked && ready_change(client->worker->ready,
	    client->fd, client->blocked ? READY_WRITE : READY_READ, client) ==
	    -1)
		client->over = true;
	/*
	 * Silence between requests is fine, not within one; and a byte now and
	 * then is no request.
	 */
	if (client->over || (client->worker->stopping && !client->blocked)) {
		drop(client);
		return;
	}
	if (!client->blocked && client->in.len == 0)
		late_remove(client);
	else if (!client->late || client->moved)
		late_add(client);
	client->moved = false;
}

/* Until the first of those that are late has no time left; -1: for ever. */
static int
timeout_ms(const struct maps_worker *worker)
{
	uint64_t passed;

	if (worker->late_first == NULL)
		return -1;
	passed = clock_now_ms() - worker->late_first->since_ms;
	return passed < MAPS_STALLED_MS ? (int)(MAPS_STALLED_MS - passed) : 0;
}

static void
drop_stalled(struct maps_worker *worker)
{
	while (worker->late_first != NULL && timeout_ms(worker) == 0) {
		struct maps_client *client = worker->late_first;

		maps_client_tell(client, client->blocked ?
		    "it does not read our answers" :
		    "it did not end its request");
		drop(client);
	}
}

/*
 * Only answers that were asked for before still go out; maps_stop() does not
 * wait for ever.  No client is added any more, and the row of them belongs to
 * this thread.
 */
static void
stop(struct maps_worker *worker)
{
	struct maps_client *client, *older;

	worker->stopping = true;
	ready_remove(worker->ready, worker->maps->stop_reader);
	pthread_mutex_lock(&worker->maps->lock);
	client = worker->newest;
	pthread_mutex_unlock(&worker->maps->lock);
	for (; client != NULL; client = older) {
		older = client->older;
		if (!client->blocked)
			drop(client);
	}
}

/*
 * All answers of one round, then their lines, and then they are sent: so a
 * round is short.
 */
static void
serve(struct maps_worker *worker, void *clients[], int count)
{
	bool stopped = false;

	for (int i = 0; i < count; i++)
		if (clients[i] != NULL)
			maps_client_read(clients[i]);
		else
			stopped = true;
	log_lines_write(&worker->lines);
	for (int i = 0; i < count; i++)
		if (clients[i] != NULL)
			settle(clients[i]);
	if (stopped)
		stop(worker);
}

int
maps_worker_add(struct maps_worker *worker, int fd)
{
	struct maps *maps = worker->maps;
	struct maps_client *client = xcalloc(1, sizeof(*client));
	int error;

	client->worker = worker;
	client->fd = fd;
	strbuf_init(&client->in);
	strbuf_init(&client->out);
	/* Its thread may be done with it before this ends. */
	pthread_mutex_lock(&maps->lock);
	error = maps->stopping ? ECANCELED :
	    ready_add(worker->ready, fd, READY_READ, client) == -1 ? errno : 0;
	if (error == 0) {
		client->older = worker->newest;
		if (client->older != NULL)
			client->older->newer = client;
		worker->newest = client;
		worker->clients++;
	}
	pthread_mutex_unlock(&maps->lock);
	if (error == 0)
		return 0;
	maps_client_release(client);
	free(client);
	return error;
}

static void *
worker_run(void *arg)
{
	struct maps_worker *worker = arg;
	void *clients[READY_MAX];

	signals_block();
	while (!worker->stopping || worker->newest != NULL) {
		int count = ready_wait(worker->ready, clients,
		    timeout_ms(worker));

		serve(worker, clients, count);
		drop_stalled(worker);
	}
	maps_thread_ended(worker->maps);
	return NULL;
}

struct maps_worker *
maps_worker_new(struct maps *maps, int *error)
{
	struct maps_worker *worker = xcalloc(1, sizeof(*worker));

	worker->maps = maps;
	worker->env = (struct env){ .world = worker, .random = random_take,
	    .record = record_gather };
	worker->arena = arena_new();
	worker->random_used = sizeof(worker->random);
	strbuf_init(&worker->text);
	strbuf_init(&worker->lines);
	worker->ready = ready_new();
	if (worker->ready == NULL || ready_add(worker->ready,
	    maps->stop_reader, READY_READ, NULL) == -1)
		*error = errno;
	else {
		*error = maps_thread_start(maps, worker_run, worker);
		if (*error == 0)
			return worker;
	}
	maps_worker_free(worker);
	return NULL;
}

void
maps_worker_free(struct maps_worker *worker)
{
	ready_free(worker->ready);
	strbuf_release(&worker->text);
	strbuf_release(&worker->lines);
	arena_free(worker->arena);
	free(worker);
}
