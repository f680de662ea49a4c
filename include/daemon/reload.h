/*
 * reload - puts a changed configuration in force, or says why not.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

struct diag;
struct live;
struct settings;
struct strbuf;

/* Logs everything that the configuration's files have wrong. */
void	reload(struct live *live);

/* One log line a message. */
void	log_diag(const struct diag *diag);

/*
 * Adds the names of the settings that differ and of which only a start takes
 * note: they belong to the socket, the process and libmilter.
 */
void	settings_need_restart(const struct settings *before,
	    const struct settings *after, struct strbuf *names);

#endif
