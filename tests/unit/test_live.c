/* test_live - the configuration in force, while it is replaced. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/live.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "policy/plan.h"
#include "policy/policy.h"
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
	return live_new(first);
}

static void
live_close(struct live *live)
{
	live_free(live);
	unlink(path);
}

/* Loads the file again, and puts it in force unless it has errors. */
static int
live_reload(struct live *live, struct diag *diag)
{
	struct snapshot *before = live_get(live);
	struct snapshot *fresh = snapshot_load_again(path, before, diag);

	snapshot_put(before);
	if (fresh == NULL)
		return -1;
	live_swap(live, fresh);
	return 0;
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

/*
 * What is done between two loads to a list of "a.example" and "b.example" and
 * its configuration, and whether the entries are then still the same: if so
 * they are taken over, if not all of it is read.
 */
#define SITE	"site: { contact = \"postmaster@example.com\"; };"
#define CONF(list, more)	SITE "lists: { " list " };" \
	"policies: ( { name = \"p\"; when = { helo = \"@hosts\"; };" \
	"reject = \"bad-helo\"; } " more ");"
#define LIST		"hosts = { file = \"hosts\"; };"
#define WITH(entries)	"hosts = { file = \"hosts\"; entries = [ " entries \
	" ]; };"
/* Puts other bytes into the file without a trace in its size and times. */
#define OTHER		"printf 'a.example\nc.example\n'"
#define SET_BACK	"touch -r was "

static const struct {
	const char	*name;
	const char	*first;		/* configuration */
	const char	*change;	/* a command */
	const char	*second;
	bool		 same;
	const char	*hosts;		/* that then match, of a to d */
} lists[] = {
	{ "nothing", CONF(LIST, ""), "true", CONF(LIST, ""), true, "ab" },
	{ "touched", CONF(LIST, ""), "touch -d 2001-01-01 hosts",
	    CONF(LIST, ""), true, "ab" },
	{ "copied", CONF(LIST, ""), "cp hosts new && mv new hosts",
	    CONF(LIST, ""), true, "ab" },
	{ "other policies", CONF(LIST, ""), "true", CONF(LIST,
	    ", { name = \"q\"; when = { hops = \"> 50\"; }; accept = true; }"),
	    true, "ab" },
	{ "other list", CONF(LIST, ""), "true", CONF("x = [ \"d\" ];" LIST,
	    ""), true, "ab" },
	{ "edited in place", CONF(LIST, ""), OTHER " >hosts; " SET_BACK
	    "hosts", CONF(LIST, ""), false, "ac" },
	{ "replaced", CONF(LIST, ""), OTHER " >new; " SET_BACK "new; "
	    "mv new hosts", CONF(LIST, ""), false, "ac" },
	{ "longer", CONF(LIST, ""), "echo d.example >>hosts", CONF(LIST, ""),
	    false, "abd" },
	{ "shorter", CONF(LIST, ""), "truncate -s 10 hosts", CONF(LIST, ""),
	    false, "a" },
	{ "empty", CONF(LIST, ""), ": >hosts", CONF(LIST, ""), false, "" },
	{ "other name", CONF(LIST, ""), "cp hosts h",
	    CONF("hosts = { file = \"h\"; };", ""), false, "ab" },
	{ "entries", CONF(WITH("\"c.example\""), ""), "true",
	    CONF(WITH("\"c.example\""), ""), true, "abc" },
	{ "other entries", CONF(WITH("\"c.example\""), ""), "true",
	    CONF(WITH("\"d.example\""), ""), false, "abd" },
	{ "entries elsewhere", CONF(WITH("\"c.example\""), ""), "true",
	    CONF("\n" WITH("\"c.example\""), ""), false, "abc" },
	{ "more entries", CONF(LIST, ""), "true",
	    CONF(WITH("\"c.example\""), ""), false, "abc" },
	{ "no file any more", CONF(LIST, ""), "true",
	    CONF("hosts = [ \"b.example\" ];", ""), false, "b" },
};

/* The list that the first policy has. */
static const struct matcher *
hosts_of(struct snapshot *snapshot)
{
	const struct policy *policy = plan_at(snapshot_rules(snapshot)->plan,
	    0);

	return policy->when.groups[0].conditions[0].patterns[0].list->matcher;
}

/* "ab" where a.example and b.example match. */
static void
hosts_that_match(const struct matcher *matcher, char out[5])
{
	for (char c = 'a'; c <= 'd'; c++) {
		const char host[] = { c, '.', 'e', 'x', 'a', 'm', 'p', 'l',
		    'e', '\0' };
		const struct operand operand = {
			.subject = SUBJECT_HOST,
			.text = host,
			.len = strlen(host),
		};
		uint32_t number;

		if (matcher_match(matcher, &operand, &number) == TRUTH_YES)
			*out++ = c;
	}
	*out = '\0';
}

static struct snapshot *
load(const char *text, const struct snapshot *before)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;

	strcpy(path, "x.conf");
	file_write(text);
	snapshot = snapshot_load_again(path, before, &diag);
	ck_assert_str_eq(diag_first(&diag), "");
	ck_assert_ptr_nonnull(snapshot);
	return snapshot;
}

