/*
 * child_inside - what a child is made of, for the files that make it work.
 *
 * child.c has its life and the negotiation, child_wire.c the packets in and
 * out, child_step.c the steps and what an answer to each means,
 * child_message.c a whole message, child_change.c what is to be changed in
 * it.  Nobody else includes this.
 */
#ifndef SESSION_CHILD_INSIDE_H
#define SESSION_CHILD_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "session/child.h"

struct diag;

enum step {
	STEP_CONNECT,
	STEP_HELO,
	STEP_MAIL,
	STEP_RCPT,
	STEP_DATA,
	STEP_UNKNOWN,
	STEP_HEADER,
	STEP_END_OF_HEADERS,
	STEP_BODY,
	STEP_END,
	STEP_COUNT
};

struct step_kind {
	const char		*name;		/* as a reason names it */
	enum milter_command	 command;
	uint32_t		 none;		/* bit: it is not told */
	uint32_t		 quiet;		/* bit: it is not answered */
	enum milter_place	 place;		/* MILTER_PLACE_COUNT: it has
						   no macros */
};

/* How far a last word goes. */
enum scope {
	SCOPE_NONE,		/* there was none */
	SCOPE_MESSAGE,
	SCOPE_CONNECTION
};

struct child {
	const struct milter	*milter;
	const struct env	*env;
	const struct child_terms *terms;
	struct milter_terms	 offer;		/* terms->offered, for this
						   milter's version */

	struct arena		*foretold_arena;
	struct milter_terms	 foretold;
	bool			 is_foretold;

	struct channel		*channel;	/* NULL: no connection */
	struct arena		*connection;	/* of agreed */
	struct milter_terms	 agreed;	/* while there is a channel */
	bool			 in_message;	/* it was told of one that has
						   not ended */
	bool			 skips;		/* what is left of the body */
	bool			 told_quiet;	/* a step that is not answered,
						   in this connection */
	uint64_t		 opened_ms;	/* when it was begun */
	bool			 reported;	/* it was praised or blamed */
	bool			 praised;	/* for this message */

	/*
	 * Macros of steps that it did not want, or not yet: each place's
	 * packet goes out before the next command does.
	 */
	struct strbuf		 unsent[MILTER_PLACE_COUNT];
	bool			 told_macros[MILTER_PLACE_COUNT];
	struct strbuf		 out;		/* packets not yet written */

	unsigned char		*packet;	/* the last one read; heap */
	size_t			 packet_room;
	struct arena		*answer;	/* of heard */
	struct milter_said	 heard;

	/* Waits end by then; one that is prolonged, by the latest. */
	uint64_t		 due_ms, latest_ms;
	bool			 at_end;	/* both are for all that is
						   told at a message's end */
	enum scope		 scope;
	struct child_said	 last_word;	/* answers each step in scope */
	struct strbuf		 reply;		/* said last */
	struct strbuf		 why;		/* of CHILD_FAILED */
};

extern const struct step_kind child_steps[STEP_COUNT];

uint64_t	child_now_ms(const struct child *child);
/*
 * Sets how long a step may take in all, with what may prolong each wait; at
 * the end of a message that is set already.
 */
void	child_set_limit(struct child *child);
/* Connects and negotiates, where that is to be done.  Returns 0 or -1. */
int	child_open(struct child *child);
/* Says QUIT, and closes what is open; waits for nothing. */
void	child_close(struct child *child);
/*
 * Closes, blames the milter and makes "WHERE: reason" the last word.  Returns
 * it.
 */
struct child_said	child_fail(struct child *child, const char *where,
			    const char *format, ...)
			    __attribute__((format(printf, 3, 4)));
/* The same with the first reason in diag, which is released. */
struct child_said	child_fail_diag(struct child *child,
			    const char *where, struct diag *diag);
/* Praises the milter, once for a message, for a real answer to it. */
void	child_worked(struct child *child);
/*
 * Says QUIT and waits a little for the other side to close, so that what it
 * said before is known to be all.  Returns 0, or -1 after child_fail(): it
 * said more.
 */
int	child_part(struct child *child, const char *where);
/* Drops macros from this place on, as they come in a conversation. */
void	child_drop_macros(struct child *child, enum milter_place place);
/* Forgets what was said about a message; closes what is not used again. */
void	child_end_message(struct child *child);

/* Fails where there is an answer that nobody waits for.  Returns 0 or -1. */
int	child_check_surplus(struct child *child, const char *where);
/* Writes what is in out.  Returns 0, or -1 after child_fail(). */
int	child_flush(struct child *child, const char *where);
/*
 * Reads one packet into child->packet, until the clock says until_ms.
 * Returns 0, or -1 after child_fail().
 */
int	child_read(struct child *child, const char *where, uint64_t until_ms,
	    size_t *len);
/* The end of a wait of wait_ms from now on, at the latest child->due_ms. */
uint64_t	child_until(const struct child *child, unsigned wait_ms);
/*
 * Reads an answer that is due to this step into child->heard, and passes over
 * "still at work", each of which begins the wait anew; *until_ms is when the
 * wait ends.  Returns 0, or -1 after child_fail().
 */
int	child_hear(struct child *child, enum step step, unsigned wait_ms,
	    uint64_t *until_ms);

/*
 * The first part of a step.  False: nothing is to be told, and *said is the
 * answer.  True: connected, macros are in out, the command is to be added.
 */
bool	child_begin(struct child *child, enum step step,
	    const struct child_macros *macros, struct child_said *said);
/* The second: writes the command in out, hears and judges the answer. */
struct child_said	child_finish(struct child *child, enum step step);
/* What child->heard means at this step. */
struct child_said	child_judge(struct child *child, enum step step);

/* What is said of answers that nobody waits for. */
#define CHILD_SURPLUS	"it answered more often than it was asked"

/* "added a header", or NULL where an answer is not a change. */
const char	*child_change_name(enum milter_answer answer);

/* What is to be changed in a message, until its end is known. */
struct collected {
	struct arena	*arena;
	struct changes	 changes;
	size_t		 count;
	size_t		 text_bytes;	/* of all texts */
	struct strbuf	 body;
	bool		 has_body;
};

/*
 * Adds the change in child->heard.  Returns 0, or -1 after child_fail().
 */
int	child_collect(struct child *child, struct collected *collected);
/* Hands all over to changes. */
void	child_hand_over(struct collected *collected, struct changes *changes);

#endif
