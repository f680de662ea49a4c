/*
 * parameter - what follows the semicolons of Content-Type and
 * Content-Disposition (RFC 2045 5.1, RFC 2231).
 *
 * Reads them as the most forgiving mail program would: a broken parameter
 * does not hide those behind it, and every value of a name is kept where two
 * contradict each other.  Pure; safe from any thread.
 */
#ifndef POLICY_PARAMETER_H
#define POLICY_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/mime.h"

struct arena;

#define PARAMETERS_MAX	4000	/* sections of continued values, too */

struct parameter {
	struct text	 name;		/* "filename", in any letter case */
	struct text	 value;		/* without quotes, %XX decoded */
	struct text	 charset;	/* that of the value, "" for none */
	bool		 extended;	/* charset and %XX as in RFC 2231, so
					   no encoded words */
};

struct parameters {
	size_t			 count;
	const struct parameter	*items;
	bool			 complete;	/* false: PARAMETERS_MAX */
};

/*
 * Splits an unfolded value such as "attachment; filename=a.txt".  first gets
 * what stands before the parameters, "attachment", or "".  Values that go on
 * over sections (filename*0*=, filename*1=) are joined in the order of their
 * numbers, over gaps.  Results live in arena, and partly in value.
 */
void	parameters_parse(struct parameters *parameters, struct text *first,
	    struct arena *arena, struct text value);

#endif
