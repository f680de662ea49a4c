/* What comes of a filter's answers. */
#include "load_session.h"

#include "base/arena.h"
#include "base/diag.h"

/* One filter has refused the recipient: the others are not asked. */
static void
recipient_refused(struct session *session)
{
	session->recipients_refused++;
	if (session->at > 0) {
		session->at = session->count - 1;
		session_next(session);
	}
}

static void
take_refusal(struct session *session, enum milter_answer answer)
{
	bool is_gone = answer == MILTER_SHUTDOWN ||
	    answer == MILTER_CONNECTION_FAIL ||
	    session->command == MILTER_CONNECT ||
	    session->command == MILTER_HELO;

	if (session->command == MILTER_RCPT && !is_gone &&
	    answer != MILTER_DISCARD) {
		recipient_refused(session);
		return;
	}
	session_end_message(session, true);
	if (is_gone)
		session_close(session);
	session_go_on(session);
}

/* Returns 0, or -1 where this is no answer to what was asked. */
static int
take_answer(struct session *session, const struct milter_said *said)
{
	struct filter *filter = session->asked;

	switch (said->answer) {
	case MILTER_PROGRESS:
		return 0;
	case MILTER_CONTINUE:
		break;
	case MILTER_ACCEPT:
		if (session->command == MILTER_CONNECT ||
		    session->command == MILTER_HELO)
			filter->accepted = true;
		else
			filter->decided = true;
		break;
	case MILTER_SKIP:
		filter->skip = session->command;
		break;
	case MILTER_REJECT:
	case MILTER_TEMPFAIL:
	case MILTER_DISCARD:
	case MILTER_REPLY_CODE:
	case MILTER_SHUTDOWN:
	case MILTER_CONNECTION_FAIL:
		session->waiting = WAITING_NOT;
		take_refusal(session, said->answer);
		return 0;
	default:	/* a change, and the answer comes behind it */
		return session->command == MILTER_END ? 0 : -1;
	}
	session->waiting = WAITING_NOT;
	return 0;
}

static int
take_terms(struct session *session, const unsigned char *packet, size_t len,
    struct arena *arena, struct diag *why)
{
	struct filter *filter = session->asked;
	struct milter_terms terms;

	if (milter_read_terms(&terms, arena, &session_offer, packet, len,
	    why) == -1)
		return -1;
	filter->agreed = agreed_find(&terms);
	if (filter == &session->filters[0])
		session->run->agreed = filter->agreed;
	session->waiting = WAITING_NOT;
	return 0;
}

static void
take_packet(struct session *session, const unsigned char *packet, size_t len)
{
	static struct arena *arena;
	struct milter_said said;
	struct diag why = DIAG_INIT;
	int rc;

	if (arena == NULL)
		arena = arena_new();
	arena_reset(arena);
	if (session->command == MILTER_NEGOTIATE)
		rc = take_terms(session, packet, len, arena, &why);
	else {
		rc = milter_read(&said, arena, packet, len, &why);
		if (rc == 0 && take_answer(session, &said) == -1) {
			diag_error(&why, "answer \"%c\" is no answer to this",
			    (char)packet[0]);
			rc = -1;
		}
	}
	if (rc == -1)
		session_fail(session, diag_first(&why));
	diag_release(&why);
}

/* The connection may be closed by one of them. */
void
session_take(struct session *session, struct filter *filter)
{
	const unsigned char *packet;
	size_t len;
	int rc;

	while ((rc = filter_take(filter, &packet, &len)) == 1) {
		if (session->waiting != WAITING_ANSWER ||
		    session->asked != filter) {
			session_fail(session,
			    "an answer that nobody asked for");
			return;
		}
		take_packet(session, packet, len);
	}
	if (rc == -1)
		session_fail(session, "no packet of the protocol");
}
