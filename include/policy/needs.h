/*
 * needs - literals without which a pattern cannot hold.
 *
 * An expression such as "(cheap|free) +med(s|icine)" only matches a text that
 * has "cheap " or "free " in it, and " med".  Whoever looks for such literals
 * first, all at once (policy/prefilter.h), spares most expressions.  What is
 * found here is sure; what is not understood is passed over.  Pure.
 */
#ifndef POLICY_NEEDS_H
#define POLICY_NEEDS_H

#include <stddef.h>

#include "policy/choice.h"

struct arena;

#define LITERAL_MIN	3	/* bytes: shorter ones are in most texts */
#define NEEDS_MAX	6	/* choices of one expression or glob */

/*
 * In every text that matches, folded as in policy/fold.h, stands a literal of
 * each choice.  No choice: nothing is known.
 */
struct needs {
	size_t			 count;
	const struct choice	*choices;	/* literals as if folded */
};

/* Of an expression that PCRE2 has compiled, with letter case ignored. */
struct needs	needs_of_expression(struct arena *arena,
		    const char *expression);
/* Of wildcards, as policy/glob.h has them. */
struct needs	needs_of_glob(struct arena *arena, const char *glob);

#endif
