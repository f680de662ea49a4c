/*
 * ready - which of many descriptors can go on: for a thread that talks to all
 * of them and waits for none.
 *
 * epoll(7) on Linux, kqueue(2) elsewhere; the only file that knows them.  A
 * descriptor is watched for one thing at a time, and told as long as it is so.
 * One that is closed, or whose other side is, counts as both.  One thread
 * waits; others may add.
 */
#ifndef WORLD_READY_H
#define WORLD_READY_H

struct ready;

enum ready_for { READY_READ, READY_WRITE };

/* At most so many are told at once. */
#define READY_MAX	16

/* Returns NULL with errno. */
struct ready	*ready_new(void);
void		 ready_free(struct ready *ready);	/* or NULL */

/*
 * Both return 0, or -1 with errno.  what is told where fd is ready.  A
 * descriptor that is closed is forgotten.
 */
int	ready_add(struct ready *ready, int fd, enum ready_for how, void *what);
int	ready_change(struct ready *ready, int fd, enum ready_for how,
	    void *what);
void	ready_remove(struct ready *ready, int fd);

/*
 * Waits until some are ready, timeout_ms at most, -1 for ever.  Returns how
 * many are, with what belongs to each, none twice; 0 also where a signal came.
 */
int	ready_wait(struct ready *ready, void *whats[READY_MAX],
	    int timeout_ms);

#endif
