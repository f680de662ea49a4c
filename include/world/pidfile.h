/*
 * pidfile - a file with the daemon's process number, held by a lock.
 *
 * The lock says whether its daemon lives, the number is for people and
 * scripts: a file that a crash left behind is just taken over.  For the start
 * and the end of the program: one thread only.
 */
#ifndef WORLD_PIDFILE_H
#define WORLD_PIDFILE_H

struct diag;

struct pidfile {
	char	*path;		/* own copy; NULL: none is held */
	int	 fd;		/* holds the lock */
};
#define PIDFILE_INIT	{ .path = NULL, .fd = -1 }

/*
 * Makes the file, or takes over one that nobody holds.  Returns 0; or -1 with
 * the reason in diag and nothing held.
 */
int	pidfile_take(struct pidfile *pidfile, const char *path,
	    struct diag *diag);
/*
 * Removes the file; where the folder does not allow it (it was made as root,
 * and that is given up) the file is emptied.  Returns 0; or -1 with the reason
 * in diag where not even that works.
 */
int	pidfile_release(struct pidfile *pidfile, struct diag *diag);

#endif
