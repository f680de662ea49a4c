/*
 * load - plays the MTA's side of the milter protocol, and measures the filter.
 *
 *	load [OPTIONS] SOCKET...
 *
 * Any number of SMTP sessions at once, out of one thread.  Several sockets are
 * several filters attached to one MTA.  Like an MTA it leaves out the steps
 * that a filter declined, waits for no answer where none was agreed, and sends
 * those macros that the filter asked for, or Postfix's own choice.  How packets
 * come to be written is told in load_steps.c, the options in usage below.
 *
 * What was measured goes to standard output as one JSON object.  latency_us is
 * of one message, from the connection that it opens, or its MAIL, to its last
 * answer; with --rate, from when it was due.  A round trip is each time that
 * the MTA waits for an answer, the negotiation included.  refused counts the
 * messages that a filter did not let pass, failed those that had no right
 * answer within 30 seconds: then the exit code is 1.
 */
#include "load.h"
#include "measure.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/diag.h"
#include "base/mem.h"

#define EVENTS_MAX	256
#define CHECK_NS	NS		/* how often deadlines are looked at */
#define OPENING_MAX	100		/* idle sessions at once */

static const char usage[] =
    "usage: load [OPTIONS] SOCKET...\n"
    "  --sessions=N        connections open at once (1)\n"
    "  --messages=N        in all (1000)\n"
    "  --per-connection=N  messages on each connection (1; 0: all of them)\n"
    "  --recipients=N      of each message (1)\n"
    "  --headers=N         fields of each message (12)\n"
    "  --body=BYTES        of each message (4096)\n"
    "  --subject=TEXT\n"
    "  --idle=N            further connections that stay silent after HELO\n"
    "  --seconds=S         as many messages as go in this time\n"
    "  --rate=R            messages a second in all (0: as fast as it goes)\n"
    "  --terms             only negotiate, and print what was agreed\n";

/* --- options --- */

static void
wrong_usage(const char *what)
{
	fprintf(stderr, "load: %s\n%s", what, usage);
	exit(2);
}

static unsigned long
take_count(const char *text, unsigned long low, unsigned long high)
{
	unsigned long number;

	if (!read_count(&number, text, low, high))
		wrong_usage("a number is out of range");
	return number;
}

static double
take_real(const char *text)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !(number >= 0 && number < 1e9))
		wrong_usage("a number is out of range");
	return number;
}

static void
take_sockets(struct load_options *options, char **names, size_t count)
{
	struct diag why = DIAG_INIT;

	if (count == 0)
		wrong_usage("a socket is needed");
	options->socket_count = count;
	options->sockets = xcalloc(count, sizeof(*options->sockets));
	for (size_t i = 0; i < count; i++)
		if (socket_parse(&options->sockets[i], names[i], &why) == -1)
			wrong_usage(diag_first(&why));
}

enum wish {
	WISH_SESSIONS = 1, WISH_MESSAGES, WISH_PER_CONNECTION,
	WISH_RECIPIENTS, WISH_HEADERS, WISH_BODY, WISH_SUBJECT,
	WISH_IDLE, WISH_SECONDS, WISH_RATE, WISH_TERMS
};

static const struct option names[] = {
	{ "sessions", required_argument, NULL, WISH_SESSIONS },
	{ "messages", required_argument, NULL, WISH_MESSAGES },
	{ "per-connection", required_argument, NULL, WISH_PER_CONNECTION },
	{ "recipients", required_argument, NULL, WISH_RECIPIENTS },
	{ "headers", required_argument, NULL, WISH_HEADERS },
	{ "body", required_argument, NULL, WISH_BODY },
	{ "subject", required_argument, NULL, WISH_SUBJECT },
	{ "idle", required_argument, NULL, WISH_IDLE },
	{ "seconds", required_argument, NULL, WISH_SECONDS },
	{ "rate", required_argument, NULL, WISH_RATE },
	{ "terms", no_argument, NULL, WISH_TERMS },
	{ NULL, 0, NULL, 0 }
};

