/*
 * change - what a milter wants changed in a message, in its order.
 *
 * Collected at the end of a message from all milters, carried out by the MTA
 * once nobody refused.  Lives in the message's arena.
 */
#ifndef SESSION_CHANGE_H
#define SESSION_CHANGE_H

#include <stddef.h>
#include <stdint.h>

enum change_kind {
	CHANGE_ADD_HEADER,	/* name, value: at the end */
	CHANGE_INSERT_HEADER,	/* index from 0: before that one */
	CHANGE_HEADER,		/* the index-th (from 1) of that name; value
				   "" deletes it */
	CHANGE_BODY,		/* bytes: the whole new body */
	CHANGE_SENDER,		/* name: address; value: ESMTP arguments */
	CHANGE_ADD_RCPT,	/* name: address; value: ESMTP arguments */
	CHANGE_DELETE_RCPT,	/* name: address */
	CHANGE_QUARANTINE	/* name: the reason */
};

struct change {
	enum change_kind	 kind;
	uint32_t		 index;
	const char		*name;
	const char		*value;		/* never NULL */
	const unsigned char	*bytes;
	size_t			 len;
	struct change		*next;
};

struct changes {
	struct change		*first, *last;
	const struct change	*body;		/* the last of its kind, which
						   is none of the others; or
						   NULL */
};
#define CHANGES_INIT	{ .first = NULL }

/* Adds one at the end. */
static inline void
changes_add(struct changes *changes, struct change *change)
{
	if (changes->last != NULL)
		changes->last->next = change;
	else
		changes->first = change;
	changes->last = change;
}

#endif
