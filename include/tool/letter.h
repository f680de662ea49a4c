/*
 * letter - a message as a file has it, ready to be told as an MTA tells it.
 *
 * Lines may end in LF or CRLF; an mbox "From " line at the start is skipped.
 * The header ends at an empty line, or, as MTAs do it, at the first line that
 * is no field.  Texts live in the arena that was given.
 */
#ifndef TOOL_LETTER_H
#define TOOL_LETTER_H

#include <stddef.h>
#include <stdio.h>

#include "base/strbuf.h"

struct arena;
struct diag;

#define LETTER_BYTES_MAX	(256u * 1024 * 1024)

struct letter_field {
	const char	*name;
	const char	*value;		/* folded lines are apart by LF */
};

struct letter {
	size_t			 count, room;
	struct letter_field	*fields;
	struct strbuf		 body;	/* lines end in CRLF */
};
#define LETTER_INIT	{ .body = STRBUF_INIT }

void	letter_release(struct letter *letter);
/* Adds what the text of a message has; never fails. */
void	letter_parse(struct letter *letter, struct arena *arena,
	    const char *text, size_t len);
/*
 * Reads a whole stream and parses it.  Returns 0, or -1 with the reason in
 * diag: it cannot be read, or is larger than LETTER_BYTES_MAX.
 */
int	letter_read(struct letter *letter, struct arena *arena, FILE *file,
	    struct diag *diag);
/*
 * One field, written "Name: value".  Returns 0, or -1 with the reason in
 * diag.
 */
int	letter_add_field(struct letter *letter, struct arena *arena,
	    const char *field, struct diag *diag);

#endif
