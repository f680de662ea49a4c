/*
 * fold - text as the literals of patterns are compared with it.
 *
 * In lower case; and the two characters beyond ASCII that PCRE2, which ignores
 * case, takes for letters of it are these: U+017F (a long s) is s, U+212A (the
 * Kelvin sign) is k.  All other bytes stay as they are, valid UTF-8 or not.
 * Pure.
 */
#ifndef POLICY_FOLD_H
#define POLICY_FOLD_H

#include <stddef.h>

/*
 * Reads text from *at on, until its end or until room bytes are in out.
 * Returns how many are, and moves *at.
 */
size_t	fold_text(const char *text, size_t len, size_t *at, char *out,
	    size_t room);

#endif
