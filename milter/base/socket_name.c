#include "base/socket_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"

#define FORMS		"write \"inet:PORT@HOST\", \"inet6:PORT@HOST\" or " \
			"\"unix:/path\""
#define PORTS		"the port is a number from 1 to 65535"

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

const char *
socket_host(const struct socket_name *name)
{
	bool any = name->host[0] == '\0' ||
	    strcmp(name->host, "0.0.0.0") == 0 ||
	    strcmp(name->host, "::") == 0;

	if (any || text_equal(name->host, "localhost"))
		return name->kind == SOCKET_INET6 ? "::1" : "127.0.0.1";
	return name->host;
}

bool
socket_same(const struct socket_name *a, const struct socket_name *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == SOCKET_UNIX ? strcmp(a->path, b->path) == 0 :
	    a->port == b->port && text_equal(socket_host(a), socket_host(b));
}

int
socket_wrong(const struct socket_name *name, const char *what,
    struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	socket_format(name, &text);
	wrong(diag, text.text, what);
	strbuf_release(&text);
	return -1;
}