START_TEST(test_lists)
{
	char folder[] = "/tmp/test_live.XXXXXX", found[5];
	const struct matcher *matcher;
	struct snapshot *first, *second, *third;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(system("printf 'a.example\nb.example\n' >hosts; "
	    "touch -r hosts was"), 0);
	first = load(lists[_i].first, NULL);
	matcher = hosts_of(first);
	ck_assert_int_eq(system(lists[_i].change), 0);
	second = load(lists[_i].second, first);
	ck_assert_msg((hosts_of(second) == matcher) == lists[_i].same, "%s",
	    lists[_i].name);
	/* What was taken over outlives those that it was taken from. */
	snapshot_put(first);
	third = load(lists[_i].second, second);
	snapshot_put(second);
	hosts_that_match(hosts_of(third), found);
	ck_assert_str_eq(found, lists[_i].hosts);
	snapshot_put(third);
	ck_assert_int_eq(system("rm *"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* An entry that can never match is told at each load. */
START_TEST(test_warnings_stay)
{
	static const char text[] = SITE
	    "lists: { hosts = { file = \"hosts\"; }; };"
	    "policies: ( { name = \"p\"; when = { client_ip = \"@hosts\"; };"
	    "reject = \"client-refused\"; } );";
	char folder[] = "/tmp/test_live.XXXXXX";
	struct snapshot *before = NULL;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(system("printf '192.0.2.1\nb.example\n' >hosts"), 0);
	strcpy(path, "x.conf");
	file_write(text);
	for (int i = 0; i < 3; i++) {
		struct diag diag = DIAG_INIT;
		struct snapshot *snapshot = snapshot_load_again(path, before,
		    &diag);

		ck_assert_uint_eq(diag.count, 1);
		ck_assert_str_eq(diag_first(&diag), "\"b.example\" in list "
		    "\"hosts\" can never match here: it is no IP address or "
		    "address block");
		ck_assert_str_eq(diag.messages[0].file, "hosts");
		ck_assert_uint_eq(diag.messages[0].line, 2);
		diag_release(&diag);
		if (before != NULL)
			snapshot_put(before);
		before = snapshot;
	}
	snapshot_put(before);
	ck_assert_int_eq(system("rm *"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void
count_one(void *arg)
{
	_Atomic int *count = arg;

	atomic_fetch_add(count, 1);
}

/* Nobody who puts the last reference frees: that is done apart. */
START_TEST(test_retired)
{
	_Atomic int told = 0;
	struct retired retired = { .notify = count_one, .arg = &told };
	struct live *live = live_open();
	struct snapshot *held;

	for (int i = 0; i < 3; i++) {
		struct diag diag = DIAG_INIT;
		struct snapshot *snapshot = snapshot_load(path, &diag);

		ck_assert_ptr_nonnull(snapshot);
		snapshot_retire_to(snapshot, &retired);
		live_swap(live, snapshot);
	}
	ck_assert_int_eq(told, 2);
	held = live_get(live);
	retired_free(&retired);
	ck_assert_ptr_null(retired.newest);
	live_close(live);
	ck_assert_int_eq(told, 2);
	snapshot_put(held);
	ck_assert_int_eq(told, 3);
	ck_assert_ptr_eq(retired.newest, held);
	retired_free(&retired);
	retired_free(&retired);
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
		{ test_file_gone, 1 }, { test_lists, COUNT(lists) },
		{ test_warnings_stay, 1 }, { test_retired, 1 },
		{ test_threads, 1 },
	};

	return table_run("live", tests, COUNT(tests));
}
