/*
 * The steps of an SMTP session as its MTA tells them to the filters attached.
 *
 * As Postfix 3.7 does it (src/milter/milter8.c, src/util/vstream.c):
 *
 * - A step is told to one filter after another; each negotiates for itself when
 *   the connection is told.  The content is one step: all fields, the body and
 *   the end of the message go to the first filter before the second gets any.
 * - Packets are gathered in a buffer and written when an answer is waited for,
 *   when the buffer is full, and when smtpd hands the session over to cleanup,
 *   which is behind DATA.  So macros and their command are one write(), and
 *   where steps go unanswered many packets are.  The buffer has 4,096 bytes for
 *   a unix socket, and twice the segment size for TCP, which is 128 KiB on the
 *   loopback interface; what is larger is written in pieces of this size.
 * - Before each command goes a packet of macros, even where it holds none, and
 *   even where the command itself was declined; of fields, the end of the
 *   headers and the body only where they were not.
 * - ABORT follows each message, and comes once more before QUIT.  It is not
 *   written alone, but with what is next; after QUIT the connection is closed.
 */
#include "load_session.h"

#define CLIENT_PORT	40000
#define STEPS_OFFERED	0x1fffffu	/* all of version 6 */

const struct milter_terms session_offer = {
	.version = MILTER_VERSION_MAX,
	.actions = MILTER_MAY_ALL,
	.steps = STEPS_OFFERED,
};

/* A command, where its macros are named, and what may have been agreed. */
struct event {
	enum milter_command	command;
	enum milter_place	place;
	uint32_t		none;
	uint32_t		quiet;
	bool			is_content;
};
static const struct event
    on_connect = { MILTER_CONNECT, MILTER_AT_CONNECT, MILTER_NO_CONNECT,
	MILTER_QUIET_CONNECT, false },
    on_helo = { MILTER_HELO, MILTER_AT_HELO, MILTER_NO_HELO,
	MILTER_QUIET_HELO, false },
    on_mail = { MILTER_MAIL, MILTER_AT_MAIL, MILTER_NO_MAIL,
	MILTER_QUIET_MAIL, false },
    on_rcpt = { MILTER_RCPT, MILTER_AT_RCPT, MILTER_NO_RCPT,
	MILTER_QUIET_RCPT, false },
    on_data = { MILTER_DATA, MILTER_AT_DATA, MILTER_NO_DATA,
	MILTER_QUIET_DATA, false },
    on_header = { MILTER_HEADER, MILTER_AT_END_OF_HEADERS, MILTER_NO_HEADERS,
	MILTER_QUIET_HEADER, true },
    on_end_of_headers = { MILTER_END_OF_HEADERS, MILTER_AT_END_OF_HEADERS,
	MILTER_NO_END_OF_HEADERS, MILTER_QUIET_END_OF_HEADERS, true },
    on_body = { MILTER_BODY, MILTER_AT_END, MILTER_NO_BODY, MILTER_QUIET_BODY,
	true },
    on_end = { MILTER_END, MILTER_AT_END, 0, 0, true };

static void
session_await(struct session *session, struct filter *filter,
    enum milter_command command)
{
	session->waiting = WAITING_ANSWER;
	session->asked = filter;
	session->command = command;
	if (session->kind == SESSION_BUSY)
		session->run->round_trips++;
}

/* Returns whether the filter is to be told: then the command comes next. */
static bool
event_begin(struct filter *filter, const struct event *event)
{
	uint32_t steps = filter->agreed->terms.steps;

	if (filter->accepted || filter->decided)
		return false;
	if (event->is_content && (steps & event->none) != 0)
		return false;
	if (filter->skip == event->command)
		return false;
	filter->skip = 0;
	agreed_write_macros(filter->agreed, &filter->out, event->place,
	    event->command, &filter->session->envelope);
	return (steps & event->none) == 0;
}

static void
event_end(struct filter *filter, const struct event *event)
{
	if ((filter->agreed->terms.steps & event->quiet) == 0)
		session_await(filter->session, filter, event->command);
}

static void
event_texts(struct filter *filter, const struct event *event,
    const char *const *texts, size_t count)
{
	if (!event_begin(filter, event))
		return;
	milter_write_texts(&filter->out, event->command, texts, count);
	event_end(filter, event);
}

static void
event_connect(struct filter *filter, const struct envelope *envelope)
{
	if (!event_begin(filter, &on_connect))
		return;
	milter_write_connect(&filter->out, envelope->host, &envelope->ip,
	    CLIENT_PORT);
	event_end(filter, &on_connect);
}

