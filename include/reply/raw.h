/*
 * raw - a reply as somebody wrote it, sound or not.
 *
 * What another server, a log or a user gives us is first read into this form,
 * which can hold every mistake: codes that differ from line to line, no
 * enhanced code, any bytes.  The lint rules read it, too.  Pure; the value
 * lives in the arena that it was parsed into.
 */
#ifndef REPLY_RAW_H
#define REPLY_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/status.h"

struct arena;
struct reply;

#define RAW_BYTES_MAX	100000	/* more of a raw reply is not looked at */
#define RAW_LINES_MAX	128
#define RAW_CODES_MAX	16	/* "550 5.999.999", one behind it, and a NUL */
/*
 * A NUL cannot stand in a string; it becomes this byte, which is not printable
 * either, so that the rules still see that something was there.
 */
#define RAW_NUL		'\001'

struct raw_line {
	unsigned short	 code;		/* 0: the line has no basic code */
	bool		 enhanced;	/* has an enhanced code: */
	unsigned char	 class;
	unsigned short	 subject;
	unsigned short	 detail;
	const char	*text;		/* after the codes; any bytes but NUL */
	size_t		 size_bytes;	/* of the whole line with CRLF */
};

struct raw_reply {
	size_t			 count;
	const struct raw_line	*lines;
};

/*
 * Reads one reply of len bytes: lines apart by CRLF, LF, or a written out
 * "\r\n"; each with or without codes; an enhanced code also as "(#5.1.1)" at
 * the end of a line, or "#5.1.1" at its start.  Empty lines around the reply
 * are dropped; a NUL becomes RAW_NUL.  Never fails: bytes that are no code are
 * text.
 */
struct raw_reply	raw_parse(struct arena *arena, const char *text,
			    size_t len);
/*
 * The codes of a reply: of its first line that has a basic code, and of its
 * first line that has an enhanced one.
 */
struct raw_codes {
	unsigned short	 code;		/* 0: none */
	bool		 enhanced;
	unsigned char	 class;
	unsigned short	 subject;
	unsigned short	 detail;
};
struct raw_codes	raw_codes(const struct raw_reply *reply);
/*
 * Writes "550 4.7.1", "550" or "5.1.1" as they are.  Returns the length: 0 with
 * an empty text where there is none.
 */
size_t			raw_codes_format(struct raw_codes codes,
			    char text[RAW_CODES_MAX]);
/* False for a 2xx or 3xx reply, and where there is none. */
bool			raw_refuses(const struct raw_reply *reply);
/* A reply of ours in the same form, for the lint rules. */
struct raw_reply	raw_from_reply(struct arena *arena,
			    const struct reply *reply);

#endif
