/* Connections to milters behind us: how they come about, or do not. */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>

#include "listening.h"
#include "table.h"

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
		{ test_names, 1 },
		{ test_inet6, 1 },
	};

	return table_run("channel", tests, COUNT(tests));
}
