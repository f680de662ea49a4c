/*
 * session - one SMTP conversation: events in, answers out.
 *
 * The caller tells what the MTA tells, in the MTA's order, and carries out
 * what comes back.  Decisions are made at the stage where all is known, kept,
 * and given at RCPT, or for the message at its end.  Nothing is ever refused
 * at connect.  Belongs to one thread at a time.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "policy/stage.h"

struct env;
struct facts;
struct reply;
struct rules;
struct session;

enum answer_kind {
	ANSWER_CONTINUE,
	ANSWER_REFUSE,		/* with reply; of its class */
	ANSWER_DISCARD
};

struct answer {
	enum answer_kind	 kind;
	const struct reply	*reply;		/* of a refusal, else NULL */
	/* At end of message only: */
	const char		*quarantine;	/* hold it, with this text */
	size_t			 drop_count;	/* recipients to take out */
	const char *const	*drop;		/* as in RCPT, with <> */
};

/* rules and env must live longer than the session. */
struct session	*session_new(const struct rules *rules,
		    const struct env *env);
void		 session_free(struct session *session);	/* NULL is fine */

/* A macro's value, told before the event of its stage. */
void	session_macro(struct session *session, enum stage stage,
	    const char *name, const char *value);

/*
 * host is the client's verified name, or anything that begins with "[" or is
 * "unknown" where the MTA has none; ip NULL for a client without an address,
 * port 0 for one without a port.
 */
struct answer	session_connect(struct session *session, const char *host,
		    const struct ip *ip, unsigned port);
struct answer	session_helo(struct session *session, const char *name);
/* The address with or without <>. */
struct answer	session_mail(struct session *session, const char *sender);
struct answer	session_rcpt(struct session *session, const char *recipient);
/* The value may be folded over several lines. */
void		session_header(struct session *session, const char *name,
		    const char *value);
/* The next piece of the body, as the MTA cuts it. */
void		session_body(struct session *session, const void *bytes,
		    size_t len);
struct answer	session_end(struct session *session);	/* end of message */
/* The message is over: RSET, or the client gave it up. */
void		session_abort(struct session *session);

/* For `try': what is known so far. */
struct facts	*session_facts(struct session *session);

#endif
