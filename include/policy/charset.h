/*
 * charset - text of any charset to UTF-8, by iconv.
 *
 * The names are those of mail, which iconv does not all know.  What comes out
 * is always valid UTF-8, with U+FFFD for what made no sense.  Never looks at
 * the locale; safe from any thread.
 */
#ifndef POLICY_CHARSET_H
#define POLICY_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/mime.h"

struct strbuf;

/*
 * Appends text, converted from the charset of this name, until out has
 * max bytes.  "" and us-ascii mean that the sender told nothing about bytes
 * above 127: they are read as UTF-8 where they are valid UTF-8, else as
 * windows-1252.  Returns 0; or -1 and appends nothing where nobody knows the
 * charset.  *complete becomes false where max cut the text.
 */
int	charset_convert(struct text charset, struct text text, size_t max,
	    struct strbuf *out, bool *complete);
/* Appends text that should be UTF-8 already, in the same way. */
void	charset_mend(struct text text, size_t max, struct strbuf *out,
	    bool *complete);

#endif
