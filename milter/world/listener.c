#include "world/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "world/errno_text.h"
#include "world/socket.h"

static int
wrong_errno(const struct socket_name *name, const char *call, int error,
    struct diag *diag)
{
	char why[ERRNO_TEXT_MAX], text[ERRNO_TEXT_MAX + 16];

	snprintf(text, sizeof(text), "%s: %s", call, errno_text(error, why));
	return socket_wrong(name, text, diag);
}

static int
new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Returns 0, or the error of bind(). */
static int
bind_unix(int fd, const struct socket_name *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t umask_before;
	int error = 0;

	memcpy(address.sun_path, name->path, sizeof(name->path));
	umask_before = umask(0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1)
		error = errno;
	umask(umask_before);
	return error;
}

/* SO_REUSEADDR: connections of an earlier start may still be closing. */
static int
bind_inet(int fd, const struct addrinfo *at)
{
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    (at->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &one, sizeof(one)) == -1) ||
	    bind(fd, at->ai_addr, at->ai_addrlen) == -1)
		return errno;
	return 0;
}

static int
find_address(const struct socket_name *name, struct addrinfo **found,
    struct diag *diag)
{
	const struct addrinfo hints = {
		.ai_family = name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	char port[6];
	int error;

	snprintf(port, sizeof(port), "%u", name->port);
	error = getaddrinfo(name->host[0] != '\0' ? name->host : NULL, port,
	    &hints, found);
	return error == 0 ? 0 : socket_wrong(name, gai_strerror(error), diag);
}

int
listener_open(const struct socket_name *name, int backlog, struct diag *diag)
{
	struct addrinfo *found = NULL;
	int fd, error;

	if (name->kind != SOCKET_UNIX && find_address(name, &found, diag) == -1)
		return -1;
	fd = new_socket(found != NULL ? found->ai_family : AF_UNIX);
	if (fd == -1)
		error = errno;
	else
		error = found != NULL ? bind_inet(fd, found) :
		    bind_unix(fd, name);
	if (found != NULL)
		freeaddrinfo(found);
	if (error == 0 && listen(fd, backlog) == -1)
		error = errno;
	if (error == 0)
		return fd;
	if (fd != -1)
		close(fd);
	return wrong_errno(name, "cannot listen", error, diag);
}
