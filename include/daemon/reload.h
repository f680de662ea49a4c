/*
 * reload - puts a changed configuration in force, or says why not.
 *
 * Belongs to the main thread, which only starts a load and takes what came of
 * it: the loader does the work.  Requests that come meanwhile are one request
 * for another load after this one, which sees all that they are about.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>

struct env;
struct live;
struct loader;

struct reload {
	struct live		*live;
	const struct env	*env;
	struct loader		*loader;
	bool			 loading;
	bool			 again;		/* once more after that */
};

/* The files may have changed. */
void	reload_ask(struct reload *reload);
/*
 * Does nothing unless a load is done.  Logs everything that the configuration's
 * files have wrong.
 */
void	reload_finish(struct reload *reload);

#endif
