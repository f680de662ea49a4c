/*
 * utf8 - where a character of UTF-8 text ends.  Pure; safe from any thread.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The bytes, 1 to 4, of the character at the start of text; 0 where there is
 * none, or no valid one (RFC 3629: overlong, surrogate, beyond U+10FFFF).
 */
size_t	utf8_length(const char *text, size_t len);
/* The length of what is valid at the start of text. */
size_t	utf8_valid_length(const char *text, size_t len);
bool	utf8_is_valid(const char *text, size_t len);

#endif