static void
event_header(struct filter *filter, const struct content *content, size_t n)
{
	const char *texts[2] = {
		content->headers[n].name, content->headers[n].value
	};

	if ((filter->agreed->terms.steps & MILTER_LEADING_SPACE) == 0)
		texts[1]++;
	event_texts(filter, &on_header, texts, 2);
}

/* One piece of the body; returns its length. */
static size_t
event_body(struct filter *filter, const struct content *content, size_t at)
{
	size_t len = content->body_bytes - at;

	if (len > MILTER_BODY_BYTES_MAX)
		len = MILTER_BODY_BYTES_MAX;
	if (event_begin(filter, &on_body)) {
		milter_write_bytes(&filter->out, MILTER_BODY,
		    content->body + at, len);
		event_end(filter, &on_body);
	}
	return len;
}

void
session_next(struct session *session)
{
	session->part = PART_HEADERS;
	session->item = 0;
	if (++session->at < session->count)
		return;
	session->at = 0;
	if (session->step == STEP_RCPT &&
	    ++session->recipient < session->run->options->recipients)
		return;
	session->step++;
}

static void
do_connect(struct session *session, struct filter *filter)
{
	if (filter->fd == -1) {
		session->command = MILTER_NEGOTIATE;
		if (filter_open(filter) == -1) {
			session_fail(session, "no connection");
			return;
		}
		milter_write_negotiate(&filter->out, &session_offer);
		session_await(session, filter, MILTER_NEGOTIATE);
	} else if (session->kind == SESSION_TERMS)
		session->waiting = WAITING_ENDED;
	else {
		event_connect(filter, &session->envelope);
		session_next(session);
	}
}

static void
do_mail(struct session *session, struct filter *filter)
{
	const char *const texts[] = {
		session->envelope.sender_path, "SIZE=4711"
	};

	if (session->kind == SESSION_IDLE) {
		session->waiting = WAITING_IDLE;
		session->writes_all = true;
		return;
	}
	event_texts(filter, &on_mail, texts, 2);
	session_next(session);
}

static void
do_recipient(struct session *session, struct filter *filter)
{
	const char *text = session->envelope.recipient_path;

	if (session->at == 0)
		envelope_recipient(&session->envelope, session->message,
		    session->recipient);
	event_texts(filter, &on_rcpt, &text, 1);
	session_next(session);
}

/* Without a recipient no MTA takes the message any further. */
static void
do_data(struct session *session, struct filter *filter)
{
	if (session->recipients_refused == session->run->options->recipients) {
		session_end_message(session, true);
		session_go_on(session);
		return;
	}
	envelope_queued(&session->envelope, session->message);
	event_texts(filter, &on_data, NULL, 0);
	session_next(session);
}

static void
do_content(struct session *session, struct filter *filter)
{
	const struct content *content = session->run->content;

	switch (session->part) {
	case PART_HEADERS:
		if (session->item < content->header_count)
			event_header(filter, content, session->item++);
		else
			session->part = PART_END_OF_HEADERS;
		return;
	case PART_END_OF_HEADERS:
		event_texts(filter, &on_end_of_headers, NULL, 0);
		session->part = PART_BODY;
		session->item = 0;
		return;
	case PART_BODY:
		if (session->item < content->body_bytes)
			session->item += event_body(filter, content,
			    session->item);
		else
			session->part = PART_END;
		return;
	case PART_END:
		event_texts(filter, &on_end, NULL, 0);
		session_next(session);
		return;
	}
}

void
session_step(struct session *session)
{
	struct filter *filter = &session->filters[session->at];
	const char *helo = session->envelope.host;

	switch (session->step) {
	case STEP_CONNECT:
		do_connect(session, filter);
		return;
	case STEP_HELO:
		event_texts(filter, &on_helo, &helo, 1);
		session_next(session);
		return;
	case STEP_MAIL:
		do_mail(session, filter);
		return;
	case STEP_RCPT:
		do_recipient(session, filter);
		return;
	case STEP_DATA:
		do_data(session, filter);
		return;
	case STEP_HAND_OVER:
		session->writes_all = true;
		session->step = STEP_CONTENT;
		return;
	case STEP_CONTENT:
		do_content(session, filter);
		return;
	case STEP_END:
		session_end_message(session, false);
		session_go_on(session);
		return;
	}
}
