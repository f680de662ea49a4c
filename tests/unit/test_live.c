/* test_live - the configuration in force, while it is replaced. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "policy/plan.h"
#include "session/rules.h"
#include "table.h"

#define READERS	6
#define RELOADS	60

static char path[] = "/tmp/test_live.XXXXXX";

static void
file_write(const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

/* A configuration that is recognised again: n policies, a timeout of n. */
static void
file_write_number(int n)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "daemon: { timeout = %d; };\n"
	    "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( ", n);
	for (int i = 0; i < n; i++)
		strbuf_addf(&text, "%s{ name = \"p%d\"; when = { helo = "
		    "\"h%d\"; }; reject = \"bad-helo\"; }\n",
		    i > 0 ? ", " : "", i, i);
	strbuf_adds(&text, ");\n");
	file_write(text.text);
	strbuf_release(&text);
}

static struct live *
live_open(void)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *first;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	file_write_number(10);
	first = snapshot_load(path, &diag);
	ck_assert_str_eq(diag_first(&diag), "");
	return live_new(path, first);
}

static void
live_close(struct live *live)
{
	live_free(live);
	unlink(path);
}

static uint64_t
timeout_of(struct live *live)
{
	struct snapshot *snapshot = live_get(live);
	uint64_t timeout_s = snapshot_settings(snapshot)->daemon.timeout_s;

	snapshot_put(snapshot);
	return timeout_s;
}

START_TEST(test_reload)
{
	struct live *live = live_open();
	struct snapshot *before = live_get(live);
	struct diag diag = DIAG_INIT;

	file_write_number(11);
	ck_assert_int_eq(live_reload(live, &diag), 0);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_uint_eq(timeout_of(live), 11);
	/* A session that began before goes on with what it has. */
	ck_assert_uint_eq(snapshot_settings(before)->daemon.timeout_s, 10);
	snapshot_put(before);
	live_close(live);
}
END_TEST

/* What must leave the old configuration in force, and what it says. */
static const struct {
	const char *text, *said;
} refused[] = {
	{ "daemon: { timeout = 20; usr = \"x\"; };\n",
	    "unknown setting \"usr\" in daemon; did you mean \"user\"?" },
	{ "daemon: { timeout = 20; \n",
	    "this { is never closed; write } behind the last thing in it" },
	{ "daemon: { timeout = 20; };\n"
	  "expect: ( { name = \"x\"; discard = true; } );\n",
	    "expect \"x\": this mail must have discard = true, but it is "
	    "accepted, as no policy decides" },
};

START_TEST(test_refused)
{
	struct live *live = live_open();
	struct diag diag = DIAG_INIT;

	file_write(refused[_i].text);
	ck_assert_int_eq(live_reload(live, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), refused[_i].said);
	ck_assert_uint_eq(timeout_of(live), 10);
	diag_release(&diag);
	live_close(live);
}
END_TEST

START_TEST(test_file_gone)
{
	struct live *live = live_open();
	struct diag diag = DIAG_INIT;

	unlink(path);
	ck_assert_int_eq(live_reload(live, &diag), -1);
	ck_assert_ptr_nonnull(strstr(diag_first(&diag),
	    "there is no such file"));
	ck_assert_uint_eq(timeout_of(live), 10);
	diag_release(&diag);
	live_close(live);
}
END_TEST

struct crowd {
	struct live *live;
	_Atomic bool stop;
};

/* Sees whole configurations only: the timeout is the number of policies. */
static void *
reader(void *arg)
{
	struct crowd *crowd = arg;
	size_t wrong = 0;

	while (!atomic_load(&crowd->stop)) {
		struct snapshot *s = live_get(crowd->live);
		const struct plan *plan = snapshot_rules(s)->plan;

		wrong += plan_count(plan) !=
		    snapshot_settings(s)->daemon.timeout_s;
		for (size_t i = 0; i < plan_count(plan); i++)
			wrong += plan_at(plan, i)->name[0] != 'p';
		snapshot_put(s);
	}
	return wrong == 0 ? NULL : crowd;
}

START_TEST(test_threads)
{
	struct crowd crowd = { .live = live_open() };
	pthread_t threads[READERS];

	for (int i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, reader,
		    &crowd), 0);
	for (int n = 0; n < RELOADS; n++) {
		struct diag diag = DIAG_INIT;

		file_write_number(10 + n % 7);
		ck_assert_int_eq(live_reload(crowd.live, &diag), 0);
		diag_release(&diag);
	}
	atomic_store(&crowd.stop, true);
	for (int i = 0; i < READERS; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	live_close(crowd.live);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_reload, 1 }, { test_refused, COUNT(refused) },
		{ test_file_gone, 1 }, { test_threads, 1 },
	};

	return table_run("live", tests, COUNT(tests));
}
