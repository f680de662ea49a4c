/*
 * serve - the daemon, from its start to its stop.
 *
 * Runs in the foreground.  SIGUSR1 loads the configuration again; SIGTERM,
 * SIGINT and SIGHUP stop it: to libmilter SIGHUP means that, and a filter that
 * reloads at it would stop at times.
 */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

/*
 * Returns the exit code: 0 after a clean stop, 1 where the daemon could not
 * start (the reasons are on stderr) or libmilter gave up.
 */
int	serve(const char *config_file);

#endif
