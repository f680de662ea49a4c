/*
 * child - the conversation with one milter behind us, as the MTA it is
 * attached to would lead it.
 *
 * The caller tells the steps of one SMTP connection in their order, macros
 * and all; the child leaves out what the milter did not ask for, waits for the
 * answers that are due, and says what came back.  It connects at the first
 * step that the milter wants, or, where nobody knows what it wants, at the
 * first step.  Whatever goes wrong (no connection, a time limit, nonsense)
 * closes the connection, and the step says CHILD_FAILED.  Nonsense is also an
 * answer too many: it would be taken for that to a later step, and in the end
 * for a verdict about somebody else's message.
 *
 * A connection serves one message after the other, but only as long as each
 * step was answered.  Where some are not, by agreement, an answer to one of
 * them could still be under way when the message is over: then the connection
 * is closed with the message, and child_is_open() says so.
 *
 * As with Postfix, accepting and refusing at connect or HELO is for the whole
 * connection: it is closed, and every later step is answered the same again.
 * So is, until the message is over, what was answered to MAIL, DATA or a part
 * of the message.  A refused RCPT or unknown command is refused alone.
 * CHILD_DISCARDS comes from MAIL on; before, the milter's word is not heard.
 *
 * Belongs to one session, thus to one thread at a time.
 */
#ifndef SESSION_CHILD_H
#define SESSION_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "session/change.h"
#include "wire/milter.h"

struct arena;
struct child;
struct env;
struct ip;
struct milter;

/*
 * An answer to a step may take answer_timeout_ms, and all that is told at the
 * end of a message end_timeout_ms together.  A milter may say that it is still
 * at work, which begins the wait anew; but it ends after so many times that.
 */
#define CHILD_STRETCH		3
/* More than this of what a milter wants changed in a message is nonsense. */
#define CHILD_CHANGES_MAX	10000
#define CHILD_TEXT_BYTES_MAX	(16 * 1024 * 1024)	/* of all of them */
#define CHILD_BODY_BYTES_MAX	(256 * 1024 * 1024)	/* of the new body */
#define CHILD_NAME_BYTES_MAX	998			/* of a field's name */
/*
 * Of a change that is not of the body: the MTA takes no larger packet with it,
 * and neither does libmilter send one.  Left out are what stands beside the
 * texts: a place, two NULs and a leading space.
 */
#define CHILD_CHANGE_BYTES_MAX	(MILTER_BODY_BYTES_MAX - 7)
/* Of a reply; what is behind that nobody would read. */
#define CHILD_REPLY_BYTES_MAX	4000
/* Of the answer to the negotiation, lists of macros and all. */
#define CHILD_TERMS_BYTES_MAX	32768
/*
 * How long a milter that has steps without an answer may take to close the
 * connection, after the end of a message and our QUIT, until it is believed
 * without.
 */
#define CHILD_PARTING_MS	300

enum child_result {
	CHILD_GOES_ON,
	CHILD_ACCEPTS,		/* done with the connection (connect, helo) or
				   with the message */
	CHILD_REFUSES,		/* for good: its words in said.reply */
	CHILD_DEFERS,		/* for now, the same */
	CHILD_DISCARDS,
	CHILD_SHUTS_DOWN,	/* answered 421 and ends the connection */
	CHILD_FAILED		/* why */
};

struct child_said {
	enum child_result	 result;
	/*
	 * Of a refusal: the reply as it came, except that a doubled per cent
	 * sign is a single one; its code has the class of the result; at most
	 * CHILD_REPLY_BYTES_MAX of it.  "" where the milter gave none and
	 * leaves the words to the MTA.
	 */
	const char		*reply;
	/* Of CHILD_FAILED, as "MAIL: closed by the other side"; else "". */
	const char		*why;
	bool			 rested;	/* it was not even asked */
};

/*
 * What the MTA offers, and what was agreed with it for all of us.  The version
 * offered is the milter's own (milter->version), and of actions and steps what
 * that version knows.
 */
struct child_terms {
	struct milter_terms	 offered;
	bool			 leading_space;	/* header values come with it */
};

/* What came with the step: macros under their names without braces. */
struct child_macros {
	size_t				 count;
	const struct milter_macro	*items;
};

