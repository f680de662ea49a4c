/*
 * address - the mail address that a MAIL or RCPT command means.
 *
 * MTAs hand a milter what the client wrote, but deliver to what it means, and
 * both "<"jo\e"@example.com>" and "<joe (hi) @ example.com>" mean
 * joe@example.com.  A policy must see the latter.  Pure; safe from any thread.
 */
#ifndef POLICY_ADDRESS_H
#define POLICY_ADDRESS_H

#include <stddef.h>

/*
 * Writes the address in path to out, with a NUL behind it: without angle
 * brackets, comments, blanks and source route (RFC 5321 4.1.2 and appendix
 * F.2, RFC 5322 3.4), and without the quotes of a quoted local part.  out has
 * room for len + 1 bytes, which is always enough; *out_len becomes the length.
 * Returns the offset of the domain, or the length where there is none.
 * Whatever the bytes are, something comes out; "<>" gives the empty address.
 */
size_t	address_read(const char *path, size_t len, char *out,
	    size_t *out_len);

#endif
