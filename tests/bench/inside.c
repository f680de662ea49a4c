/*
 * inside - what the parts of the daemon cost, measured within one process.
 *
 *	inside [CASE[:FIGURE]...]
 *	inside --instructions CASE[:FIGURE]
 *
 * Prints one JSON object with an object for each case.  A case runs in a
 * process of its own, so that what one leaves in memory is not in the figures
 * of the next.  All that is drawn by lot is the same in each run.
 *
 * The time is the CPU time of the process, so that another program on the same
 * processor does not count; nothing here waits.  malloc() is counted in all
 * cases, not only in that of allocations, which costs each call a compare.
 * With --instructions the work is done once to warm up and once to be counted,
 * to be run like this:
 *
 *	valgrind --tool=callgrind --toggle-collect=inside_work \
 *	    inside --instructions lists:host_hit
 *
 * The cases, and their figures:
 *
 * lists	1,000,000 domains and 100,000 address blocks in two files.
 *		load_seconds, load_cpu_seconds (medians of some loads), rss_mib
 *		(what the loaded configuration takes), peak_mib (the same while
 *		it is loaded);
 *		for one look-up host_hit, host_miss, address_hit, address_miss,
 *		ip_hit, ip_miss; memory is one read that no cache has, as a
 *		look-up that finds something needs two or three
 * regexes	500 expressions on a subject of 60 and of 300 bytes: try_60,
 *		try_300 (plan_try(), what the expressions cost), end_60, end_300
 *		(a whole message, from MAIL to its end)
 * recognise	the cases of etc/recognise, one after the other: recognise
 *		(the words of a reply), unwrap (all, from its text on);
 *		per_second and unwrap_per_second
 * rewrite	the same as questions of Postfix's reject filter: answer,
 *		answers_per_second
 * policies	10, 1,000 and 10,000 policies of all kinds, none of which holds:
 *		connection_N, a connection with one message; message_N, one of
 *		many messages; and ratios to 10
 * allocations	what a message takes from the heap: see inside_allocations.c
 */
#include "inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/snapshot.h"

#define ROUNDS	5

static const struct {
	const char *name;
	void (*run)(struct inside *inside);
} cases[] = {
	{ "lists", inside_lists },
	{ "regexes", inside_regexes },
	{ "recognise", inside_recognise },
	{ "rewrite", inside_rewrite },
	{ "policies", inside_policies },
	{ "allocations", inside_allocations },
};

#define CASE_COUNT	(sizeof(cases) / sizeof(cases[0]))

void
inside_fail(const char *format, ...)
{
	va_list args;

	fputs("inside: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double
inside_cpu_seconds(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double
inside_wall_seconds(void)
{
	return seconds(CLOCK_MONOTONIC);
}

uint64_t
lot_below(struct lot *lot, uint64_t limit)
{
	lot->state ^= lot->state >> 12;
	lot->state ^= lot->state << 25;
	lot->state ^= lot->state >> 27;
	return lot->state * UINT64_C(0x2545f4914f6cdd1d) % limit;
}

void
lot_shuffle(struct lot *lot, void *items, size_t count, size_t size)
{
	char *bytes = items, kept[256];

	if (size > sizeof(kept))
		abort();
	for (size_t i = count; i > 1; i--) {
		char *one = bytes + (i - 1) * size;
		char *other = bytes + lot_below(lot, i) * size;

		memcpy(kept, one, size);
		memmove(one, other, size);
		memcpy(other, kept, size);
	}
}

struct snapshot *
inside_load(const char *text)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot = snapshot_load_text(text, "inside", &diag);

	if (snapshot == NULL) {
		struct strbuf said = STRBUF_INIT;

		diag_format(&diag, &said);
		inside_fail("%s", said.text);
	}
	diag_release(&diag);
	return snapshot;
}

bool
inside_wants(const struct inside *inside, const char *name)
{
	return inside->only == NULL || strcmp(inside->only, name) == 0;
}

void
inside_figure(struct inside *inside, const char *name, double value)
{
	printf("%s\n    \"%s\": %.10g", inside->figures++ > 0 ? "," : "",
	    name, value);
}

/* By this name callgrind knows what to count. */
__attribute__((noinline)) void inside_work(inside_work_fn *work, void *arg,
    size_t count);

void
inside_work(inside_work_fn *work, void *arg, size_t count)
{
	work(arg, count);
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
inside_median(double *values, size_t count)
{
	qsort(values, count, sizeof(values[0]), compare_doubles);
	return values[count / 2];
}

double
inside_measure(struct inside *inside, const char *name, inside_work_fn *work,
    void *arg, size_t count)
{
	double rounds[ROUNDS], ns;
	char figure[100];

	if (!inside_wants(inside, name))
		return 0;
	work(arg, inside->instructions ? 1 : count);
	if (inside->instructions) {
		inside_work(work, arg, count);
		inside_figure(inside, name, (double)count);
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++) {
		double began = inside_cpu_seconds();

		inside_work(work, arg, count);
		rounds[i] = (inside_cpu_seconds() - began) / (double)count;
	}
	ns = inside_median(rounds, ROUNDS) * 1e9;
	snprintf(figure, sizeof(figure), "%s_ns", name);
	inside_figure(inside, figure, ns);
	return ns;
}

static void
run_case(struct inside *inside, const char *wanted)
{
	char name[50];
	size_t len = strcspn(wanted, ":");

	snprintf(name, sizeof(name), "%.*s", (int)len, wanted);
	inside->only = wanted[len] == ':' ? wanted + len + 1 : NULL;
	for (size_t i = 0; i < CASE_COUNT; i++)
		if (strcmp(cases[i].name, name) == 0) {
			printf("  \"%s\": {", name);
			cases[i].run(inside);
			printf("\n  }");
			fflush(stdout);
			return;
		}
	inside_fail("there is no case \"%s\"", name);
}

static void
run_apart(const char *wanted)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == -1)
		inside_fail("cannot start a process");
	if (child == 0) {
		run_case(&(struct inside){ .only = NULL }, wanted);
		_exit(0);
	}
	if (waitpid(child, &status, 0) == -1 || status != 0)
		inside_fail("case \"%s\" failed", wanted);
}

int
main(int argc, char **argv)
{
	const char *all[CASE_COUNT], *const *wanted = all;
	size_t count = CASE_COUNT;

	for (size_t i = 0; i < CASE_COUNT; i++)
		all[i] = cases[i].name;
	if (argc > 1 && strcmp(argv[1], "--instructions") == 0) {
		if (argc != 3)
			inside_fail("--instructions is for one case");
		printf("{\n");
		run_case(&(struct inside){ .instructions = true }, argv[2]);
		printf("\n}\n");
		return 0;
	}
	if (argc > 1) {
		wanted = (const char *const *)argv + 1;
		count = (size_t)argc - 1;
	}
	printf("{\n");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			printf(",\n");
		run_apart(wanted[i]);
	}
	printf("\n}\n");
	return 0;
}
