/* Connections to milters behind us: whatever the other side does, it ends. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "world/channel.h"
#include "world/clock.h"
#include "table.h"

#define SHORT_MS	50	/* where the time limit is to be met */
#define LONG_MS		10000	/* where it is not */
#define BIG_BYTES	(4u * 1024 * 1024)

/* A listener, its name, and the side of the milter once it is there. */
struct fixture {
	char	 folder[32];
	char	 path[48];
	char	 name[64];
	int	 listener, peer;
};

static void
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

static void
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

static void
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
static struct channel *
pair(struct fixture *f)
{
	struct diag why = DIAG_INIT;
	struct channel *channel = channel_open(f->name, LONG_MS, &why);

	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	f->peer = accept(f->listener, NULL, NULL);
	ck_assert_int_ne(f->peer, -1);
	return channel;
}

static void
pause_ms(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* Ends with the reason that is expected. */
static void
assert_why(struct diag *why, const char *want)
{
	ck_assert_str_eq(diag_first(why), want);
	ck_assert_uint_eq(why->count, 1);
	diag_release(why);
}

static void
assert_took(uint64_t begin_ms, unsigned at_least_ms)
{
	uint64_t took_ms = clock_now_ms() - begin_ms;

	ck_assert_uint_ge(took_ms, at_least_ms);
	ck_assert_uint_lt(took_ms, LONG_MS / 2);
}

START_TEST(test_refused)
{
	struct diag why = DIAG_INIT;
	struct fixture f;
	char want[128];

	listen_inet(&f, 1);
	close(f.listener);
	ck_assert_ptr_null(channel_open(f.name, LONG_MS, &why));
	snprintf(want, sizeof(want), "no connection to %s: Connection refused",
	    f.name);
	assert_why(&why, want);

	listen_unix(&f, 1);
	close(f.listener);
	ck_assert_ptr_null(channel_open(f.name, LONG_MS, &why));
	snprintf(want, sizeof(want), "no connection to %s: Connection refused",
	    f.name);
	assert_why(&why, want);
	unlink(f.path);
	ck_assert_ptr_null(channel_open(f.name, LONG_MS, &why));
	snprintf(want, sizeof(want), "no connection to %s: No such file or "
	    "directory", f.name);
	assert_why(&why, want);
	ck_assert_int_eq(rmdir(f.folder), 0);
}
END_TEST

START_TEST(test_no_name)
{
	struct diag why = DIAG_INIT;

	ck_assert_ptr_null(channel_open("inet:0@localhost", LONG_MS, &why));
	assert_why(&why, "socket \"inet:0@localhost\": the port is a number "
	    "from 1 to 65535");
}
END_TEST

START_TEST(test_no_open_files_leak)
{
	struct diag why = DIAG_INIT;
	int before = dup(STDIN_FILENO), after;

	close(before);
	ck_assert_ptr_null(channel_open("unix:/tmp/test_channel/none", LONG_MS,
	    &why));
	ck_assert_ptr_null(channel_open("inet:1@127.0.0.1", LONG_MS, &why));
	after = dup(STDIN_FILENO);
	close(after);
	ck_assert_int_eq(before, after);
	diag_release(&why);
}
END_TEST

/* The next descriptor is the lowest one that is free. */
START_TEST(test_flags)
{
	struct fixture f;
	struct channel *channel;
	socklen_t size = sizeof(int);
	int fd, no_delay = 0;

	listen_inet(&f, 1);
	fd = dup(STDIN_FILENO);
	close(fd);
	channel = pair(&f);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay,
	    &size), 0);
	ck_assert_int_ne(no_delay, 0);
	channel_close(channel);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	fixture_release(&f);
}
END_TEST

/* Fills the queue of a listener that accepts nobody. */
static size_t
fill_queue(const struct fixture *f, struct channel *taken[], size_t max)
{
	struct diag why = DIAG_INIT;
	size_t count = 0;

	while (count < max && (taken[count] = channel_open(f->name, SHORT_MS,
	    &why)) != NULL)
		count++;
	diag_release(&why);
	ck_assert_uint_lt(count, max);
	return count;
}

START_TEST(test_full_queue)
{
	struct channel *taken[8];
	struct diag why = DIAG_INIT;
	struct fixture f;
	uint64_t begin_ms;
	size_t count;
	char want[128];

	if (_i == 0)
		listen_unix(&f, 0);
	else
		listen_inet(&f, 0);
	count = fill_queue(&f, taken, 8);
	begin_ms = clock_now_ms();
	ck_assert_ptr_null(channel_open(f.name, SHORT_MS, &why));
	assert_took(begin_ms, SHORT_MS);
	snprintf(want, sizeof(want), "no connection to %s within 50 "
	    "milliseconds", f.name);
	assert_why(&why, want);
	for (size_t i = 0; i < count; i++)
		channel_close(taken[i]);
	fixture_release(&f);
}
END_TEST

