#include "world/channel.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "world/clock.h"
#include "world/errno_text.h"
#include "world/socket.h"

/* How soon a full queue of a unix socket is tried again. */
#define QUEUE_PAUSE_MS	10
#define AHEAD_BYTES	1024	/* most answers have 5 */

/*
 * Packets are small and read in two parts, head and rest: what came with the
 * head is kept for the next call, so that an answer costs one of the system.
 */
struct channel {
	int		fd;
	size_t		at, end;	/* of ahead: not yet taken */
	unsigned char	ahead[AHEAD_BYTES];
};

/*
 * Adds: WHAT within 20 seconds.  What is left of a limit for several steps is
 * no round number, and more of it than a reader wants to know.
 */
static void
too_late(struct diag *why, const char *what, unsigned timeout_ms)
{
	unsigned seconds = timeout_ms / 1000 + (timeout_ms % 1000 >= 500);

	if (timeout_ms > 0 && timeout_ms < 1000)
		diag_error(why, "%s within %u milliseconds", what, timeout_ms);
	else
		diag_error(why, "%s within %u second%s", what, seconds,
		    seconds == 1 ? "" : "s");
}

/* What is left until the deadline, as poll() takes it. */
static int
left_ms(uint64_t deadline_ms)
{
	uint64_t now = clock_now_ms();

	if (now >= deadline_ms)
		return 0;
	return deadline_ms - now > INT_MAX ? INT_MAX :
	    (int)(deadline_ms - now);
}

/*
 * Waits until fd is ready for events, or has an error that the next call on
 * it will tell.  Returns false once the time is over.
 */
static bool
wait_for(int fd, short events, uint64_t deadline_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	for (;;) {
		int left = left_ms(deadline_ms);

		if (poll(&pollfd, 1, left) > 0)
			return true;
		if (left == 0)
			return false;
	}
}

/*
 * Returns 0 once connected, ETIMEDOUT, or another error.  The queue of a unix
 * socket that is full says EAGAIN at once, and nothing tells when it has room.
 */
static int
connect_fd(int fd, const struct sockaddr *address, socklen_t size,
    uint64_t deadline_ms)
{
	socklen_t error_size = sizeof(int);
	int error = 0;

	while (connect(fd, address, size) == -1) {
		if (errno == EINPROGRESS || errno == EINTR) {
			if (!wait_for(fd, POLLOUT, deadline_ms))
				return ETIMEDOUT;
			if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error,
			    &error_size) == -1)
				return errno;
			return error;
		}
		if (errno != EAGAIN || address->sa_family != AF_UNIX)
			return errno;
		if (left_ms(deadline_ms) == 0)
			return ETIMEDOUT;
		poll(NULL, 0, QUEUE_PAUSE_MS);
	}
	return 0;
}

/* Returns 0 and *fd, or the error. */
static int
connect_to(const struct sockaddr *address, socklen_t size,
    uint64_t deadline_ms, int *fd)
{
	int one = 1, error;

	*fd = socket(address->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd == -1)
		return errno;
	/* Packets are small and answered: none waits for the next. */
	if (address->sa_family != AF_UNIX)
		(void)setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
	error = connect_fd(*fd, address, size, deadline_ms);
	if (error != 0)
		close(*fd);
	return error;
}

static int
open_unix(const struct socket_name *name, uint64_t deadline_ms, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, name->path, SOCKET_PATH_MAX);
	return connect_to((const struct sockaddr *)&address, sizeof(address),
	    deadline_ms, fd);
}

