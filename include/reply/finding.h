/*
 * finding - the values that a reply tells besides what it was known by.
 *
 * The cue that decides captures what stands in its own words.  Once the reason
 * is known, more can be read with certainty: the only address in a text about
 * a mailbox is that mailbox, a size behind "limit" is the limit.  Where a text
 * could be read in two ways nothing is found.  Pure; a finder never changes
 * once made, so any thread may use it.
 */
#ifndef REPLY_FINDING_H
#define REPLY_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/value.h"

struct arena;
struct catalogue;
struct finder;
struct reason;

/* A reply as it is searched; lower as in cue_match(). */
struct search {
	struct arena	*arena;
	const char	*text;
	const char	*lower;
	size_t		 len;
	struct values	*values;	/* what is set stays as it is */
};

/* For reasons of this catalogue. */
const struct finder	*finder_new(struct arena *arena,
			    const struct catalogue *catalogue);
/*
 * Adds the values that stand where mail servers always put them ("<ann@...>:
 * Sender address rejected"), whatever the text is about.
 */
void			 finder_ask_standing(const struct finder *finder,
			    const struct search *search);
/* Adds what else a text with this reason tells; NULL is a reason of none. */
void			 finder_ask(const struct finder *finder,
			    const struct reason *reason,
			    const struct search *search);

/*
 * The mail address around the @ at this place of len bytes; false where none
 * stands there.
 */
bool			 finding_address(const char *text, size_t len,
			    size_t at, size_t *start, size_t *end);
/* Fit to be shown as the name of a blocklist: a host name or one word. */
bool			 finding_is_list(const char *text);
/*
 * Turns a size as replies tell it, in bytes or megabytes, into megabytes; to
 * NULL where it could be either.
 */
void			 finding_scale(struct arena *arena, const char **size);

#endif