static void *
accept_later(void *arg)
{
	struct fixture *f = arg;

	pause_ms(30);
	f->peer = accept(f->listener, NULL, NULL);
	return NULL;
}

START_TEST(test_queue_gets_room)
{
	struct channel *taken[8], *channel;
	struct diag why = DIAG_INIT;
	struct fixture f;
	pthread_t thread;
	size_t count;

	listen_unix(&f, 0);
	count = fill_queue(&f, taken, 8);
	ck_assert_int_eq(pthread_create(&thread, NULL, accept_later, &f), 0);
	channel = channel_open(f.name, LONG_MS, &why);
	pthread_join(thread, NULL);
	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	channel_close(channel);
	for (size_t i = 0; i < count; i++)
		channel_close(taken[i]);
	fixture_release(&f);
}
END_TEST

START_TEST(test_no_answer)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	uint64_t begin_ms;
	char bytes[4];

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(write(f.peer, "ab", 2), 2);
	begin_ms = clock_now_ms();
	ck_assert_int_eq(channel_read(channel, bytes, 4, SHORT_MS, &why), -1);
	assert_took(begin_ms, SHORT_MS);
	assert_why(&why, "no answer within 50 milliseconds");
	ck_assert_int_eq(channel_read(channel, bytes, 4, 0, &why), -1);
	assert_why(&why, "no answer within 0 seconds");
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* What is there already needs no time. */
START_TEST(test_read_what_is_there)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char bytes[3];

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(write(f.peer, "abcd", 4), 4);
	ck_assert_int_eq(channel_read(channel, bytes, 3, 0, &why), 0);
	ck_assert_mem_eq(bytes, "abc", 3);
	ck_assert_int_eq(channel_read(channel, bytes, 1, 0, &why), 0);
	ck_assert_int_eq(bytes[0], 'd');
	ck_assert_int_eq(channel_read(channel, bytes, 0, 0, &why), 0);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* It neither waits nor takes away, whatever became of the connection. */
START_TEST(test_waiting)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	uint64_t begin_ms = clock_now_ms();
	char byte;

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert(!channel_waiting(channel));
	ck_assert_int_eq(write(f.peer, "a", 1), 1);
	ck_assert(channel_waiting(channel));
	ck_assert(channel_waiting(channel));
	ck_assert_int_eq(channel_read(channel, &byte, 1, 0, &why), 0);
	ck_assert(!channel_waiting(channel));
	close(f.peer);
	f.peer = -1;
	ck_assert(!channel_waiting(channel));
	assert_took(begin_ms, 0);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* With no time to wait, what fits at once is written. */
