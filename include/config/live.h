/*
 * live - the configuration in force, replaced as a whole.
 *
 * A session takes a reference when it begins and uses that snapshot until it
 * ends.  All functions are safe from any thread.
 */
#ifndef CONFIG_LIVE_H
#define CONFIG_LIVE_H

struct diag;
struct live;
struct snapshot;

/* Takes over the caller's reference to first; remembers the file's name. */
struct live	*live_new(const char *file, struct snapshot *first);
void		 live_free(struct live *live);	/* no session may be left */

/* With a reference for the caller; never NULL. */
struct snapshot	*live_get(struct live *live);
/*
 * Loads the file again.  Returns 0 with the new snapshot in force; or -1 with
 * the reasons in diag and the old one still in force.  Warnings stand in diag
 * in both cases.
 */
int		 live_reload(struct live *live, struct diag *diag);

#endif
