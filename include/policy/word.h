/*
 * word - finds the encoded words of a header value (RFC 2047, with the
 * language tags of RFC 2231).
 *
 * Also those that stand within other words or hold spaces, as mail programs
 * do; takes linear time whatever the value is.  Pure; belongs to one thread.
 */
#ifndef POLICY_WORD_H
#define POLICY_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* "=?charset?encoding?payload?=" */
struct word {
	const char	*begin;
	const char	*behind;
	struct text	 charset;
	struct text	 payload;
	bool		 base64;	/* else the "Q" encoding */
};

struct words {
	const char	*at;		/* where to look on */
	const char	*end;
	const char	*closing;	/* the first "?=" not before at */
};

void	words_init(struct words *words, struct text value);
/* The next one.  Returns false where there is none. */
bool	words_next(struct words *words, struct word *word);

#endif
