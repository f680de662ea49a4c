/*
 * milters - the milters behind us in one session, asked one after the other.
 *
 * The chain remembers what the MTA told, and tells it to a milter once there
 * is a reason to: with the first recipient that our own policies let pass (at
 * MAIL with refuse_at = "earliest").  A client that only knocks costs no
 * milter anything.  At the end of a message each sees what those before it
 * made of it.  Belongs to one session; part of it.
 */
#ifndef SESSION_MILTERS_H
#define SESSION_MILTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/stage.h"
#include "reply/reason.h"
#include "session/record.h"
#include "wire/milter.h"

struct arena;
struct changes;
struct demand;
struct env;
struct ip;
struct milter;
struct milters;
struct rules;

/* A milter wants the mail or the recipient not to go on. */
struct objection {
	const struct milter	*milter;	/* NULL: none objects */
	enum stage		 stage;		/* of the step that it was */
	enum form		 form;
	bool			 discards;	/* takes it and drops it */
	bool			 closes;	/* and ends the connection */
	bool			 holds;	/* takes it and holds it: why */
	bool			 fault;		/* it could not be asked */
	const char		*reply;		/* as it came; "" for none */
	const char		*why;		/* of a fault, or of holding;
						   else "" */
};

#define OBJECTION_NONE	((struct objection){ .milter = NULL })

/*
 * Told of what is to be written down, but is no answer: an objection that is
 * not obeyed, because we only observe (OUTCOME_OBSERVED); a message that a
 * milter wants held (DONE or OBSERVED); one that it could not be shown, and
 * on_error let it go on (UNDECIDED).
 */
typedef void	milters_observer(void *context,
		    const struct objection *objection, enum outcome outcome);

/*
 * For a connection whose MTA offers these actions and steps.  observed is
 * called with context.  Adds to demand what the milters ask for; those that
 * were never asked before are connected to for it.  Texts live in connection,
 * an arena as long as the connection.
 */
struct milters	*milters_new(const struct rules *rules, const struct env *env,
		    struct arena *connection,
		    const struct milter_terms *offered,
		    milters_observer *observed, void *context,
		    struct demand *demand);
void		 milters_free(struct milters *milters);	/* or NULL */

/*
 * What the MTA tells, in its order; arena: as long as the message (connect,
 * helo and their macros: as long as the connection).
 */
void		 milters_macro(struct milters *milters, struct arena *arena,
		    enum milter_place place, const char *name,
		    const char *value);
void		 milters_connect(struct milters *milters, struct arena *arena,
		    const char *host, const struct ip *ip, unsigned port);
void		 milters_helo(struct milters *milters, struct arena *arena,
		    const char *name);
void		 milters_mail(struct milters *milters, struct arena *arena,
		    const char *const *args, size_t count);
void		 milters_header(struct milters *milters, struct arena *arena,
		    const char *name, const char *value);
void		 milters_body(struct milters *milters, const void *bytes,
		    size_t len);

/*
 * The questions.  An objection's texts live in the arena.  milters_ask() is
 * for what was told up to MAIL; rejected is for a recipient that the MTA
 * itself refused, whose answers count for nothing.
 */
struct objection milters_ask(struct milters *milters, struct arena *arena);
struct objection milters_rcpt(struct milters *milters, struct arena *arena,
		    const char *const *args, size_t count);
void		 milters_rcpt_rejected(struct milters *milters,
		    struct arena *arena, const char *const *args,
		    size_t count);
struct objection milters_unknown(struct milters *milters,
		    struct arena *arena, const char *command);
/* The end of the message; what is to be changed is added to changes. */
struct objection milters_end(struct milters *milters, struct arena *arena,
		    struct changes *changes);
/* The recipient was dealt with: its macros are not the next one's. */
void		 milters_rcpt_over(struct milters *milters);
/* The message is over, one way or another. */
void		 milters_forget_message(struct milters *milters);

#endif
