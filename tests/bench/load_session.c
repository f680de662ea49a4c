/*
 * A session's life: one message after another, until there are no more.
 *
 * The position in the session moves on before an answer is waited for, so that
 * whatever comes goes on from there.
 */
#include "load_session.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define TIMEOUT_NS	(30 * NS)
#define FAILED_SAID	5	/* told on standard error */
#define FAILED_MAX	1000	/* then no more messages are begun */

struct session *
session_new(struct run *run, enum session_kind kind)
{
	const struct load_options *options = run->options;
	struct session *session = xcalloc(1, sizeof(*session) +
	    options->socket_count * sizeof(session->filters[0]));

	session->run = run;
	session->kind = kind;
	session->count = options->socket_count;
	for (size_t i = 0; i < session->count; i++)
		filter_init(&session->filters[i], session, &options->sockets[i],
		    run->epoll);
	return session;
}

void
session_close(struct session *session)
{
	for (size_t i = 0; i < session->count; i++)
		filter_close(&session->filters[i]);
	session->is_open = false;
	session->on_connection = 0;
}

static void
session_quit(struct session *session)
{
	for (size_t i = 0; i < session->count; i++) {
		struct filter *filter = &session->filters[i];

		if (filter->agreed == NULL)
			continue;
		if (!filter->accepted) {
			milter_write(&filter->out, MILTER_ABORT);
			milter_write(&filter->out, MILTER_QUIT);
		}
		(void)filter_write(filter, true);
	}
	session_close(session);
}

void
session_free(struct session *session)
{
	session_quit(session);
	for (size_t i = 0; i < session->count; i++)
		filter_release(&session->filters[i]);
	free(session);
}

bool
session_is_ended(const struct session *session)
{
	return session->waiting == WAITING_ENDED;
}

/* --- one message after another --- */

/* When the next message is to begin. */
static uint64_t
next_due_ns(const struct run *run)
{
	if (run->options->rate <= 0)
		return 0;
	return run->began_ns + (uint64_t)((double)run->started * (double)NS /
	    run->options->rate);
}

static bool
run_is_over(const struct run *run, uint64_t now)
{
	const struct load_options *options = run->options;

	return run->stopped || run->started >= options->messages ||
	    (options->seconds > 0 && (double)(now - run->began_ns) >=
	    options->seconds * (double)NS);
}

static void
session_park(struct session *session)
{
	struct run *run = session->run;

	session->waiting = WAITING_DUE;
	session->next = NULL;
	if (run->parked == NULL)
		run->parked = session;
	else
		run->parked_last->next = session;
	run->parked_last = session;
}

static void
message_begin(struct session *session, uint64_t began_ns)
{
	struct run *run = session->run;

	session->waiting = WAITING_NOT;
	session->message = run->started++;
	session->began_ns = began_ns;
	session->step = session->is_open ? STEP_MAIL : STEP_CONNECT;
	session->at = 0;
	session->recipient = 0;
	session->recipients_refused = 0;
	session->part = PART_HEADERS;
	session->item = 0;
	if (!session->is_open)
		envelope_client(&session->envelope, run->connections++);
	session->is_open = true;
	envelope_sender(&session->envelope, session->message);
}

void
session_go_on(struct session *session)
{
	struct run *run = session->run;
	uint64_t now = now_ns(), due;

	if (run_is_over(run, now)) {
		session_quit(session);
		session->waiting = WAITING_ENDED;
		return;
	}
	if (run->options->per_connection > 0 &&
	    session->on_connection >= run->options->per_connection)
		session_quit(session);
	due = next_due_ns(run);
	if (due > now)
		session_park(session);
	else
		message_begin(session, due > 0 ? due : now);
}

void
session_end_message(struct session *session, bool is_refused)
{
	struct run *run = session->run;

	run->ended_ns = now_ns();
	run->latency_ns = xgrow(run->latency_ns, run->messages,
	    &run->latency_room, sizeof(*run->latency_ns));
	run->latency_ns[run->messages++] = run->ended_ns - session->began_ns;
	if (is_refused)
		run->refused++;
	session->on_connection++;
	for (size_t i = 0; i < session->count; i++) {
		struct filter *filter = &session->filters[i];

		filter->decided = false;
		filter->skip = 0;
		if (filter->agreed != NULL && !filter->accepted)
			milter_write(&filter->out, MILTER_ABORT);
	}
}

void
session_fail(struct session *session, const char *why)
{
	struct run *run = session->run;

	if (run->failed++ < FAILED_SAID)
		fprintf(stderr, "load: %s: at command \"%c\"\n", why,
		    (char)session->command);
	if (run->failed >= FAILED_MAX)
		run->stopped = true;
	session_close(session);
	if (session->kind == SESSION_BUSY)
		session_go_on(session);
	else
		session->waiting = WAITING_ENDED;
}

/* Returns as filter_write() does. */
static int
session_write(struct session *session)
{
	bool all = session->writes_all;
	bool is_full = false;

	session->writes_all = false;
	for (size_t i = 0; i < session->count; i++) {
		struct filter *filter = &session->filters[i];
		int rc;

		if (filter->out.len == 0)
			continue;
		rc = filter_write(filter, all || filter->polls_write ||
		    (session->waiting == WAITING_ANSWER &&
		    session->asked == filter));
		if (rc == -1)
			return -1;
		is_full |= rc == 1;
	}
	return is_full ? 1 : 0;
}

/* Goes on until it has to wait, or has come to its end. */
static void
session_advance(struct session *session)
{
	while (session->waiting == WAITING_NOT) {
		int rc;

		session_step(session);
		rc = session_write(session);
		if (rc == -1)
			session_fail(session, "the connection broke");
		else if (rc == 1 && session->waiting == WAITING_NOT)
			session->waiting = WAITING_WRITE;
	}
	session->deadline_ns = session->waiting == WAITING_ANSWER ||
	    session->waiting == WAITING_WRITE ? now_ns() + TIMEOUT_NS : 0;
}

void
session_start(struct session *session)
{
	if (session->kind == SESSION_BUSY)
		session_go_on(session);
	else
		envelope_client(&session->envelope,
		    session->run->connections++);
	session_advance(session);
}

bool
session_start_due(struct run *run)
{
	struct session *session = run->parked;
	uint64_t now = now_ns(), due = next_due_ns(run);

	if (session == NULL || (due > now && !run_is_over(run, now)))
		return false;
	run->parked = session->next;
	session_go_on(session);
	session_advance(session);
	return true;
}

uint64_t
session_due_ns(const struct run *run)
{
	return run->parked != NULL ? next_due_ns(run) : UINT64_MAX;
}

void
session_check_time(struct session *session, uint64_t now)
{
	if (session->deadline_ns == 0 || now < session->deadline_ns)
		return;
	session_fail(session, "no answer in 30 seconds");
	session_advance(session);
}

void
session_event(struct filter *filter)
{
	struct session *session = filter->session;
	int rc;

	if (filter->fd == -1)
		return;		/* closed since epoll told of it */
	if (filter_read(filter) == -1)
		session_fail(session, "the filter closed the connection");
	else
		session_take(session, filter);
	if (filter->polls_write) {
		rc = session_write(session);
		if (rc == -1)
			session_fail(session, "the connection broke");
		else if (rc == 0 && session->waiting == WAITING_WRITE)
			session->waiting = WAITING_NOT;
	}
	session_advance(session);
}

bool
session_is_idle(const struct session *session)
{
	return session->waiting == WAITING_IDLE;
}
