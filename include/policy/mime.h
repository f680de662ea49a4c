/*
 * mime - what a message looks like to a person: decoded words, file names and
 * text.
 *
 * The only file that knows GMime, and only for what GMime does safely (see
 * mime.c); it starts at the first use.  Whatever the bytes are, these
 * functions return, with little stack and in about linear time: a broken or
 * hostile tree gives less, and says so, it never stops the mail.  Results
 * live in the arena.  Safe from any thread.
 */
#ifndef POLICY_MIME_H
#define POLICY_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct arena;

struct text {
	const char	*bytes;		/* a NUL behind them in all results;
					   a body may hold NULs of its own */
	size_t		 len;
};

/* A row of texts in an arena. */
struct texts {
	size_t		 count;
	const struct text *items;
	bool		 complete;	/* false: there was more than the limits
					   or the damage let be seen */
};

struct mime_limits {
	size_t	parts_max;		/* parts looked at */
	size_t	depth_max;		/* nesting */
	size_t	text_bytes_max;		/* decoded text kept in all */
};

#define MIME_NAMES_MAX	5000		/* file names of one message */

/*
 * Decodes RFC 2047 words and raw 8-bit text of one unfolded header value to
 * UTF-8.  Raw bytes are UTF-8 if they are valid, else windows-1252.  A word
 * that is broken, or of a charset that nobody knows, stays as it is; invalid
 * bytes and NULs become U+FFFD.
 */
struct text	mime_decode_header(struct arena *arena, const char *raw,
		    size_t len);

/*
 * The domain of the address in a From value, in lower case, international
 * names in their xn-- form; "" where there is none, a group, or addresses of
 * more than one domain.
 */
struct text	mime_from_domain(struct arena *arena, const char *raw,
		    size_t len);

/*
 * Walks the message (len bytes: header fields, an empty line, the body).
 *
 * names: the file names of all parts, from all parameters "filename" and
 * "name" of Content-Disposition and Content-Type, RFC 2231 and RFC 2047
 * decoded, also inside of attached messages.  A name that a mail program would
 * save under another one (path, invisible characters, dots and spaces at the
 * end) is followed by that one: "..\evil.exe." and then "evil.exe".
 *
 * bodies: what a person reads without opening anything: parts of any type
 * text/ that are not marked as attachments, also those in attached messages,
 * converted to UTF-8.  HTML stays the source text that it is.  A message
 * without MIME fields is text/plain.
 *
 * Either may be NULL, then it is not made.
 */
void	mime_walk(struct arena *arena, const char *message, size_t len,
	    const struct mime_limits *limits, struct texts *names,
	    struct texts *bodies);

/* Without case, as in names of charsets, fields and types. */
static inline bool
text_same(struct text a, struct text b)
{
	size_t n = 0;

	if (a.len != b.len)
		return false;
	while (n < a.len && text_lower(a.bytes[n]) == text_lower(b.bytes[n]))
		n++;
	return n == a.len;
}

static inline bool
text_is(struct text text, const char *word)
{
	return text_same(text,
	    (struct text){ .bytes = word, .len = strlen(word) });
}

#endif
