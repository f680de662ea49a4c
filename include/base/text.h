/*
 * text - ASCII text without a locale.
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
bool	text_starts(const char *text, const char *with);	/* without case */
bool	text_ends(const char *text, const char *with);	/* without case */
/* First place of part in text without case, or NULL. */
const char	*text_find(const char *text, const char *part);

/* A hash of len bytes without case, for tables in memory only. */
uint64_t	 text_hash(const char *text, size_t len);

/*
 * Reads a whole decimal number of at most max.  Returns 0, or -1 where text is
 * anything but digits or the number is larger.
 */
int	text_number(const char *text, uint64_t max, uint64_t *number);

#endif
