/*
 * notify - tells systemd what the daemon is doing (sd_notify(3)).
 *
 * Does nothing where the program was built without libsystemd or was not
 * started by systemd.  No globals; safe from any thread.
 */
#ifndef WORLD_NOTIFY_H
#define WORLD_NOTIFY_H

/* Ready, for the first time or after a reload; status is for people. */
void	notify_ready(const char *status);
void	notify_reloading(void);
void	notify_stopping(void);

#endif
