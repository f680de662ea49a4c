/*
 * child - the conversation with one milter behind us, as the MTA it is
 * attached to would lead it.
 *
 * The caller tells the steps of one SMTP connection in their order, macros
 * and all; the child leaves out what the milter did not ask for, waits for the
 * answers that are due, and says what came back.  It connects at the first
 * step that the milter wants.  Whatever goes wrong (no connection, a time
 * limit, nonsense) closes the connection, and the step says CHILD_FAILED.
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
	 * Of a refusal: the reply as it came, "" where the milter gave none
	 * and leaves the words to the MTA.
	 */
	const char		*reply;
	const char		*why;		/* of CHILD_FAILED; else "" */
	bool			 rested;	/* it was not even asked */
};

/* What the MTA offers, and what it was agreed with it for all of us. */
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
void		 child_free(struct child *child);	/* says QUIT */

/*
 * Connects and negotiates, where that was not done yet.  Returns what the
 * milter asked for, or NULL with *said telling why not.  The terms live as
 * long as the child's connection.
 */
const struct milter_terms	*child_negotiate(struct child *child,
				    struct child_said *said);
/*
 * Takes what the milter asked for an earlier time for what it will ask for
 * now, so that the connection can wait.  Copied.
 */
void		 child_foretell(struct child *child,
		    const struct milter_terms *terms);
bool		 child_is_open(const struct child *child);

/*
 * The steps.  Texts of an answer live until the next step.  After CHILD_FAILED
 * or CHILD_SHUTS_DOWN the connection is gone; a step after that is
 * CHILD_FAILED again, until child_reset().
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
 * Headers, end of headers, body and end of message.  What the milter wants
 * changed is added to changes, in the arena, all texts bounded and without
 * NUL; changes that it did not negotiate, and header values with bare CRs,
 * are nonsense (CHILD_FAILED).  end_macros are of the end of message,
 * eoh_macros of the end of headers.
 */
struct child_said	child_message(struct child *child,
			    const struct child_macros *eoh_macros,
			    const struct child_macros *end_macros,
			    const struct child_message *message,
			    struct arena *arena, struct changes *changes);
/* The message was given up, or refused elsewhere. */
void		 child_abort(struct child *child);

#endif
