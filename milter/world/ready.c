#include "world/ready.h"

#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#else
#include <sys/types.h>
#include <sys/event.h>
#include <sys/time.h>
#endif

#include "base/mem.h"

struct ready {
	int	fd;
};

static int
set_new(void)
{
#ifdef __linux__
	return epoll_create1(EPOLL_CLOEXEC);
#else
	return kqueue();	/* not inherited by children */
#endif
}

struct ready *
ready_new(void)
{
	struct ready *ready;
	int fd = set_new();

	if (fd == -1)
		return NULL;
	ready = xcalloc(1, sizeof(*ready));
	ready->fd = fd;
	return ready;
}

void
ready_free(struct ready *ready)
{
	if (ready == NULL)
		return;
	close(ready->fd);
	free(ready);
}

#ifdef __linux__

static int
control(struct ready *ready, int deed, int fd, enum ready_for how, void *what)
{
	struct epoll_event event = {
		.events = how == READY_READ ? EPOLLIN : EPOLLOUT,
		.data.ptr = what,
	};

	return epoll_ctl(ready->fd, deed, fd, &event);
}

int
ready_add(struct ready *ready, int fd, enum ready_for how, void *what)
{
	return control(ready, EPOLL_CTL_ADD, fd, how, what);
}

int
ready_change(struct ready *ready, int fd, enum ready_for how, void *what)
{
	return control(ready, EPOLL_CTL_MOD, fd, how, what);
}

void
ready_remove(struct ready *ready, int fd)
{
	(void)control(ready, EPOLL_CTL_DEL, fd, READY_READ, NULL);
}

int
ready_wait(struct ready *ready, void *whats[READY_MAX], int timeout_ms)
{
	struct epoll_event events[READY_MAX];
	int count = epoll_wait(ready->fd, events, READY_MAX, timeout_ms);

	for (int i = 0; i < count; i++)
		whats[i] = events[i].data.ptr;
	return count > 0 ? count : 0;
}

#else

static int
control(struct ready *ready, int fd, enum ready_for how, unsigned short flags,
    void *what)
{
	struct kevent change;

	EV_SET(&change, (unsigned)fd, how == READY_READ ? EVFILT_READ :
	    EVFILT_WRITE, flags, 0, 0, what);
	return kevent(ready->fd, &change, 1, NULL, 0, NULL);
}

int
ready_add(struct ready *ready, int fd, enum ready_for how, void *what)
{
	return control(ready, fd, how, EV_ADD, what);
}

int
ready_change(struct ready *ready, int fd, enum ready_for how, void *what)
{
	ready_remove(ready, fd);
	return ready_add(ready, fd, how, what);
}

/* For whichever of the two it is watched. */
void
ready_remove(struct ready *ready, int fd)
{
	(void)control(ready, fd, READY_READ, EV_DELETE, NULL);
	(void)control(ready, fd, READY_WRITE, EV_DELETE, NULL);
}

int
ready_wait(struct ready *ready, void *whats[READY_MAX], int timeout_ms)
{
	const struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	struct kevent events[READY_MAX];
	int count = kevent(ready->fd, NULL, 0, events, READY_MAX,
	    timeout_ms >= 0 ? &timeout : NULL);

	for (int i = 0; i < count; i++)
		whats[i] = events[i].udata;
	return count > 0 ? count : 0;
}

#endif
