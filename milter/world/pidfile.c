#include "world/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "world/errno_text.h"

#define TRIES_MAX	10

static int
failed(struct diag *diag, const char *path, const char *what)
{
	char why[ERRNO_TEXT_MAX];

	diag_error(diag, "pid file \"%s\": %s: %s", path, what,
	    errno_text(errno, why));
	return -1;
}

static void
say_held(struct diag *diag, const char *path, int fd)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	long holder;

	text[len > 0 ? len : 0] = '\0';
	holder = strtol(text, NULL, 10);
	if (holder > 0)
		diag_error(diag, "pid file \"%s\": process %ld holds it; the "
		    "daemon runs already", path, holder);
	else
		diag_error(diag, "pid file \"%s\": another process holds it",
		    path);
}

/* Is what the path names still the file that fd holds? */
static bool
still_there(const char *path, int fd)
{
	struct stat named, held;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
	    named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

int
pidfile_take(struct pidfile *pidfile, const char *path, struct diag *diag)
{
	int fd;

	/*
	 * A daemon that ends removes the file, perhaps between our open() and
	 * flock(): then we would hold a file without a name, so try again.
	 */
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0644);
		if (fd == -1)
			return failed(diag, path, "cannot be opened");
		if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
			if (errno == EWOULDBLOCK)
				say_held(diag, path, fd);
			else
				failed(diag, path, "cannot be locked");
			close(fd);
			return -1;
		}
		if (still_there(path, fd)) {
			if (ftruncate(fd, 0) == -1 ||
			    dprintf(fd, "%ld\n", (long)getpid()) < 0) {
				failed(diag, path, "cannot be written");
				close(fd);
				return -1;
			}
			pidfile->path = xstrdup(path);
			pidfile->fd = fd;
			return 0;
		}
		close(fd);
	}
	diag_error(diag, "pid file \"%s\": others keep replacing it", path);
	return -1;
}

int
pidfile_release(struct pidfile *pidfile, struct diag *diag)
{
	int result = 0;

	if (pidfile->path == NULL)
		return 0;
	if (unlink(pidfile->path) == -1 && ftruncate(pidfile->fd, 0) == -1)
		result = failed(diag, pidfile->path, "cannot be emptied");
	close(pidfile->fd);
	free(pidfile->path);
	*pidfile = (struct pidfile)PIDFILE_INIT;
	return result;
}