/* milter, env and terms must live longer than the child. */
struct child	*child_new(const struct milter *milter,
		    const struct env *env, const struct child_terms *terms);
/* Says QUIT; never blocks, as the two below. */
void		 child_free(struct child *child);
/*
 * As child_free() and child_new(), but what was foretold is still known: the
 * next step connects anew, and the caller replays those before it.
 */
void		 child_reset(struct child *child);

/*
 * Connects and negotiates, where that was not done yet.  Returns what the
 * milter asked for, or NULL with *said telling why not.  The terms live as
 * long as the child's connection; steps that were not offered are not in
 * them, and one who asks for actions that were not offered has failed.
 */
const struct milter_terms	*child_negotiate(struct child *child,
				    struct child_said *said);
/*
 * Takes what the milter asked for an earlier time for what it will ask for
 * now, so that the connection can wait.  Copied.  Once connected, its real
 * terms count, but only from then on: a step before, that it would have
 * wanted this time, it was not told.
 */
void		 child_foretell(struct child *child,
		    const struct milter_terms *terms);
/*
 * False before a message: the next step connects anew, where that is needed,
 * and the caller tells all from connect on.
 */
bool		 child_is_open(const struct child *child);
/*
 * It asked to be told of recipients that the MTA refused itself; others must
 * not be.  Whatever it answers to such a one, the recipient stays refused.
 */
bool		 child_wants_refused(const struct child *child);

/*
 * The steps.  Texts of an answer live until the next step.  After CHILD_FAILED
 * or CHILD_SHUTS_DOWN the connection is gone; a step after that is
 * CHILD_FAILED again, until child_reset().  HELO and MAIL end a message that
 * was begun.  A step without an answer may go out only with the next one, at
 * the latest with a recipient or the end.  Macros may be NULL; those of a step
 * that the milter does not want reach it before the next one that it does, as
 * MTAs send them, too.
 */
struct child_said	child_connect(struct child *child,
			    const struct child_macros *macros,
			    const char *host, const struct ip *ip,
			    unsigned port);
struct child_said	child_helo(struct child *child,
			    const struct child_macros *macros,
			    const char *name);
/* args: the address and then ESMTP parameters. */
struct child_said	child_mail(struct child *child,
			    const struct child_macros *macros,
			    const char *const *args, size_t count);
struct child_said	child_rcpt(struct child *child,
			    const struct child_macros *macros,
			    const char *const *args, size_t count);
struct child_said	child_data(struct child *child,
			    const struct child_macros *macros);
struct child_said	child_unknown(struct child *child,
			    const char *command);

struct child_field {
	const char	*name;
	const char	*value;		/* with its leading space, where
					   terms say so; lines apart by LF */
};

/* A whole message, as the milters before this one left it. */
struct child_message {
	size_t				 field_count;
	const struct child_field	*fields;
	const unsigned char		*body;
	size_t				 body_len;
};

/*
 * Headers, end of headers, body and end of message; a field of more than fits
 * into a packet (MILTER_BODY_BYTES_MAX) is told as far as it does.
 *
 * What the milter wants changed is added to changes, in the arena, once it let
 * the message pass (CHILD_GOES_ON or CHILD_ACCEPTS): all texts bounded and
 * without NUL, header values in the form of terms->leading_space and with
 * lines apart by LF, addresses without control characters, at most one
 * CHANGE_BODY, the last.  Changes that it did not negotiate, header values
 * with bare CRs or with lines that do not begin with a blank, and texts of
 * more than CHILD_CHANGE_BYTES_MAX are nonsense (CHILD_FAILED).  end_macros
 * are of the end of message, eoh_macros of the end of headers.
 */
struct child_said	child_message(struct child *child,
			    const struct child_macros *eoh_macros,
			    const struct child_macros *end_macros,
			    const struct child_message *message,
			    struct arena *arena, struct changes *changes);
/*
 * From now until it is over, what is left of the message is told, within
 * end_timeout_ms; child_message() begins with it where nobody else did.
 */
void		 child_begin_end(struct child *child);
/* The message was given up, or refused elsewhere.  Never blocks. */
void		 child_abort(struct child *child);

#endif
