/*
 * listening - the side of a milter behind us, for the tests of a channel: a
 * listener of either kind, and what a failure is to be like.
 */
#ifndef TESTS_LISTENING_H
#define TESTS_LISTENING_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "world/channel.h"
#include "world/clock.h"

#define SHORT_MS	50	/* where the time limit is to be met */
#define LONG_MS		10000	/* where it is not */

/* A listener, its name, and the side of the milter once it is there. */
struct fixture {
	char	 folder[32];
	char	 path[48];
	char	 name[64];
	int	 listener, peer;
};

static inline void
listen_unix(struct fixture *f, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*f = (struct fixture){ .peer = -1 };
	snprintf(f->folder, sizeof(f->folder), "/tmp/test_channel.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/s", f->folder);
	snprintf(f->name, sizeof(f->name), "unix:%s", f->path);
	memcpy(address.sun_path, f->path, strlen(f->path));
	f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(f->listener, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	ck_assert_int_eq(listen(f->listener, backlog), 0);
}

static inline void
listen_inet(struct fixture *f, int backlog)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);

	*f = (struct fixture){ .peer = -1 };
	f->listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(f->listener, (struct sockaddr *)&address, size),
	    0);
	ck_assert_int_eq(listen(f->listener, backlog), 0);
	getsockname(f->listener, (struct sockaddr *)&address, &size);
	snprintf(f->name, sizeof(f->name), "inet:%d@127.0.0.1",
	    ntohs(address.sin_port));
}

static inline void
fixture_release(struct fixture *f)
{
	close(f->listener);
	if (f->peer != -1)
		close(f->peer);
	if (f->path[0] != '\0') {
		unlink(f->path);
		ck_assert_int_eq(rmdir(f->folder), 0);
	}
}

/* Connects, and accepts on the other side. */
static inline struct channel *
pair(struct fixture *f)
{
	struct diag why = DIAG_INIT;
	struct channel *channel = channel_open(f->name, LONG_MS, &why);

	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	f->peer = accept(f->listener, NULL, NULL);
	ck_assert_int_ne(f->peer, -1);
	return channel;
}

static inline void
pause_ms(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Ends with the reason that is expected. */
static inline void
assert_why(struct diag *why, const char *want)
{
	ck_assert_str_eq(diag_first(why), want);
	ck_assert_uint_eq(why->count, 1);
	diag_release(why);
}

static inline void
assert_took(uint64_t begin_ms, unsigned at_least_ms)
{
	uint64_t took_ms = clock_now_ms() - begin_ms;

	ck_assert_uint_ge(took_ms, at_least_ms);
	ck_assert_uint_lt(took_ms, LONG_MS / 2);
}

#endif
