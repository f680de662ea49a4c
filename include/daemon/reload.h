/*
 * reload - puts a changed configuration in force, or says why not.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

struct env;
struct live;

/* Logs everything that the configuration's files have wrong. */
void	reload(struct live *live, const struct env *env);

#endif