static void
take_option(struct load_options *options, int wish, const char *text)
{
	switch (wish) {
	case WISH_SESSIONS:
		options->sessions = take_count(text, 1, 60000);
		break;
	case WISH_MESSAGES:
		options->messages = take_count(text, 1, ULONG_MAX - 1);
		break;
	case WISH_PER_CONNECTION:
		options->per_connection = take_count(text, 0, ULONG_MAX - 1);
		break;
	case WISH_RECIPIENTS:
		options->recipients = take_count(text, 1, 100000);
		break;
	case WISH_HEADERS:
		options->headers = take_count(text, 0, MESSAGE_HEADERS_MAX);
		break;
	case WISH_BODY:
		options->body_bytes = take_count(text, 0, 1ul << 30);
		break;
	case WISH_SUBJECT:
		options->subject = text;
		break;
	case WISH_IDLE:
		options->idle = take_count(text, 0, 60000);
		break;
	case WISH_SECONDS:
		options->seconds = take_real(text);
		options->messages = ULONG_MAX;
		break;
	case WISH_RATE:
		options->rate = take_real(text);
		break;
	case WISH_TERMS:
		options->only_terms = true;
		break;
	default:
		wrong_usage("no such option");
	}
}

static struct load_options
take_options(int argc, char **argv)
{
	struct load_options options = {
		.sessions = 1,
		.messages = 1000,
		.per_connection = 1,
		.recipients = 1,
		.headers = 12,
		.body_bytes = 4096,
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1)
		take_option(&options, option, optarg);
	take_sockets(&options, argv + optind, (size_t)(argc - optind));
	return options;
}

/* --- the run --- */

/* As many files as the system allows: each session needs one a filter. */
static int
epoll_wait_ms(const struct run *run, uint64_t now, uint64_t next_check)
{
	uint64_t until = session_due_ns(run);

	if (until > next_check)
		until = next_check;
	return until <= now ? 0 : (int)((until - now) / 1000000 + 1);
}

/* Waits once, and lets those sessions go on to which something happened. */
static void
run_turn(struct run *run, struct session **sessions, size_t count)
{
	static uint64_t next_check;
	struct epoll_event events[EVENTS_MAX];
	uint64_t now = now_ns();
	int ready;

	if (now >= next_check) {
		next_check = now + CHECK_NS;
		for (size_t i = 0; i < count; i++)
			session_check_time(sessions[i], now);
	}
	ready = epoll_wait(run->epoll, events, EVENTS_MAX,
	    epoll_wait_ms(run, now, next_check));
	for (int i = 0; i < ready; i++)
		session_event(events[i].data.ptr);
	while (session_start_due(run))
		;
}

static size_t
count_if(struct session *const *sessions, size_t count,
    bool (*is)(const struct session *))
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += is(sessions[i]) ? 1 : 0;
	return found;
}

static struct session **
sessions_new(struct run *run, size_t count, enum session_kind kind)
{
	struct session **sessions = xcalloc(count + 1, sizeof(*sessions));

	for (size_t i = 0; i < count; i++)
		sessions[i] = session_new(run, kind);
	return sessions;
}

static void
sessions_free(struct session **sessions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		session_free(sessions[i]);
	free(sessions);
}

/* Opens idle sessions, some at a time, until all are at their rest. */
static void
run_idle(struct run *run, struct session **idle, size_t count)
{
	size_t started = 0, rest = 0;

	while (rest < count) {
		while (started < count && started - rest < OPENING_MAX)
			session_start(idle[started++]);
		run_turn(run, idle, started);
		rest = count_if(idle, started, session_is_idle) +
		    count_if(idle, started, session_is_ended);
	}
}

