#include "config/live.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "config/snapshot.h"

struct live {
	pthread_mutex_t		 lock;
	struct snapshot		*snapshot;	/* under lock */
};

struct live *
live_new(struct snapshot *first)
{
	struct live *live = xcalloc(1, sizeof(*live));

	if (pthread_mutex_init(&live->lock, NULL) != 0)
		abort();
	live->snapshot = first;
	return live;
}

void
live_free(struct live *live)
{
	snapshot_put(live->snapshot);
	pthread_mutex_destroy(&live->lock);
	free(live);
}

struct snapshot *
live_get(struct live *live)
{
	struct snapshot *snapshot;

	/*
	 * The reference is taken inside the lock: between reading the pointer
	 * and counting, a reload could free what it points to.
	 */
	pthread_mutex_lock(&live->lock);
	snapshot = snapshot_get(live->snapshot);
	pthread_mutex_unlock(&live->lock);
	return snapshot;
}

void
live_swap(struct live *live, struct snapshot *fresh)
{
	struct snapshot *old;

	pthread_mutex_lock(&live->lock);
	old = live->snapshot;
	live->snapshot = fresh;
	pthread_mutex_unlock(&live->lock);
	/* Sessions that began with it keep it alive. */
	snapshot_put(old);
}
