/*
 * finding_parts - what the sources of finding share; nobody else uses it.
 */
#ifndef REPLY_FINDING_PARTS_H
#define REPLY_FINDING_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/finding.h"

enum topic {
	TOPIC_CLIENT = 1,	/* the only IP address is the client's */
	TOPIC_SENDER = 2,	/* the only mail address is the sender's */
	TOPIC_RECIPIENT = 4,	/* or the recipient's */
	TOPIC_MOVED = 8,
	TOPIC_LIST = 16,
	TOPIC_SIZE = 32,	/* amounts: a limit in MB, */
	TOPIC_COUNT = 64,	/* of recipients or connections, */
	TOPIC_RATE = 128,	/* in a time; */
	TOPIC_WAIT = 256,	/* the time to wait: said so, */
	TOPIC_GREY = 512	/* or any in such a text */
};

void	finding_amounts(const struct search *search, unsigned topics);
void	finding_client(const struct search *search);
/* TOPIC_SENDER or TOPIC_RECIPIENT. */
void	finding_writer(const struct search *search, enum topic whose);

/* Do these words end right ahead of this place?  Whole words only. */
bool	finding_ends_with(const char *lower, size_t at, const char *words);
bool	finding_is_word(char c);	/* of what words and names consist */

#endif
