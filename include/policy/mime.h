/*
 * mime - what GMime does for us: base64, quoted-printable and the addresses of
 * a From field.
 *
 * The only file that knows GMime, and only for what it does safely with the
 * bytes of a stranger (mime.c says what it does not).  It starts at the first
 * use.  Whatever the bytes are, these functions return, with little stack and
 * in linear time.  Safe from any thread.
 */
#ifndef POLICY_MIME_H
#define POLICY_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct arena;
struct strbuf;

/* All append what in decodes to. */
void	base64_decode(struct text in, struct strbuf *out);
void	quoted_decode(struct text in, struct strbuf *out);
/* The payload of an encoded word, where "_" is a space. */
void	quoted_word_decode(struct text in, struct strbuf *out);

/*
 * Undoes a Content-Transfer-Encoding, of no more than is enough to get that
 * many bytes from well-formed input.  *out becomes what it means: in itself
 * where nothing is encoded, else a text in buf, which was empty.  Returns
 * false where that was not all, or where nobody knows the encoding: then the
 * bytes stay as they are.
 */
bool	transfer_decode(struct text encoding, struct text in, size_t enough,
	    struct strbuf *buf, struct text *out);
/* "" is none, and known. */
bool	transfer_is_known(struct text encoding);

/*
 * The domain of the address in a From value, in lower case, international
 * names in their xn-- form; "" where there is none, a group, or addresses of
 * more than one domain.
 */
struct text	mime_from_domain(struct arena *arena, const char *raw,
		    size_t len);

#endif
