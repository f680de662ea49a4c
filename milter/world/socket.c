#include "world/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "world/errno_text.h"

_Static_assert(SOCKET_PATH_MAX < sizeof(((struct sockaddr_un *)0)->sun_path),
    "the path of a socket fits into its address");

#define LISTENED	"a process listens there already; is the daemon " \
			"running?"

static int
wrong_errno(const struct socket_name *name, const char *call, int error,
    struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;
	char why[ERRNO_TEXT_MAX];

	strbuf_addf(&text, "%s: %s", call, errno_text(error, why));
	socket_wrong(name, text.text, diag);
	strbuf_release(&text);
	return -1;
}

static void
unix_address(const struct socket_name *name, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name->path, SOCKET_PATH_MAX);
}

/*
 * Does anybody listen?  Returns 0 where connect() works or the queue is full,
 * else the error.  Without O_NONBLOCK a full queue would make us wait.
 */
static int
unix_knock(const struct socket_name *name)
{
	struct sockaddr_un address;
	int fd, error = 0;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return errno;
	unix_address(name, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1 &&
	    errno != EAGAIN)
		error = errno;
	close(fd);
	return error;
}

static int
prepare_unix(const struct socket_name *name, struct diag *diag)
{
	struct stat found;
	int error;

	if (lstat(name->path, &found) == -1) {
		if (errno == ENOENT)
			return 0;
		return wrong_errno(name, "stat", errno, diag);
	}
	if (!S_ISSOCK(found.st_mode))
		return socket_wrong(name, "there is something else of this "
		    "name, and it is left alone", diag);
	error = unix_knock(name);
	if (error == 0)
		return socket_wrong(name, LISTENED, diag);
	if (error != ECONNREFUSED)
		return wrong_errno(name, "nobody can tell whether a process "
		    "listens there", error, diag);
	if (unlink(name->path) == -1 && errno != ENOENT)
		return wrong_errno(name, "a stale socket cannot be removed",
		    errno, diag);
	return 0;
}

/* With SO_REUSEADDR, as libmilter does: it does not help against a listener. */
static int
try_bind(const struct addrinfo *at)
{
	int fd, one = 1, error = 0;

	fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1 ||
	    bind(fd, at->ai_addr, at->ai_addrlen) == -1)
		error = errno;
	close(fd);
	return error;
}

static int
prepare_inet(const struct socket_name *name, struct diag *diag)
{
	struct addrinfo hints = {
		.ai_family = name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *found = NULL;
	char port[6];
	int error;

	snprintf(port, sizeof(port), "%u", name->port);
	error = getaddrinfo(name->host[0] != '\0' ? name->host : NULL, port,
	    &hints, &found);
	if (error != 0)
		return socket_wrong(name, gai_strerror(error), diag);
	error = try_bind(found);
	freeaddrinfo(found);
	if (error == EADDRINUSE)
		return socket_wrong(name, LISTENED, diag);
	if (error != 0)
		return wrong_errno(name, "bind", error, diag);
	return 0;
}

int
socket_prepare(const struct socket_name *name, struct diag *diag)
{
	return name->kind == SOCKET_UNIX ? prepare_unix(name, diag) :
	    prepare_inet(name, diag);
}

int
socket_claim(struct socket_name *name, uid_t owner, gid_t group, mode_t mode,
    struct diag *diag)
{
	struct stat found;

	if (name->kind != SOCKET_UNIX)
		return 0;
	if (lstat(name->path, &found) == -1)
		return wrong_errno(name, "stat", errno, diag);
	name->dev = found.st_dev;
	name->ino = found.st_ino;
	/* The owner first: chown() may take bits of the mode away. */
	if (lchown(name->path, owner, group) == -1)
		return wrong_errno(name, "its owner and group cannot be set",
		    errno, diag);
	if (chmod(name->path, mode) == -1)
		return wrong_errno(name, "its mode cannot be set", errno, diag);
	return 0;
}

int
socket_remove(const struct socket_name *name, struct diag *diag)
{
	struct stat found;

	if (name->kind != SOCKET_UNIX)
		return 0;
	if (lstat(name->path, &found) == -1 || found.st_dev != name->dev ||
	    found.st_ino != name->ino)
		return 0;	/* gone, or another daemon's by now */
	if (unlink(name->path) == -1)
		return wrong_errno(name, "cannot be removed", errno, diag);
	return 0;
}