/* Returns 0 and *fd, or the error; where the name is unknown, *unknown says. */
static int
open_inet(const struct socket_name *name, uint64_t deadline_ms, int *fd,
    const char **unknown)
{
	struct addrinfo hints = {
		.ai_family = name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;
	int error = ENOENT, rc;
	char port[6];

	snprintf(port, sizeof(port), "%u", name->port);
	rc = getaddrinfo(name->host[0] != '\0' ? name->host : NULL, port,
	    &hints, &found);
	if (rc != 0) {
		*unknown = gai_strerror(rc);
		return ENOENT;
	}
	for (struct addrinfo *at = found; at != NULL; at = at->ai_next) {
		error = connect_to(at->ai_addr, at->ai_addrlen, deadline_ms,
		    fd);
		if (error == 0)
			break;
	}
	freeaddrinfo(found);
	return error;
}

struct channel *
channel_open(const char *socket, unsigned timeout_ms, struct diag *why)
{
	const uint64_t deadline_ms = clock_now_ms() + timeout_ms;
	const char *unknown = NULL;
	struct strbuf text = STRBUF_INIT;
	struct channel *channel = NULL;
	char buf[ERRNO_TEXT_MAX];
	struct socket_name name;
	int fd = -1, error;

	if (socket_parse(&name, socket, why) == -1)
		return NULL;
	error = name.kind == SOCKET_UNIX ? open_unix(&name, deadline_ms, &fd) :
	    open_inet(&name, deadline_ms, &fd, &unknown);
	strbuf_addf(&text, "no connection to %s", socket);
	if (error == 0) {
		channel = xmalloc(sizeof(*channel));
		channel->fd = fd;
		channel->at = channel->end = 0;
	} else if (error == ETIMEDOUT)
		too_late(why, text.text, timeout_ms);
	else
		diag_error(why, "%s: %s", text.text, unknown != NULL ?
		    unknown : errno_text(error, buf));
	strbuf_release(&text);
	return channel;
}

static int
broken(struct diag *why, int error)
{
	char buf[ERRNO_TEXT_MAX];

	if (error == EPIPE || error == ECONNRESET)
		diag_error(why, "closed the connection");
	else
		diag_error(why, "the connection broke: %s",
		    errno_text(error, buf));
	return -1;
}

/* Is it only that the call has to be made again, perhaps after a wait? */
static bool
is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int
channel_write(struct channel *channel, const void *bytes, size_t len,
    unsigned timeout_ms, struct diag *why)
{
	const uint64_t deadline_ms = clock_now_ms() + timeout_ms;
	const unsigned char *from = bytes;

	while (len > 0) {
		ssize_t n = send(channel->fd, from, len, MSG_NOSIGNAL);

		if (n >= 0) {
			from += n;
			len -= (size_t)n;
		} else if (!is_passing(errno))
			return broken(why, errno);
		else if (!wait_for(channel->fd, POLLOUT, deadline_ms)) {
			too_late(why, "did not take what was sent",
			    timeout_ms);
			return -1;
		}
	}
	return 0;
}

/* Takes up to len of the bytes that were read ahead; returns how many. */
static size_t
take_ahead(struct channel *channel, unsigned char *to, size_t len)
{
	size_t ready = channel->end - channel->at;

	if (len > ready)
		len = ready;
	memcpy(to, channel->ahead + channel->at, len);
	channel->at += len;
	return len;
}

/* As recv(), and with nothing read ahead: what is much is not copied twice. */
static ssize_t
receive(struct channel *channel, unsigned char *to, size_t len)
{
	ssize_t n;

	if (len >= AHEAD_BYTES)
		return recv(channel->fd, to, len, 0);
	n = recv(channel->fd, channel->ahead, AHEAD_BYTES, 0);
	if (n <= 0)
		return n;
	channel->at = 0;
	channel->end = (size_t)n;
	return (ssize_t)take_ahead(channel, to, len);
}

/* An answer is hardly ever there already: the wait comes first. */
int
channel_read(struct channel *channel, void *bytes, size_t len,
    unsigned timeout_ms, struct diag *why)
{
	const uint64_t deadline_ms = clock_now_ms() + timeout_ms;
	unsigned char *to = bytes;
	size_t done = take_ahead(channel, to, len);

	while (done < len) {
		ssize_t n;

		if (!wait_for(channel->fd, POLLIN, deadline_ms)) {
			too_late(why, "no answer", timeout_ms);
			return -1;
		}
		n = receive(channel, to + done, len - done);
		if (n == 0)
			return broken(why, ECONNRESET);
		if (n > 0)
			done += (size_t)n;
		else if (!is_passing(errno))
			return broken(why, errno);
	}
	return 0;
}

bool
channel_waiting(const struct channel *channel)
{
	char byte;

	return channel->at < channel->end ||
	    recv(channel->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void
channel_finish(struct channel *channel)
{
	(void)shutdown(channel->fd, SHUT_WR);
}

void
channel_close(struct channel *channel)
{
	close(channel->fd);
	free(channel);
}
