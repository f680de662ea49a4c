/*
 * inside - what a session is made of, for the files that make it work.
 *
 * session.c has the events, decide.c the way from policies to a verdict and
 * its record, ending.c the end of the message, foreign.c what others refused.
 * Nobody else includes this.
 */
#ifndef SESSION_INSIDE_H
#define SESSION_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/facts.h"
#include "reply/render.h"
#include "session/record.h"
#include "session/session.h"
#include "session/verdict.h"

struct arena;
struct demand;
struct env;
struct milters;
struct objection;
struct rules;

/* A policy, and what became of it at the end, that was told of already. */
struct told {
	const struct policy	*policy;
	enum outcome		 outcome;
	struct told		*next;
};

struct recipient {
	const char	*given;		/* as RCPT carried it */
	const char	*resolved;	/* as the MTA reads it; NULL unknown */
	bool		 protected;	/* site.never_refuse */
	struct verdict	 verdict;
};

/* What MAIL or RCPT carried, told before the event. */
struct session_arguments {
	size_t			 count;
	const char *const	*items;
};

/* A recipient that the MTA itself refused. */
struct rejection {
	const char	*recipient;	/* NULL: there is none */
	const char	*enhanced;	/* "5.1.1"; "" */
	const char	*text;
};

/* Itself in the arena of its connection. */
struct session {
	const struct rules	*rules;
	const struct env	*env;
	const struct demand	*demand;	/* of the rules, or its own */
	struct milters		*milters;	/* NULL: none are asked */
	struct session_arguments arguments;
	struct rejection	 rejection;	/* the last event, if it was */
	struct arena		*connection;	/* lives to the end */
	struct arena		*transaction;	/* one message */
	struct facts		 facts;
	struct verdict		 at[STAGE_RCPT];	/* of those before */
	struct recipient	*recipients;	/* accepted ones */
	size_t			 recipient_count, recipient_room;
	bool			 last_is_told;	/* facts have the recipient
						   that was accepted last */
	enum stage		 trying;	/* for the watch */
	struct told		*told;		/* of this message, once over */
	bool			 greeted;	/* there was a HELO */
	bool			 over;		/* the message was judged */
};

#define ANSWER_GO_ON	((struct answer){ .kind = ANSWER_CONTINUE })

/* Memory that lives as long as what is learned at this stage. */
struct arena	*session_arena(struct session *session, enum stage stage);
/* Ends what was the last event: the client has its answer. */
void		 session_go_on(struct session *session);
/* A reply of ours is on its way: a map must leave it as it is. */
void		 session_sent(struct session *session,
		    const struct reply *reply);
/* Sets the attributes of this stage that come as a macro. */
void		 session_take_macros(struct session *session,
		    enum stage stage);
/* Makes this the recipient that policies and replies speak of. */
void		 session_set_recipient(struct session *session,
		    const char *given, const char *resolved);

/*
 * Tries the policies of a stage that stand before the one which decided so
 * far: an "accept" ends only what comes after it.
 */
void		 decide_stage(struct session *session, enum stage stage,
		    const struct verdict *before, struct verdict *verdict);
/* Renders the reply of a verdict that refuses, and writes its record. */
struct answer	 decide_refuse(struct session *session,
		    const struct verdict *verdict);
/*
 * Puts a recipient off to a delivery of its own, because one reply at the end
 * of message could not serve it and the others.
 */
struct answer	 decide_separate(struct session *session);
/*
 * What a milter behind us objects to: the answer, in our words, with its
 * record.
 */
struct answer	 foreign_answer(struct session *session,
		    const struct objection *objection);
/* The record of an objection that is no answer (milters.h). */
void		 foreign_record(struct session *session,
		    const struct objection *objection, enum outcome outcome);
/* The record of a recipient that the MTA refused, and no map asked about. */
void		 foreign_note(struct session *session,
		    const struct rejection *rejection);

/* Adds what all records have, and hands it to the world. */
void		 decide_record(struct session *session,
		    struct record *record);
/* A case for a reply; the letterhead of the session's MTA. */
struct letterhead decide_letterhead(struct session *session,
		    const struct values *values);
/* True the first time that this is asked about a message. */
bool		 decide_first(struct session *session,
		    const struct policy *policy, enum outcome outcome);
/* Writes the record of a verdict that is no refusal, or not carried out. */
void		 decide_note(struct session *session,
		    const struct verdict *verdict, enum outcome outcome);

#endif
