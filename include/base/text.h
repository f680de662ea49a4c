/*
 * text - ASCII text without a locale, as strings and as pieces of a message.
 *
 * Mail compares its names without case, and only A to Z have one (RFC 5321
 * 2.4): these functions never look at the locale.  No globals; safe from any
 * thread.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct strbuf;

/* A piece of a longer text, or a text that is told with its length. */
struct text {
	const char	*bytes;		/* may hold NULs */
	size_t		 len;
};

/* A row of texts in an arena. */
struct texts {
	size_t		 count;
	const struct text *items;
	bool		 complete;	/* false: there was more than the limits
					   or the damage let be seen */
};

static inline char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool
text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
text_is_letter(char c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

static inline bool
text_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
text_is_print(char c)
{
	return c >= 32 && c <= 126;
}

void	text_lower_all(char *text);	/* in place */
bool	text_equal(const char *a, const char *b);	/* without case */
/* Both without case. */
bool	text_starts(const char *text, const char *with);
bool	text_ends(const char *text, const char *with);
/* First place of part in text without case, or NULL. */
const char	*text_find(const char *text, const char *part);

/* Without case, as in names of charsets, fields and types. */
bool		 text_same(struct text a, struct text b);
bool		 text_is(struct text text, const char *word);
/* What is in buf now: as long as buf is not touched. */
struct text	 text_of(const struct strbuf *buf);
/* A copy of it in arena, with a NUL behind it. */
struct text	 text_keep(struct arena *arena, const struct strbuf *buf);
/* The same, with U+FFFD for each NUL, which would end it as a string. */
struct text	 text_without_nuls(struct arena *arena, struct text in);

/* A hash of len bytes without case, for tables in memory only. */
uint64_t	 text_hash(const char *text, size_t len);

/*
 * Reads a whole decimal number of at most max.  Returns 0, or -1 where text is
 * anything but digits or the number is larger.
 */
int	text_number(const char *text, uint64_t max, uint64_t *number);

#endif
