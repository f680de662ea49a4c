/* Descriptors that can go on, of pipes and of pairs of sockets. */
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world/ready.h"
#include "table.h"

struct pair {
	int	ours, theirs;
};

static struct pair
pair_new(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    ends), 0);
	return (struct pair){ .ours = ends[0], .theirs = ends[1] };
}

static void
pair_close(struct pair *pair)
{
	close(pair->ours);
	close(pair->theirs);
}

/* Until nothing more goes into it. */
static void
fill(int fd)
{
	static const char zeros[4096];

	while (send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) > 0)
		continue;
}

static void
drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

START_TEST(test_read)
{
	struct ready *ready = ready_new();
	struct pair one = pair_new(), other = pair_new();
	void *whats[READY_MAX];

	ck_assert_ptr_nonnull(ready);
	ck_assert_int_eq(ready_add(ready, one.ours, READY_READ, &one), 0);
	ck_assert_int_eq(ready_add(ready, other.ours, READY_READ, &other), 0);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	ck_assert_int_eq(ready_wait(ready, whats, 10), 0);
	ck_assert_int_eq(write(other.theirs, "ab", 2), 2);
	/* As long as it is so. */
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
		ck_assert_ptr_eq(whats[0], &other);
	}
	drain(other.ours);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	ready_remove(ready, other.ours);
	ck_assert_int_eq(write(other.theirs, "ab", 2), 2);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	pair_close(&one);
	pair_close(&other);
	ready_free(ready);
}
END_TEST

START_TEST(test_change)
{
	struct ready *ready = ready_new();
	struct pair pair = pair_new();
	void *whats[READY_MAX];

	ck_assert_int_eq(ready_add(ready, pair.ours, READY_READ, &pair), 0);
	fill(pair.ours);
	ck_assert_int_eq(write(pair.theirs, "ab", 2), 2);
	ck_assert_int_eq(ready_change(ready, pair.ours, READY_WRITE, &pair),
	    0);
	/* What could be read does not count now. */
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	drain(pair.theirs);
	ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
	ck_assert_ptr_eq(whats[0], &pair);
	ck_assert_int_eq(ready_change(ready, pair.ours, READY_READ, NULL), 0);
	ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
	ck_assert_ptr_null(whats[0]);
	pair_close(&pair);
	ready_free(ready);
}
END_TEST

START_TEST(test_closed)
{
	struct ready *ready = ready_new();
	struct pair pair = pair_new(), full = pair_new();
	void *whats[READY_MAX];
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(ready_add(ready, ends[0], READY_READ, ends), 0);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	close(ends[1]);
	ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
	ck_assert_ptr_eq(whats[0], ends);
	ready_remove(ready, ends[0]);

	ck_assert_int_eq(ready_add(ready, pair.ours, READY_READ, &pair), 0);
	close(pair.theirs);
	ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
	ck_assert_ptr_eq(whats[0], &pair);
	close(pair.ours);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);

	fill(full.ours);
	ck_assert_int_eq(ready_add(ready, full.ours, READY_WRITE, &full), 0);
	ck_assert_int_eq(ready_wait(ready, whats, 0), 0);
	close(full.theirs);
	ck_assert_int_eq(ready_wait(ready, whats, -1), 1);
	ck_assert_ptr_eq(whats[0], &full);
	close(full.ours);
	close(ends[0]);
	ready_free(ready);
}
END_TEST

/* More than are told at once: each has its turn. */
START_TEST(test_many)
{
	struct ready *ready = ready_new();
	struct pair pairs[3 * READY_MAX];
	bool told[3 * READY_MAX] = { false };
	void *whats[READY_MAX];
	int all = 0, count;

	for (int i = 0; i < COUNT(pairs); i++) {
		pairs[i] = pair_new();
		ck_assert_int_eq(write(pairs[i].theirs, "a", 1), 1);
		ck_assert_int_eq(ready_add(ready, pairs[i].ours, READY_READ,
		    &pairs[i]), 0);
	}
	while ((count = ready_wait(ready, whats, 0)) > 0) {
		ck_assert_int_le(count, READY_MAX);
		for (int i = 0; i < count; i++) {
			struct pair *pair = whats[i];

			ck_assert(!told[pair - pairs]);
			told[pair - pairs] = true;
			drain(pair->ours);
			all++;
		}
	}
	ck_assert_int_eq(all, COUNT(pairs));
	for (int i = 0; i < COUNT(pairs); i++)
		pair_close(&pairs[i]);
	ready_free(ready);
	ready_free(NULL);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_read, 1 },
		{ test_change, 1 },
		{ test_closed, 1 },
		{ test_many, 1 },
	};

	return table_run("ready", tests, COUNT(tests));
}
