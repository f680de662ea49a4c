/*
 * foretold - what each milter behind us asked for when it was last asked.
 *
 * The MTA wants to know at once what we need of it, long before a milter has
 * to be connected to: so a session takes a milter at the word that it gave the
 * last one.  One for a daemon; all functions are safe from any thread.
 */
#ifndef SESSION_FORETOLD_H
#define SESSION_FORETOLD_H

#include <stdbool.h>

#include "wire/milter.h"

struct arena;
struct foretold;
struct milter;

struct foretold	*foretold_new(void);
void		 foretold_free(struct foretold *foretold);	/* or NULL */

/* Known by the milter's socket, so that a reload does not forget it. */
void		 foretold_put(struct foretold *foretold,
		    const struct milter *milter,
		    const struct milter_terms *terms);
/* Fills *terms, in the arena; false where it was never asked. */
bool		 foretold_get(struct foretold *foretold,
		    const struct milter *milter, struct arena *arena,
		    struct milter_terms *terms);

#endif
