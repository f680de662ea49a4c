/*
 * loader - a thread that makes configurations, and frees those not needed.
 *
 * Both take a while where there are thousands of policies, and nobody who
 * answers a mail server is to wait for it.  So once the first configuration is
 * there, the thread has a low priority for as long as it lives, where threads
 * have one each (Linux): to raise its own again, a process may need a right
 * that it does not have.  It takes no lock of ours that another thread may
 * want, because it may have to wait for a processor while it holds it: what it
 * is given and what it gives back goes through single words of memory.
 *
 * All configurations are made by this one thread so that their memory comes
 * from one place, where the next but one finds what the last one left.
 */
#ifndef DAEMON_LOADER_H
#define DAEMON_LOADER_H

#include "base/diag.h"

struct loader;
struct snapshot;

/* What became of a configuration's file. */
struct loaded {
	struct snapshot	*snapshot;	/* a reference; NULL: it has errors */
	struct diag	 diag;		/* errors, or warnings alone */
};

/*
 * file outlives the loader; done is called, from its thread, whenever there is
 * something for loader_take() after the first load.  Never NULL.
 */
struct loader	*loader_new(const char *file, void (*done)(void));
/*
 * Starts the thread and waits for its first load, which loader_take() then
 * gives.  Returns 0, or -1 with the reason in diag where there is no thread.
 */
int		 loader_start(struct loader *loader, struct diag *diag);
/* Ends the thread; nobody may have a snapshot of it any more. */
void		 loader_free(struct loader *loader);
/*
 * Has the file loaded again, beside what is in force; takes over the caller's
 * reference.  Only after loader_take() gave what was loaded last.
 */
void		 loader_load(struct loader *loader, struct snapshot *before);
/* What was loaded, for the caller to free; NULL while there is nothing. */
struct loaded	*loader_take(struct loader *loader);
void		 loaded_free(struct loaded *loaded);	/* and its reference */

#endif