START_TEST(test_write_without_waiting)
{
	struct diag why = DIAG_INIT;
	char *bytes = calloc(1, BIG_BYTES);
	struct channel *channel;
	struct fixture f;
	uint64_t begin_ms;

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(channel_write(channel, "ab", 2, 0, &why), 0);
	begin_ms = clock_now_ms();
	ck_assert_int_eq(channel_write(channel, bytes, BIG_BYTES, 0, &why),
	    -1);
	assert_took(begin_ms, 0);
	assert_why(&why, "did not take what was sent within 0 seconds");
	free(bytes);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

static void *
trickle(void *arg)
{
	const struct fixture *f = arg;

	for (int i = 0; i < 20; i++) {
		if (send(f->peer, "x", 1, MSG_NOSIGNAL) != 1)
			break;
		pause_ms(5);
	}
	return NULL;
}

START_TEST(test_short_reads)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	pthread_t thread;
	char bytes[20];

	listen_inet(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(pthread_create(&thread, NULL, trickle, &f), 0);
	ck_assert_int_eq(channel_read(channel, bytes, 20, LONG_MS, &why), 0);
	pthread_join(thread, NULL);
	ck_assert_mem_eq(bytes, "xxxxxxxxxxxxxxxxxxxx", 20);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* The limit is for all bytes, not for each. */
START_TEST(test_trickle_ends)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	pthread_t thread;
	uint64_t begin_ms;
	char bytes[20];

	listen_inet(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(pthread_create(&thread, NULL, trickle, &f), 0);
	begin_ms = clock_now_ms();
	ck_assert_int_eq(channel_read(channel, bytes, 20, SHORT_MS, &why), -1);
	assert_took(begin_ms, SHORT_MS);
	assert_why(&why, "no answer within 50 milliseconds");
	pthread_join(thread, NULL);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

START_TEST(test_closed)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char bytes[4];

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(write(f.peer, "ab", 2), 2);
	close(f.peer);
	f.peer = -1;
	ck_assert_int_eq(channel_read(channel, bytes, 4, LONG_MS, &why), -1);
	assert_why(&why, "closed the connection");
	/* SIGPIPE would end the test. */
	ck_assert_int_eq(channel_write(channel, "ab", 2, LONG_MS, &why), -1);
	assert_why(&why, "closed the connection");
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

static char
byte_at(size_t i)
{
	return (char)(i * 31 + i / 251);
}

/* Reads to the end, slowly at first; returns how much of it was right. */
static void *
swallow(void *arg)
{
	const struct fixture *f = arg;
	static char bytes[65536];
	size_t done = 0;
	ssize_t n;

	while ((n = read(f->peer, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++, done++)
			if (bytes[i] != byte_at(done))
				return NULL;
		if (done < sizeof(bytes) * 8)
			pause_ms(2);
	}
	return (void *)done;
}

START_TEST(test_partial_writes)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	pthread_t thread;
	char *bytes = malloc(BIG_BYTES);
	void *done;

	for (size_t i = 0; i < BIG_BYTES; i++)
		bytes[i] = byte_at(i);
	if (_i == 0)
		listen_unix(&f, 1);
	else
		listen_inet(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(pthread_create(&thread, NULL, swallow, &f), 0);
	ck_assert_msg(channel_write(channel, bytes, BIG_BYTES, LONG_MS,
	    &why) == 0, "%s", diag_first(&why));
	channel_close(channel);
	pthread_join(thread, &done);
	ck_assert_uint_eq((size_t)done, BIG_BYTES);
	free(bytes);
	fixture_release(&f);
}
END_TEST

START_TEST(test_nobody_reads)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char *bytes = calloc(1, BIG_BYTES);
	uint64_t begin_ms;

	listen_unix(&f, 1);
	channel = pair(&f);
	begin_ms = clock_now_ms();
	ck_assert_int_eq(channel_write(channel, bytes, BIG_BYTES, SHORT_MS,
	    &why), -1);
	assert_took(begin_ms, SHORT_MS);
	assert_why(&why, "did not take what was sent within 50 milliseconds");
	free(bytes);
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

static void
ignore(int signal)
{
	(void)signal;
}

/* A signal every few milliseconds neither ends a wait nor makes it longer. */
START_TEST(test_signals)
{
	const struct sigaction action = { .sa_handler = ignore };
	const struct itimerval often = {
		.it_interval.tv_usec = 3000,
		.it_value.tv_usec = 3000,
	};
	const struct itimerval never = { .it_value.tv_usec = 0 };
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	uint64_t begin_ms;
	char byte;

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	begin_ms = clock_now_ms();
	ck_assert_int_eq(channel_read(channel, &byte, 1, SHORT_MS, &why), -1);
	assert_took(begin_ms, SHORT_MS);
	setitimer(ITIMER_REAL, &never, NULL);
	assert_why(&why, "no answer within 50 milliseconds");
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

START_TEST(test_names)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char name[64];

	listen_inet(&f, 4);
	snprintf(name, sizeof(name), "inet:%s", strchr(f.name, ':') + 1);
	strcpy(strchr(name, '@'), "@localhost");
	channel = channel_open(name, LONG_MS, &why);
	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	channel_close(channel);
	*strchr(name, '@') = '\0';		/* without a host */
	channel = channel_open(name, LONG_MS, &why);
	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* Where there is no IPv6, there is nothing to test. */
START_TEST(test_inet6)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct diag why = DIAG_INIT;
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct channel *channel;
	char name[64];

	if (fd == -1 || bind(fd, (struct sockaddr *)&address, size) == -1)
		return;
	ck_assert_int_eq(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&address, &size);
	snprintf(name, sizeof(name), "inet6:%d@::1", ntohs(address.sin6_port));
	channel = channel_open(name, LONG_MS, &why);
	ck_assert_msg(channel != NULL, "%s", diag_first(&why));
	channel_close(channel);
	close(fd);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_refused, 1 },
		{ test_no_name, 1 },
		{ test_no_open_files_leak, 1 },
		{ test_flags, 1 },
		{ test_full_queue, 2 },
		{ test_queue_gets_room, 1 },
		{ test_no_answer, 1 },
		{ test_read_what_is_there, 1 },
		{ test_waiting, 1 },
		{ test_write_without_waiting, 1 },
		{ test_short_reads, 1 },
		{ test_trickle_ends, 1 },
		{ test_closed, 1 },
		{ test_partial_writes, 2 },
		{ test_nobody_reads, 1 },
		{ test_signals, 1 },
		{ test_names, 1 },
		{ test_inet6, 1 },
	};

	return table_run("channel", tests, COUNT(tests));
}
