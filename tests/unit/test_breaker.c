/* How milters behind us are doing: who may ask when, and what the log says. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "session/milter.h"
#include "world/breaker.h"
#include "capture.h"
#include "table.h"

static const struct milter milter = {
	.name = "rspamd",
	.socket = "inet:11332@127.0.0.1",
	.rest_ms = 12000,
	.failures_max = 3,
};

/* OLD_...: over a connection that was begun before all else. */
enum { ALLOWS, RESTS, WORKED, OLD_WORKED, LEFT, OLD_LEFT, FAILED };

struct step {
	uint64_t	 at_ms;
	int		 what;
	const char	*why;		/* of RESTS */
};

static const struct {
	const char	*name;
	struct step	 steps[16];
	const char	*log;		/* with the counters at its end */
} cases[] = {
	{ "all is well", {
		{ 1000, ALLOWS, NULL },
		{ 1000, WORKED, NULL },
		{ 2000, ALLOWS, NULL },
		{ 2000, WORKED, NULL },
	}, "event=counters source=\"milter rspamd\" asked=2 failed=0 "
	    "missed=0\n" },
	{ "a failure, and it works: one line each time", {
		{ 1000, FAILED, NULL },
		{ 1001, FAILED, NULL },
		{ 1002, WORKED, NULL },
		{ 1003, FAILED, NULL },
		{ 1004, FAILED, NULL },
		{ 1005, ALLOWS, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=counters source=\"milter rspamd\" asked=5 failed=4 "
	    "missed=0\n" },
	{ "down, tried once, and up", {
		{ 1000, FAILED, NULL },
		{ 1000, FAILED, NULL },
		{ 1000, FAILED, NULL },
		{ 1000, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 12000, RESTS, "it failed 3 times, it is asked again in 1 "
		    "second" },
		{ 12999, RESTS, "it failed 3 times, it is asked again in 1 "
		    "second" },
		{ 13000, ALLOWS, NULL },
		{ 13001, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 13002, WORKED, NULL },
		{ 13003, ALLOWS, NULL },
		{ 13003, WORKED, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=milter name=rspamd state=up down_s=13 missed=4 text=\"it "
	    "works again after 13 seconds; it was not asked 4 "
	    "times\"\n"
	    "event=counters source=\"milter rspamd\" asked=5 failed=3 "
	    "missed=4\n" },
	{ "the try fails: it rests again, and nobody is told", {
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 12000, ALLOWS, NULL },
		{ 15000, FAILED, NULL },
		{ 26999, RESTS, "it failed 4 times, it is asked again in 1 "
		    "second" },
		{ 27000, ALLOWS, NULL },
		{ 27000, WORKED, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=milter name=rspamd state=up down_s=27 missed=1 text=\"it "
	    "works again after 27 seconds; it was not asked 1 "
	    "time\"\n"
	    "event=counters source=\"milter rspamd\" asked=5 failed=4 "
	    "missed=1\n" },
	{ "who tries and never says: another may", {
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 12000, ALLOWS, NULL },
		{ 23999, RESTS, "it failed 3 times, it is asked again in 1 "
		    "second" },
		{ 24000, ALLOWS, NULL },
		{ 24001, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=counters source=\"milter rspamd\" asked=3 failed=3 "
	    "missed=2\n" },
	{ "a connection from before ends no rest", {
		{ 1000, FAILED, NULL },
		{ 1000, OLD_WORKED, NULL },
		{ 1000, FAILED, NULL },
		{ 1000, FAILED, NULL },
		{ 1000, FAILED, NULL },
		{ 1001, OLD_WORKED, NULL },
		{ 1001, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 13000, ALLOWS, NULL },
		{ 13001, OLD_WORKED, NULL },
		{ 13001, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 13002, WORKED, NULL },
		{ 13002, ALLOWS, NULL },
		{ 13002, ALLOWS, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=milter name=rspamd state=up down_s=13 missed=2 text=\"it "
	    "works again after 13 seconds; it was not asked 2 "
	    "times\"\n"
	    "event=counters source=\"milter rspamd\" asked=8 failed=4 "
	    "missed=2\n" },
	{ "who only knocks ends neither a row of failures nor a rest", {
		{ 0, FAILED, NULL },
		{ 1, LEFT, NULL },
		{ 2, FAILED, NULL },
		{ 3, LEFT, NULL },
		{ 4, FAILED, NULL },
		{ 5, LEFT, NULL },
		{ 5, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 12004, ALLOWS, NULL },
		{ 12005, OLD_LEFT, NULL },
		{ 12006, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=counters source=\"milter rspamd\" asked=3 failed=3 "
	    "missed=2\n" },
	{ "who tries and only knocks: another may at once", {
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 12000, ALLOWS, NULL },
		{ 12001, LEFT, NULL },
		{ 12002, ALLOWS, NULL },
		{ 12003, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 12004, FAILED, NULL },
		{ 12005, LEFT, NULL },
		{ 12006, RESTS, "it failed 4 times, it is asked again in 12 "
		    "seconds" },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=counters source=\"milter rspamd\" asked=4 failed=4 "
	    "missed=2\n" },
	{ "a second rest counts from its own beginning", {
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 1, RESTS, "it failed 3 times, it is asked again in 12 "
		    "seconds" },
		{ 12000, ALLOWS, NULL },
		{ 12000, WORKED, NULL },
		{ 20000, FAILED, NULL },
		{ 20000, FAILED, NULL },
		{ 20000, FAILED, NULL },
		{ 32000, ALLOWS, NULL },
		{ 35000, WORKED, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=milter name=rspamd state=up down_s=12 missed=1 text=\"it "
	    "works again after 12 seconds; it was not asked 1 "
	    "time\"\n"
	    "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=milter name=rspamd state=up down_s=15 missed=0 text=\"it "
	    "works again after 15 seconds; it was not asked 0 "
	    "times\"\n"
	    "event=counters source=\"milter rspamd\" asked=8 failed=6 "
	    "missed=1\n" },
	{ "late failures make the rest no longer", {
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 0, FAILED, NULL },
		{ 11000, FAILED, NULL },
		{ 12000, ALLOWS, NULL },
	}, "event=milter level=warning name=rspamd state=failing failures=1 "
	    "text=\"no answer\"\n"
	    "event=milter level=warning name=rspamd state=down failures=3 "
	    "text=\"no answer\"\n"
	    "event=counters source=\"milter rspamd\" asked=4 failed=4 "
	    "missed=0\n" },
};

static void
take_step(struct breaker *breaker, const struct step *step)
{
	struct diag why = DIAG_INIT;

	switch (step->what) {
	case WORKED:
		breaker_worked(breaker, &milter, step->at_ms, step->at_ms);
		return;
	case OLD_WORKED:
		breaker_worked(breaker, &milter, 0, step->at_ms);
		return;
	case LEFT:
		breaker_left(breaker, &milter, step->at_ms, step->at_ms);
		return;
	case OLD_LEFT:
		breaker_left(breaker, &milter, 0, step->at_ms);
		return;
	case FAILED:
		breaker_failed(breaker, &milter, step->at_ms, "no answer");
		return;
	case RESTS:
		ck_assert(!breaker_allows(breaker, &milter, step->at_ms,
		    &why));
		ck_assert_str_eq(diag_first(&why), step->why);
		break;
	case ALLOWS:
		ck_assert_msg(breaker_allows(breaker, &milter, step->at_ms,
		    &why), "%s", diag_first(&why));
		break;
	}
	diag_release(&why);
}

/* A step of an unused place has at_ms 0 and what ALLOWS, as the first may. */
START_TEST(test_steps)
{
	struct breaker *breaker = breaker_new();
	struct capture capture = capture_begin();
	char text[2000];

	for (size_t i = 0; i < 16; i++) {
		const struct step *step = &cases[_i].steps[i];

		if (i > 0 && step->what == ALLOWS && step->at_ms == 0)
			break;
		take_step(breaker, step);
	}
	breaker_log(breaker);
	capture_end(&capture, text, sizeof(text));
	ck_assert_msg(strcmp(text, cases[_i].log) == 0, "%s:\n%s",
	    cases[_i].name, text);
	breaker_free(breaker);
}
END_TEST

START_TEST(test_one_failure_is_enough)
{
	const struct milter strict = {
		.name = "a b",
		.socket = "unix:/run/a",
		.rest_ms = 500,
		.failures_max = 1,
	};
	struct breaker *breaker = breaker_new();
	struct capture capture = capture_begin();
	struct diag why = DIAG_INIT;
	char text[400];

	breaker_failed(breaker, &strict, 7, "\n\"x\"");
	ck_assert(!breaker_allows(breaker, &strict, 506, &why));
	ck_assert_str_eq(diag_first(&why), "it failed 1 time, it is asked "
	    "again in 1 second");
	ck_assert(breaker_allows(breaker, &strict, 507, &why));
	capture_end(&capture, text, sizeof(text));
	ck_assert_str_eq(text, "event=milter level=warning name=\"a b\" "
	    "state=down failures=1 text=\"\\x0a\\\"x\\\"\"\n");
	diag_release(&why);
	breaker_free(breaker);
}
END_TEST

/* The clock of one thread may have been read before that of another. */
START_TEST(test_clock_of_another_thread)
{
	struct breaker *breaker = breaker_new();
	struct capture capture = capture_begin();
	char text[1000];

	for (int i = 0; i < 3; i++)
		breaker_failed(breaker, &milter, 9000, "no answer");
	breaker_worked(breaker, &milter, 9001, 1000);
	capture_end(&capture, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "state=up down_s=0 missed=0"));
	breaker_free(breaker);
}
END_TEST

/* Another socket is another milter, even of the same name. */
START_TEST(test_apart)
{
	const struct milter moved = {
		.name = "rspamd",
		.socket = "inet:11333@127.0.0.1",
		.rest_ms = 12000,
		.failures_max = 3,
	};
	struct breaker *breaker = breaker_new();
	struct capture capture = capture_begin();
	struct diag why = DIAG_INIT;
	char text[1000];

	for (int i = 0; i < 3; i++)
		breaker_failed(breaker, &milter, 0, "no answer");
	ck_assert(breaker_allows(breaker, &moved, 0, &why));
	ck_assert(!breaker_allows(breaker, &milter, 0, &why));
	capture_end(&capture, text, sizeof(text));
	diag_release(&why);
	breaker_free(breaker);
}
END_TEST

/* What was not used for longest makes room; the one at rest stays. */
START_TEST(test_bounded)
{
	struct breaker *breaker = breaker_new();
	struct capture capture = capture_begin();
	struct diag why = DIAG_INIT;
	char text[BREAKER_MILTERS_MAX * 100];
	unsigned lines = 0;

	for (int i = 0; i < 3; i++)
		breaker_failed(breaker, &milter, 1, "no answer");
	for (unsigned i = 0; i < 3 * BREAKER_MILTERS_MAX; i++) {
		char name[16];
		const struct milter other = { .name = name, .socket = "" };

		snprintf(name, sizeof(name), "m%u", i);
		breaker_worked(breaker, &other, i + 2, i + 2);
		ck_assert(!breaker_allows(breaker, &milter, i + 2, &why));
	}
	breaker_log(breaker);
	capture_end(&capture, text, sizeof(text));
	for (const char *at = text; (at = strstr(at, "event=counters")) !=
	    NULL; at++)
		lines++;
	ck_assert_uint_eq(lines, BREAKER_MILTERS_MAX);
	diag_release(&why);
	breaker_free(breaker);
}
END_TEST

#define THREADS	8
#define ROUNDS	500

struct crowd {
	struct breaker	*breaker;
	uint64_t	 at_ms;
	int		 rounds;
	atomic_int	 allowed, missed;
};

static void *
ask(void *arg)
{
	struct crowd *crowd = arg;

	for (int i = 0; i < crowd->rounds; i++) {
		struct diag why = DIAG_INIT;

		if (breaker_allows(crowd->breaker, &milter, crowd->at_ms,
		    &why)) {
			atomic_fetch_add(&crowd->allowed, 1);
			breaker_failed(crowd->breaker, &milter, crowd->at_ms,
			    "no answer");
		} else
			atomic_fetch_add(&crowd->missed, 1);
		diag_release(&why);
	}
	return NULL;
}

static void
run_crowd(struct crowd *crowd)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, crowd),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(test_crowd)
{
	struct breaker *breaker = breaker_new();
	struct crowd first = {
		.breaker = breaker, .at_ms = 1, .rounds = ROUNDS,
	};
	struct crowd second = {
		.breaker = breaker, .at_ms = 12001, .rounds = ROUNDS,
	};
	struct capture capture = capture_begin();
	char text[2000], want[200];
	int allowed, missed;

	run_crowd(&first);
	run_crowd(&second);
	breaker_log(breaker);
	capture_end(&capture, text, sizeof(text));
	/* Before it rests, each thread may be within a try of its own. */
	ck_assert_int_ge(atomic_load(&first.allowed), 3);
	ck_assert_int_lt(atomic_load(&first.allowed), 3 + THREADS);
	ck_assert_int_eq(atomic_load(&second.allowed), 1);
	allowed = atomic_load(&first.allowed) + 1;
	missed = atomic_load(&first.missed) + atomic_load(&second.missed);
	ck_assert_int_eq(allowed + missed, 2 * THREADS * ROUNDS);
	snprintf(want, sizeof(want), "event=counters source=\"milter rspamd\" "
	    "asked=%d failed=%d missed=%d\n", allowed, allowed, missed);
	ck_assert_ptr_nonnull(strstr(text, want));
	ck_assert_ptr_nonnull(strstr(text, "state=down"));
	ck_assert_ptr_null(strstr(strstr(text, "state=down") + 1,
	    "state=down"));
	breaker_free(breaker);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_steps, COUNT(cases) },
		{ test_one_failure_is_enough, 1 },
		{ test_clock_of_another_thread, 1 },
		{ test_apart, 1 },
		{ test_bounded, 1 },
		{ test_crowd, 1 },
	};

	return table_run("breaker", tests, COUNT(tests));
}