static void
run_messages(struct run *run, struct session **busy, size_t count)
{
	run->began_ns = now_ns();
	run->ended_ns = run->began_ns;
	for (size_t i = 0; i < count; i++)
		session_start(busy[i]);
	while (count_if(busy, count, session_is_ended) < count)
		run_turn(run, busy, count);
}

/* --- results --- */

static void
print_terms(const struct agreed *agreed)
{
	const char *separator = "";

	if (agreed == NULL)
		return;
	printf("\"steps\": \"0x%06lx\", \"actions\": \"0x%03lx\", "
	    "\"symbols\": {", (unsigned long)agreed->terms.steps,
	    (unsigned long)agreed->terms.actions);
	for (int p = 0; p < MILTER_PLACE_COUNT; p++) {
		const char *list = agreed->terms.symbols[p];

		if (list == NULL)
			continue;
		printf("%s\"%s\": \"", separator,
		    place_name((enum milter_place)p));
		for (; *list != '\0'; list++)
			if (*list != '"' && *list != '\\' &&
			    (unsigned char)*list >= ' ')
				putchar(*list);
		putchar('"');
		separator = ", ";
	}
	putchar('}');
}

static void
print_result(const struct run *run, double own_cpu_s)
{
	double seconds = (double)(run->ended_ns - run->began_ns) / (double)NS;
	double messages = run->messages > 0 ? (double)run->messages : 1;
	double rate = seconds > 0 ? (double)run->messages / seconds : 0;

	sort_times(run->latency_ns, run->messages);
	printf("{\"messages\": %lu, \"failed\": %lu, \"refused\": %lu, "
	    "\"connections\": %lu, \"seconds\": %.6f, ", run->messages,
	    run->failed, run->refused, run->connections - run->options->idle,
	    seconds);
	printf("\"sessions_per_second\": %.3f, \"messages_per_second\": %.3f, "
	    "\"round_trips\": %lu, \"round_trips_per_message\": %.4f, ",
	    seconds > 0 ? (double)(run->connections - run->options->idle) /
	    seconds : 0, rate, run->round_trips,
	    (double)run->round_trips / messages);
	printf("\"latency_us\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, "
	    "\"max\": %.1f}, \"own_cpu_us_per_message\": %.3f%s",
	    percentile_us(run->latency_ns, run->messages, 50),
	    percentile_us(run->latency_ns, run->messages, 90),
	    percentile_us(run->latency_ns, run->messages, 99),
	    percentile_us(run->latency_ns, run->messages, 100),
	    own_cpu_s * 1e6 / messages, run->agreed != NULL ? ", " : "");
	print_terms(run->agreed);
	puts("}");
}

static void
only_terms(struct run *run)
{
	struct session **session = sessions_new(run, 1, SESSION_TERMS);

	session_start(session[0]);
	while (!session_is_ended(session[0]))
		run_turn(run, session, 1);
	putchar('{');
	print_terms(run->agreed);
	puts("}");
	sessions_free(session, 1);
}

static void
measure(struct run *run)
{
	size_t idle_count = run->options->idle;
	size_t busy_count = run->options->sessions;
	struct session **idle = sessions_new(run, idle_count, SESSION_IDLE);
	struct session **busy = sessions_new(run, busy_count, SESSION_BUSY);
	double cpu_s;

	run_idle(run, idle, idle_count);
	cpu_s = cpu_seconds();
	run_messages(run, busy, busy_count);
	print_result(run, cpu_seconds() - cpu_s);
	sessions_free(busy, busy_count);
	sessions_free(idle, idle_count);
}

int
main(int argc, char **argv)
{
	struct load_options options = take_options(argc, argv);
	struct content content;
	struct run run = { .options = &options, .content = &content };

	raise_files();
	content_init(&content, &options);
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (options.only_terms)
		only_terms(&run);
	else
		measure(&run);
	free(run.latency_ns);
	free(options.sockets);
	content_release(&content);
	return run.failed > 0 ? 1 : 0;
}
