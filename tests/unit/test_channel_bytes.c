/* What goes over a connection: whatever the other side does, it ends. */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "listening.h"
#include "table.h"

#define BIG_BYTES	(4u * 1024 * 1024)

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

/* Time limits as people say them. */
START_TEST(test_limits)
{
	static const struct {
		unsigned	 timeout_ms;
		const char	*why;
	} limits[] = {
		{ 20, "no answer within 20 milliseconds" },
		{ 1180, "no answer within 1 second" },
	};
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char byte;

	listen_unix(&f, 1);
	channel = pair(&f);
	for (int i = 0; i < COUNT(limits); i++) {
		ck_assert_int_eq(channel_read(channel, &byte, 1,
		    limits[i].timeout_ms, &why), -1);
		assert_why(&why, limits[i].why);
	}
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

/* What came with something else is not lost, and not overlooked. */
START_TEST(test_what_came_together)
{
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char bytes[4];

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(write(f.peer, "abcdef", 6), 6);
	ck_assert_int_eq(channel_read(channel, bytes, 2, 0, &why), 0);
	ck_assert_mem_eq(bytes, "ab", 2);
	close(f.peer);
	f.peer = -1;
	ck_assert(channel_waiting(channel));
	ck_assert_int_eq(channel_read(channel, bytes, 4, 0, &why), 0);
	ck_assert_mem_eq(bytes, "cdef", 4);
	ck_assert(!channel_waiting(channel));
	ck_assert_int_eq(channel_read(channel, bytes, 1, LONG_MS, &why), -1);
	assert_why(&why, "closed the connection");
	channel_close(channel);
	fixture_release(&f);
}
END_TEST

/* It can still be heard. */
START_TEST(test_finish)
{
	const struct timeval limit = { .tv_sec = LONG_MS / 1000 };
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	char bytes[4];

	if (_i == 0)
		listen_unix(&f, 1);
	else
		listen_inet(&f, 1);
	channel = pair(&f);
	setsockopt(f.peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ck_assert_int_eq(channel_write(channel, "Q", 1, 0, &why), 0);
	channel_finish(channel);
	ck_assert_int_eq(read(f.peer, bytes, 4), 1);
	ck_assert_int_eq(read(f.peer, bytes, 4), 0);
	ck_assert_int_eq(write(f.peer, "ab", 2), 2);
	ck_assert_int_eq(channel_read(channel, bytes, 2, LONG_MS, &why), 0);
	ck_assert_mem_eq(bytes, "ab", 2);
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

static void *
pour(void *arg)
{
	const struct fixture *f = arg;
	static char bytes[BIG_BYTES];

	for (size_t i = 0; i < BIG_BYTES; i++)
		bytes[i] = byte_at(i);
	for (size_t done = 0; done < BIG_BYTES;) {
		ssize_t n = write(f->peer, bytes + done, BIG_BYTES - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return NULL;
}

/* Little and much in turn, as heads and what follows them. */
START_TEST(test_sizes)
{
	static const size_t sizes[] = { 4, 1, 4, 1023, 4, 1024, 4, 1025, 4,
	    65536, 1, 300000 };
	static char bytes[300000];
	struct diag why = DIAG_INIT;
	struct channel *channel;
	struct fixture f;
	pthread_t thread;
	size_t done = 0;

	listen_unix(&f, 1);
	channel = pair(&f);
	ck_assert_int_eq(pthread_create(&thread, NULL, pour, &f), 0);
	for (int i = 0; done < BIG_BYTES; i++) {
		size_t len = sizes[i % COUNT(sizes)];

		if (len > BIG_BYTES - done)
			len = BIG_BYTES - done;
		ck_assert_int_eq(channel_read(channel, bytes, len, LONG_MS,
		    &why), 0);
		for (size_t j = 0; j < len; j++)
			if (bytes[j] != byte_at(done + j))
				ck_abort_msg("byte %zu", done + j);
		done += len;
	}
	pthread_join(thread, NULL);
	channel_close(channel);
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

int
main(void)
{
	const struct table_test tests[] = {
		{ test_no_answer, 1 },
		{ test_limits, 1 },
		{ test_read_what_is_there, 1 },
		{ test_waiting, 1 },
		{ test_what_came_together, 1 },
		{ test_finish, 2 },
		{ test_write_without_waiting, 1 },
		{ test_short_reads, 1 },
		{ test_trickle_ends, 1 },
		{ test_closed, 1 },
		{ test_partial_writes, 2 },
		{ test_sizes, 1 },
		{ test_nobody_reads, 1 },
		{ test_signals, 1 },
	};

	return table_run("channel_bytes", tests, COUNT(tests));
}
