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

struct strbuf;

/*
 * Adds the address in path to out: without angle brackets, comments, blanks
 * and source route (RFC 5321 4.1.2 and appendix F.2, RFC 5322 3.4), and
 * without the quotes of a quoted local part.  Returns the offset of the domain
 * within what was added, or its length where there is no domain.  Whatever the
 * bytes are, something comes out; "<>" gives the empty address.
 */
size_t	address_read(const char *path, size_t len, struct strbuf *out);

#endif
