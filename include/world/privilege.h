/*
 * privilege - to become the user that the daemon runs as.
 *
 * Looked up while root may still read everything, given up once sockets and
 * files are made.  For the start of the program: one thread only.
 */
#ifndef WORLD_PRIVILEGE_H
#define WORLD_PRIVILEGE_H

#include <sys/types.h>

struct diag;

#define ACCOUNT_NAME_MAX	64	/* with the NUL */

struct account {
	char	name[ACCOUNT_NAME_MAX];
	uid_t	uid;
	gid_t	gid;		/* of the password file */
};

/* Returns 0; or -1 with the reason in diag. */
int	account_find(struct account *account, const char *user,
	    struct diag *diag);
int	group_find(gid_t *gid, const char *group, struct diag *diag);

/*
 * Becomes the account, with its groups, for good.  Whoever is it already stays
 * as he is.  Returns 0; or -1 with the reason in diag, and then the process
 * must not go on.
 */
int	privilege_drop(const struct account *account, struct diag *diag);

#endif
