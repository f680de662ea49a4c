/*
 * parameter - what follows the semicolons of Content-Type and
 * Content-Disposition (RFC 2045 5.1, RFC 2231).
 *
 * Reads them as the most forgiving mail program would: a broken parameter
 * does not hide those behind it, and every value of a name is kept where two
 * contradict each other, or where readers differ about one.  Pure; safe from
 * any thread.
 */
#ifndef POLICY_PARAMETER_H
#define POLICY_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;

#define PARAMETERS_MAX	4000	/* sections of continued values, too */

struct parameter {
	struct text	 name;		/* "filename", in any letter case */
	struct text	 value;		/* without quotes, %XX decoded */
	struct text	 charset;	/* that of the value, "" for none */
	bool		 extended;	/* charset and %XX as in RFC 2231, so
					   no encoded words */
	bool		 again;		/* another reading of the one before */
};

struct parameters {
	size_t			 count;
	const struct parameter	*items;
	bool			 complete;	/* false: PARAMETERS_MAX, or
						   a comment without end */
};

/*
 * What stands before the first semicolon, without comments, quotes, white
 * space around it and around a slash: "multipart/mixed" of "multipart (x) /
 * mixed; a=b".
 */
struct text	value_read(struct arena *arena, struct text value);

/*
 * Splits an unfolded value such as "attachment; filename=a.txt".  first gets
 * what stands before the parameters, "attachment", or "".  Values that go on
 * over sections (filename*0*=, filename*1=) are joined in the order of their
 * numbers.  Further readings follow at once: up to the first blank or comment
 * of a value without quotes, up to a gap between sections, with the first or
 * the last of equal sections alone.  Results live in arena, and partly in
 * value.
 */
void	parameters_parse(struct parameters *parameters, struct text *first,
	    struct arena *arena, struct text value);

#endif
