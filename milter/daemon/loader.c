#include "daemon/loader.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/snapshot.h"
#include "daemon/signals.h"
#include "world/errno_text.h"

#define NICENESS	10

struct loader {
	const char			*file;		/* immutable */
	void				(*done)(void);	/* immutable */
	pthread_t			 thread;	/* where started */
	bool				 started;
	sem_t				 first;		/* it is loaded */
	sem_t				 wake;		/* there may be work */
	atomic_bool			 stop;
	_Atomic(struct snapshot *)	 before;	/* NULL: none to load */
	_Atomic(struct loaded *)	 loaded;	/* NULL: none to take */
	struct retired			 retired;
};

static void
wake(void *arg)
{
	struct loader *loader = arg;

	sem_post(&loader->wake);
}

struct loader *
loader_new(const char *file, void (*done)(void))
{
	struct loader *loader = xcalloc(1, sizeof(*loader));

	loader->file = file;
	loader->done = done;
	atomic_init(&loader->stop, false);
	atomic_init(&loader->before, NULL);
	atomic_init(&loader->loaded, NULL);
	atomic_init(&loader->retired.newest, NULL);
	loader->retired.notify = wake;
	loader->retired.arg = loader;
	if (sem_init(&loader->first, 0, 0) == -1 ||
	    sem_init(&loader->wake, 0, 0) == -1)
		abort();
	return loader;
}

/*
 * Linux gives each thread a priority of its own; elsewhere it is that of the
 * whole process, which has to stay as it is.  Where it is not allowed, the
 * thread goes on with the one that it has.
 */
static void
lower_priority(void)
{
#ifdef __linux__
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
#endif
}

/* before is NULL for the first. */
static void
load(struct loader *loader, struct snapshot *before)
{
	struct loaded *loaded = xmalloc(sizeof(*loaded));

	*loaded = (struct loaded){ .diag = DIAG_INIT };
	loaded->snapshot = snapshot_load_again(loader->file, before,
	    &loaded->diag);
	if (loaded->snapshot != NULL)
		snapshot_retire_to(loaded->snapshot, &loader->retired);
	atomic_store(&loader->loaded, loaded);
}

static void
wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) == -1 && errno == EINTR)
		continue;
}

static void *
loader_run(void *arg)
{
	struct loader *loader = arg;
	struct snapshot *before;

	signals_block();
	load(loader, NULL);
	sem_post(&loader->first);
	lower_priority();
	while (!atomic_load(&loader->stop)) {
		before = atomic_exchange(&loader->before, NULL);
		if (before != NULL) {
			load(loader, before);
			snapshot_put(before);
			loader->done();
		}
		retired_free(&loader->retired);
		wait_for(&loader->wake);
	}
	return NULL;
}

int
loader_start(struct loader *loader, struct diag *diag)
{
	char why[ERRNO_TEXT_MAX];
	int error;

	error = pthread_create(&loader->thread, NULL, loader_run, loader);
	if (error != 0) {
		diag_error(diag, "cannot start a thread: %s",
		    errno_text(error, why));
		return -1;
	}
	loader->started = true;
	wait_for(&loader->first);
	return 0;
}

void
loader_free(struct loader *loader)
{
	struct snapshot *before;

	if (loader->started) {
		atomic_store(&loader->stop, true);
		sem_post(&loader->wake);
		pthread_join(loader->thread, NULL);
	}
	before = atomic_load(&loader->before);
	if (before != NULL)
		snapshot_put(before);
	loaded_free(atomic_load(&loader->loaded));
	retired_free(&loader->retired);
	sem_destroy(&loader->wake);
	sem_destroy(&loader->first);
	free(loader);
}

void
loader_load(struct loader *loader, struct snapshot *before)
{
	atomic_store(&loader->before, before);
	sem_post(&loader->wake);
}

struct loaded *
loader_take(struct loader *loader)
{
	return atomic_exchange(&loader->loaded, NULL);
}

void
loaded_free(struct loaded *loaded)
{
	if (loaded == NULL)
		return;
	if (loaded->snapshot != NULL)
		snapshot_put(loaded->snapshot);
	diag_release(&loaded->diag);
	free(loaded);
}
