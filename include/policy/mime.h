/*
 * mime - what a message looks like to a person: decoded words, file names and
 * text.
 *
 * The only file that knows GMime.  Whatever the bytes are, these functions
 * return: a broken or hostile tree gives less, and says so, it never stops the
 * mail.  Results live in the arena.  Safe from any thread; mime_start() must
 * have been called once before.
 */
#ifndef POLICY_MIME_H
#define POLICY_MIME_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct text {
	const char	*bytes;		/* a NUL behind them; may hold NULs */
	size_t		 len;
};

/* A growing row of texts in an arena. */
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

/* Once, before threads.  Cheap: GMime itself starts at the first use. */
void	mime_start(void);

/*
 * Decodes RFC 2047 words and raw 8-bit text of one unfolded header value to
 * UTF-8; what cannot be decoded stays as it is, invalid bytes become U+FFFD.
 */
struct text	mime_decode_header(struct arena *arena, const char *raw,
		    size_t len);

/* The domain of the only address in a From value, decoded; "" if none. */
struct text	mime_from_domain(struct arena *arena, const char *raw,
		    size_t len);

/*
 * Walks the message (len bytes: header fields, an empty line, the body).
 * names: the file names of all parts, from Content-Disposition and
 * Content-Type, RFC 2231 and RFC 2047 decoded, also inside of attached
 * messages.  bodies: text/ parts decoded to UTF-8 (and the only part of a
 * message without MIME).  Either may be NULL, then it is not made.
 */
void	mime_walk(struct arena *arena, const char *message, size_t len,
	    const struct mime_limits *limits, struct texts *names,
	    struct texts *bodies);

#endif
