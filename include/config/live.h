/*
 * live - the configuration in force, replaced as a whole.
 *
 * A session takes a reference when it begins and uses that snapshot until it
 * ends.  All functions are safe from any thread.
 */
#ifndef CONFIG_LIVE_H
#define CONFIG_LIVE_H

struct live;
struct snapshot;

/* Takes over the caller's reference to first. */
struct live	*live_new(struct snapshot *first);
void		 live_free(struct live *live);	/* no session may be left */

/* With a reference for the caller; never NULL. */
struct snapshot	*live_get(struct live *live);
/* Puts fresh in force, and takes over the caller's reference to it. */
void		 live_swap(struct live *live, struct snapshot *fresh);

#endif
