#include "load_filter.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/socket_name.h"

#define WRITE_BYTES	4096		/* Postfix's VSTREAM_BUFSIZE */
#define READ_BYTES	65536

void
filter_init(struct filter *filter, struct session *session,
    const struct socket_name *name, int epoll)
{
	*filter = (struct filter){
		.session = session,
		.name = name,
		.epoll = epoll,
		.fd = -1,
		.out = STRBUF_INIT,
		.in = STRBUF_INIT,
	};
}

void
filter_close(struct filter *filter)
{
	if (filter->fd != -1)
		close(filter->fd);
	filter->fd = -1;
	filter->polls_write = false;
	filter->accepted = false;
	filter->decided = false;
	filter->skip = 0;
	filter->agreed = NULL;
	filter->written = 0;
	filter->taken = 0;
	strbuf_reset(&filter->out);
	strbuf_reset(&filter->in);
}

void
filter_release(struct filter *filter)
{
	filter_close(filter);
	strbuf_release(&filter->out);
	strbuf_release(&filter->in);
}

/* Returns the socket, or -1 with errno. */
static int
connect_to(int family, const struct sockaddr *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd == -1 || connect(fd, address, size) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
open_unix(const struct socket_name *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, name->path, SOCKET_PATH_MAX);
	return connect_to(AF_UNIX, (const struct sockaddr *)&address,
	    sizeof(address));
}

static int
open_inet(const struct socket_name *name)
{
	struct addrinfo hints = {
		.ai_family = name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *found;
	char port[16];
	int fd;

	snprintf(port, sizeof(port), "%u", name->port);
	if (getaddrinfo(socket_host(name), port, &hints, &found) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	fd = connect_to(found->ai_family, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

/*
 * As vstream_tweak_tcp() does it, so that a piece is never smaller than a
 * segment: Nagle's algorithm would hold it back.
 */
static size_t
tcp_write_bytes(int fd)
{
	socklen_t size = sizeof(int);
	int segment = 0;

	if (getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &size) == -1 ||
	    segment < WRITE_BYTES / 2)
		return WRITE_BYTES;
	return 2 * (size_t)segment;
}

/*
 * connect() waits while the filter's queue is full, as it does for an MTA: a
 * filter that takes connections empties it whatever else goes on here.
 */
int
filter_open(struct filter *filter)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = filter };

	if (filter->name->kind == SOCKET_UNIX) {
		filter->fd = open_unix(filter->name);
		filter->write_bytes = WRITE_BYTES;
	} else {
		filter->fd = open_inet(filter->name);
		filter->write_bytes = tcp_write_bytes(filter->fd);
	}
	if (filter->fd == -1)
		return -1;
	return epoll_ctl(filter->epoll, EPOLL_CTL_ADD, filter->fd, &event);
}

static void
poll_write(struct filter *filter, bool polls_write)
{
	struct epoll_event event = {
		.events = polls_write ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.ptr = filter,
	};

	if (filter->polls_write == polls_write)
		return;
	filter->polls_write = polls_write;
	(void)epoll_ctl(filter->epoll, EPOLL_CTL_MOD, filter->fd, &event);
}

int
filter_write(struct filter *filter, bool all)
{
	size_t left;

	while ((left = filter->out.len - filter->written) > 0) {
		ssize_t count;

		if (left < filter->write_bytes && !all)
			break;
		if (left > filter->write_bytes)
			left = filter->write_bytes;
		count = send(filter->fd, filter->out.text + filter->written,
		    left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count == -1 && errno == EAGAIN) {
			poll_write(filter, true);
			return 1;
		}
		if (count == -1)
			return -1;
		filter->written += (size_t)count;
	}
	poll_write(filter, false);
	if (left == 0) {
		filter->written = 0;
		strbuf_reset(&filter->out);
	}
	return 0;
}

int
filter_read(struct filter *filter)
{
	static char buffer[READ_BYTES];
	ssize_t count = recv(filter->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (count == -1 && errno == EAGAIN)
		return 0;
	if (count <= 0)
		return -1;
	if (filter->taken == filter->in.len) {
		strbuf_reset(&filter->in);
		filter->taken = 0;
	}
	strbuf_add(&filter->in, buffer, (size_t)count);
	return 0;
}

int
filter_take(struct filter *filter, const unsigned char **packet, size_t *len)
{
	const unsigned char *start =
	    (const unsigned char *)filter->in.text + filter->taken;
	size_t left = filter->in.len - filter->taken;
	struct diag why = DIAG_INIT;
	int rc;

	if (left < MILTER_HEAD_BYTES)
		return 0;
	rc = milter_read_head(start, len, &why);
	diag_release(&why);
	if (rc == -1)
		return -1;
	if (left - MILTER_HEAD_BYTES < *len)
		return 0;
	*packet = start + MILTER_HEAD_BYTES;
	filter->taken += MILTER_HEAD_BYTES + *len;
	return 1;
}
