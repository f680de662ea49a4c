/*
 * inside - what a session is made of, for the files that make it work.
 *
 * session.c has the events, decide.c the way from policies to a verdict and
 * its record, ending.c the end of the message.  Nobody else includes this.
 */
#ifndef SESSION_INSIDE_H
#define SESSION_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/facts.h"
#include "session/record.h"
#include "session/session.h"
#include "session/verdict.h"

struct arena;
struct env;
struct rules;

/* A policy about the whole message that was told of already. */
struct told {
	const struct policy	*policy;
	struct told		*next;
};

struct recipient {
	const char	*given;		/* as RCPT carried it */
	bool		 protected;	/* site.never_refuse */
	struct verdict	 verdict;
};

struct session {
	const struct rules	*rules;
	const struct env	*env;
	struct arena		*connection;	/* lives to the end */
	struct arena		*transaction;	/* one message */
	struct facts		 facts;
	struct verdict		 at[STAGE_RCPT];	/* connect, helo, mail */
	struct recipient	*recipients;	/* accepted ones; heap */
	size_t			 recipient_count, recipient_room;
	enum stage		 trying;	/* for the watch */
	struct told		*told;		/* of this message, at its end */
	bool			 over;		/* the message was judged */
};

#define ANSWER_GO_ON	((struct answer){ .kind = ANSWER_CONTINUE })

/* Memory that lives as long as what is learned at this stage. */
struct arena	*session_arena(struct session *session, enum stage stage);
/* Sets the attributes of this stage that come as a macro. */
void		 session_take_macros(struct session *session,
		    enum stage stage);
/* Makes this the recipient that policies and replies speak of. */
void		 session_set_recipient(struct session *session,
		    const char *given);

/*
 * Tries the policies of a stage that stand before the one which decided so
 * far: an "accept" ends only what comes after it.
 */
void		 decide_stage(struct session *session, enum stage stage,
		    const struct verdict *before, struct verdict *verdict);
/* Renders the reply of a verdict that refuses, and writes its record. */
struct answer	 decide_refuse(struct session *session,
		    const struct verdict *verdict);
/* Writes the record of a verdict that is no refusal, or not carried out. */
void		 decide_note(struct session *session,
		    const struct verdict *verdict, enum outcome outcome);

#endif
