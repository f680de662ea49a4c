#include "session/foretold.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "session/milter.h"

/*
 * Milters of configurations that are gone stay until this many are known, then
 * all are asked anew.
 */
#define KNOWN_MAX	(8 * MILTERS_MAX)

struct entry {
	char			*socket;
	char			*symbols[MILTER_PLACE_COUNT];
	struct milter_terms	 terms;		/* with these symbols */
};

struct foretold {
	pthread_mutex_t	 lock;		/* of all below */
	size_t		 count;
	struct entry	 entries[KNOWN_MAX];
};

struct foretold *
foretold_new(void)
{
	struct foretold *foretold = xcalloc(1, sizeof(*foretold));

	if (pthread_mutex_init(&foretold->lock, NULL) != 0)
		abort();
	return foretold;
}

static void
entry_release(struct entry *entry)
{
	for (int p = 0; p < MILTER_PLACE_COUNT; p++)
		free(entry->symbols[p]);
	free(entry->socket);
}

void
foretold_free(struct foretold *foretold)
{
	if (foretold == NULL)
		return;
	for (size_t i = 0; i < foretold->count; i++)
		entry_release(&foretold->entries[i]);
	pthread_mutex_destroy(&foretold->lock);
	free(foretold);
}

static struct entry *
find(struct foretold *foretold, const struct milter *milter)
{
	for (size_t i = 0; i < foretold->count; i++)
		if (strcmp(foretold->entries[i].socket, milter->socket) == 0)
			return &foretold->entries[i];
	return NULL;
}

void
foretold_put(struct foretold *foretold, const struct milter *milter,
    const struct milter_terms *terms)
{
	struct entry *entry;

	pthread_mutex_lock(&foretold->lock);
	entry = find(foretold, milter);
	if (entry != NULL && milter_terms_equal(&entry->terms, terms))
		goto out;
	if (entry != NULL)
		entry_release(entry);
	else {
		if (foretold->count == KNOWN_MAX)
			while (foretold->count > 0)
				entry_release(&foretold->entries[
				    --foretold->count]);
		entry = &foretold->entries[foretold->count++];
	}
	entry->socket = xstrdup(milter->socket);
	entry->terms = *terms;
	for (int p = 0; p < MILTER_PLACE_COUNT; p++) {
		entry->symbols[p] = terms->symbols[p] != NULL ?
		    xstrdup(terms->symbols[p]) : NULL;
		entry->terms.symbols[p] = entry->symbols[p];
	}
out:
	pthread_mutex_unlock(&foretold->lock);
}

bool
foretold_get(struct foretold *foretold, const struct milter *milter,
    struct arena *arena, struct milter_terms *terms)
{
	const struct entry *entry;

	pthread_mutex_lock(&foretold->lock);
	entry = find(foretold, milter);
	if (entry != NULL) {
		*terms = entry->terms;
		for (int p = 0; p < MILTER_PLACE_COUNT; p++)
			if (terms->symbols[p] != NULL)
				terms->symbols[p] = arena_strdup(arena,
				    terms->symbols[p]);
	}
	pthread_mutex_unlock(&foretold->lock);
	return entry != NULL;
}
