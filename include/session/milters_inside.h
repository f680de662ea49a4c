/*
 * milters_inside - what the chain of milters is made of, for its two files.
 *
 * milters.c keeps what the MTA told, milters_ask.c asks the milters.  Nobody
 * else includes this.
 */
#ifndef SESSION_MILTERS_INSIDE_H
#define SESSION_MILTERS_INSIDE_H

#include "base/ip.h"
#include "session/child.h"
#include "session/copy.h"
#include "session/milters.h"

#define MILTERS_ARGUMENTS_MAX	64	/* of MAIL and RCPT; others are left
					   out */

/* How much of what came before this milter has been told. */
enum told { TOLD_NOTHING, TOLD_CONNECT, TOLD_HELO, TOLD_MAIL };

/* One milter in the chain of this connection. */
struct link {
	const struct milter	*milter;
	struct child		*child;
	enum told		 told;
	bool			 noted;		/* what it asks for */
	uint32_t		 foretold_steps;	/* the last time; 0 */
	bool			 gone;	/* has no say in this connection any
					   more */
	bool			 done;	/* nor in this message */
	/*
	 * Against client or sender, or for want of an answer: holds for all
	 * that follows.  Texts of a stage before MAIL are in the arena of the
	 * connection, others in the message's.
	 */
	struct objection	 objection;
};

struct told_macros {
	size_t			 count, room;
	struct milter_macro	*items;		/* heap; texts in an arena */
};

struct arguments {
	size_t			 count;
	const char		*items[MILTERS_ARGUMENTS_MAX];
};

struct milters {
	const struct rules	*rules;
	const struct env	*env;
	milters_observer	*observed;
	void			*context;
	struct arena		*connection;	/* as long as it */
	struct child_terms	 terms;
	const struct demand	*demand;
	size_t			 count;
	struct link		*links;
	/* What the MTA told. */
	struct told_macros	 macros[MILTER_PLACE_COUNT];
	bool			 connected;
	const char		*host;
	struct ip		 ip;
	bool			 has_ip;
	unsigned		 port;
	const char		*helo;		/* NULL: none yet */
	bool			 helo_is_new;	/* its macros come */
	struct arguments	 mail;
	struct copy		 copy;
};

/* The first MILTERS_ARGUMENTS_MAX of them, in the arena. */
struct arguments	milters_arguments(struct arena *arena,
			    const char *const *args, size_t count);
/* After a failure: the next message begins with a new connection. */
void			link_begin_anew(struct link *link);
/*
 * Keeps in mind, for the sessions to come, what a milter asks for now; it is
 * connected to for that.  NULL where it cannot be, with *said telling why.
 */
const struct milter_terms *link_note_terms(struct milters *milters,
			    struct link *link, struct child_said *said);

#endif
