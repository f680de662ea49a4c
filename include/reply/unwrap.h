/*
 * unwrap - a reply out of the text that it was found in.
 *
 * Logs and bounces wrap replies: "NOQUEUE: reject: RCPT from a[192.0.2.1]: 550
 * ...; from=<...>", "host mx[192.0.2.9] said: 550 ... (in reply to RCPT TO
 * command)", "stat=Deferred: 451 ...".  Here the wrapping comes off, and what
 * it tells of the mail is kept.  Pure; the value lives in the arena.
 */
#ifndef REPLY_UNWRAP_H
#define REPLY_UNWRAP_H

#include <stddef.h>

#include "reply/raw.h"
#include "reply/value.h"

struct arena;

/* Who said it. */
enum speaker {
	SPEAKER_NONE,		/* a log line without a refusal in it */
	SPEAKER_UNTOLD,		/* a bare reply */
	SPEAKER_MTA,		/* our mail server to its client */
	SPEAKER_MILTER,		/* a milter, through our mail server */
	SPEAKER_REMOTE,		/* another server to ours */
	SPEAKER_DELIVERY	/* our mail server, about a delivery of its */
};

const char	*speaker_name(enum speaker speaker);	/* "mta", ... */

struct unwrapped {
	enum speaker	 speaker;
	struct raw_reply reply;
	const char	*program;	/* "postfix/smtpd", "sm-mta"; "" */
	const char	*stage;		/* "RCPT", "end-of-data", as basic.def
					   names them; "" where untold */
	const char	*remote;	/* the other server; "" */
	const char	*queue_id;	/* "" */
	/*
	 * What the wrapping tells (client_ip, client_name, helo, sender,
	 * recipient, their domains); raw texts in the arena, NULL untold.
	 */
	struct values	 values;
};

/*
 * Reads one reply or one line of a log of Postfix or Sendmail.  Never fails: a
 * text without a known wrapping is a bare reply; a line with the head of a log
 * line and no refusal in it is SPEAKER_NONE.
 */
struct unwrapped	unwrap(struct arena *arena, const char *text,
			    size_t len);
/*
 * The same for a text that is known to be no log line: a map's key, a
 * milter's reply.  Only "host X said:" comes off.
 */
struct unwrapped	unwrap_said(struct arena *arena, const char *text,
			    size_t len);

/*
 * The words of a reply in one clean line: printable ASCII, single blanks,
 * without codes; "" where there are none.  In the arena.
 */
const char	*unwrapped_words(struct arena *arena,
		    const struct raw_reply *reply);

#endif
