/*
 * verdict - what the policies say so far of a mail or a recipient.
 *
 * The first policy in the order of the file wins, whatever stage it was tried
 * at: a later stage only asks those that stand before it.  A plain value.
 */
#ifndef SESSION_VERDICT_H
#define SESSION_VERDICT_H

#include <stdbool.h>

#include "policy/policy.h"
#include "policy/stage.h"

struct verdict {
	const struct policy	*policy;	/* NULL: nobody decided yet */
	const struct evidence	*evidence;	/* why, as long as the stage */
	enum truth		 truth;		/* YES, or UNKNOWN: on_error */
	enum stage		 stage;		/* at which it was found */
};

bool		verdict_decided(const struct verdict *verdict);
/* Number of the policy that decided; policies from there on have no say. */
unsigned	verdict_limit(const struct verdict *verdict);
/* A reply goes out: the policy says so, or it could not be decided. */
bool		verdict_refuses(const struct verdict *verdict);
/* The policy holds, and this is its action. */
bool		verdict_does(const struct verdict *verdict,
		    enum action action);

#endif
