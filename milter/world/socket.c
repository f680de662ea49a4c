#include "world/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "world/errno_text.h"

_Static_assert(SOCKET_PATH_MAX < sizeof(((struct sockaddr_un *)0)->sun_path),
    "the path of a socket fits into its address");

#define FORMS		"write \"inet:PORT@HOST\", \"inet6:PORT@HOST\" or " \
			"\"unix:/path\""
#define PORTS		"the port is a number from 1 to 65535"
#define LISTENED	"a process listens there already; is the daemon " \
			"running?"

/* Adds: socket "NAME": the reason. */
static int
wrong(struct diag *diag, const char *name, const char *what)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, "socket ");
	names_quote(&text, name);
	diag_error(diag, "%s: %s", text.text, what);
	strbuf_release(&text);
	return -1;
}

static int
wrong_name(const struct socket_name *name, const char *what,
    struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	socket_format(name, &text);
	wrong(diag, text.text, what);
	strbuf_release(&text);
	return -1;
}

static int
wrong_errno(const struct socket_name *name, const char *call, int error,
    struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;
	char why[ERRNO_TEXT_MAX];

	strbuf_addf(&text, "%s: %s", call, errno_text(error, why));
	wrong_name(name, text.text, diag);
	strbuf_release(&text);
	return -1;
}

static int
parse_path(struct socket_name *name, const char *text, const char *path,
    struct diag *diag)
{
	if (path[0] != '/')
		return wrong(diag, text, "the path must begin with \"/\"");
	if (strlen(path) >= SOCKET_PATH_MAX)
		return wrong(diag, text, "the path is longer than a socket's "
		    "name can be (106 characters)");
	name->kind = SOCKET_UNIX;
	snprintf(name->path, sizeof(name->path), "%s", path);
	return 0;
}

/* rest is "PORT", "PORT@HOST" or "PORT@[ADDRESS]". */
static int
parse_port(struct socket_name *name, const char *text, const char *rest,
    struct diag *diag)
{
	size_t digits = strcspn(rest, "@");
	const char *host = rest[digits] == '@' ? rest + digits + 1 : "";
	size_t len = strlen(host);
	char port[6];
	uint64_t number;

	if (digits >= sizeof(port))
		return wrong(diag, text, PORTS);
	memcpy(port, rest, digits);
	port[digits] = '\0';
	if (text_number(port, 65535, &number) == -1 || number == 0)
		return wrong(diag, text, PORTS);
	if (rest[digits] == '@' && len == 0)
		return wrong(diag, text, "a host must follow the \"@\"");
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len >= SOCKET_HOST_MAX || strcspn(host, "[] \t@") < len)
		return wrong(diag, text, "this is no host name or address");
	name->port = (unsigned)number;
	snprintf(name->host, sizeof(name->host), "%.*s", (int)len, host);
	return 0;
}

int
socket_parse(struct socket_name *name, const char *text, struct diag *diag)
{
	struct socket_name parsed = { .kind = SOCKET_INET };
	const char *rest = strchr(text, ':');
	size_t len = rest != NULL ? (size_t)(rest - text) : 0;
	struct in6_addr binary;
	int rc;

	if (len == 4 && text_starts(text, "unix"))
		rc = parse_path(&parsed, text, rest + 1, diag);
	else if (len == 5 && text_starts(text, "local"))
		rc = parse_path(&parsed, text, rest + 1, diag);
	else if (len == 4 && text_starts(text, "inet"))
		rc = parse_port(&parsed, text, rest + 1, diag);
	else if (len == 5 && text_starts(text, "inet6")) {
		parsed.kind = SOCKET_INET6;
		rc = parse_port(&parsed, text, rest + 1, diag);
	} else
		return wrong(diag, text, FORMS);
	if (rc == -1)
		return -1;
	if (parsed.kind == SOCKET_INET && strchr(parsed.host, ':') != NULL)
		return wrong(diag, text, "the host is an IPv6 address; write "
		    "\"inet6:\" before the port");
	if (parsed.kind == SOCKET_INET6 &&
	    inet_pton(AF_INET, parsed.host, &binary) == 1)
		return wrong(diag, text, "the host is an IPv4 address; write "
		    "\"inet:\" before the port");
	*name = parsed;
	return 0;
}

static bool
is_numeric(const struct socket_name *name)
{
	struct in6_addr binary;

	return inet_pton(name->kind == SOCKET_INET6 ? AF_INET6 : AF_INET,
	    name->host, &binary) == 1;
}

void
socket_format(const struct socket_name *name, struct strbuf *out)
{
	if (name->kind == SOCKET_UNIX) {
		strbuf_addf(out, "unix:%s", name->path);
		return;
	}
	strbuf_addf(out, "%s:%u", name->kind == SOCKET_INET6 ? "inet6" : "inet",
	    name->port);
	if (name->host[0] != '\0')
		strbuf_addf(out, is_numeric(name) ? "@[%s]" : "@%s",
		    name->host);
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
		return wrong_name(name, "there is something else of this name, "
		    "and it is left alone", diag);
	error = unix_knock(name);
	if (error == 0)
		return wrong_name(name, LISTENED, diag);
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
		return wrong_name(name, gai_strerror(error), diag);
	error = try_bind(found);
	freeaddrinfo(found);
	if (error == EADDRINUSE)
		return wrong_name(name, LISTENED, diag);
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
