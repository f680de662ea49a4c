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
#include "session/change.h"
#include "wire/milter.h"

struct demand;
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
	struct changes		 changes;	/* of the milters behind us */
};

/* rules and env must live longer than the session. */
struct session	*session_new(const struct rules *rules,
		    const struct env *env);
void		 session_free(struct session *session);	/* NULL is fine */

/*
 * What the MTA offers, told first, where milters behind us are to be asked
 * (without it they are not); some may be connected to for it.  Returns what to
 * ask of the MTA for the policies and for them, as long as the session.
 */
const struct demand	*session_negotiate(struct session *session,
			    const struct milter_terms *offered);

/* A macro's value, told before the event of its place. */
void	session_macro(struct session *session, enum milter_place place,
	    const char *name, const char *value);
/*
 * The address and the ESMTP parameters of MAIL or RCPT, told before the event,
 * for the milters behind us.  Need not live longer than the event.
 */
void	session_arguments(struct session *session, const char *const *args,
	    size_t count);

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
/*
 * A recipient that the MTA refused itself (SMFIP_RCPT_REJ): taken note of, for
 * its answer is given.
 */
void		session_rcpt_rejected(struct session *session,
		    const char *recipient);
/* A command that the MTA does not know. */
struct answer	session_unknown(struct session *session, const char *command);
/*
 * The value may be folded over several lines; with its leading space where the
 * demand says so.
 */
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
