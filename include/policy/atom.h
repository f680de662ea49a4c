/*
 * atom - the smallest parts of an expression, as PCRE2 reads them.
 *
 * A character, an escape, a class, an anchor; and the quantifier behind one.
 * For needs.c, which sees to groups.  Where the reading is in doubt (\Q, a
 * doubtful "{", or anything that a later PCRE2 may bring) it is lost, and
 * nothing that was read counts.  Pure.
 */
#ifndef POLICY_ATOM_H
#define POLICY_ATOM_H

#include <stdbool.h>

#include "policy/choice.h"

struct arena;

/* An expression that PCRE2 has compiled, on the way from its start to end. */
struct reading {
	struct arena	*arena;		/* of all that is made on the way */
	const char	*at;
	unsigned	 depth;		/* of groups */
	bool		 lost;
};

enum atom_kind {
	ATOM_EXACT,		/* one of a few literals and nothing else */
	ATOM_ANYTHING,		/* any text */
	ATOM_NOTHING		/* no text: what is around it are neighbours */
};

struct atom {
	enum atom_kind	 kind;
	struct choice	 is;		/* of ATOM_EXACT */
};

/* Reads what begins here: not a group, and not the end. */
struct atom	atom_read(struct reading *reading);

#define TIMES_MANY	65535	/* PCRE2's bound, and what stands for none */

struct times {
	unsigned	 least, most;
};

/* Reads a quantifier; once and no more where there is none. */
struct times	times_read(struct reading *reading);

#endif
