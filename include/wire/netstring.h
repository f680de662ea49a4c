/*
 * netstring - "5:hello,": bytes with their length before and a comma behind.
 *
 * Postfix's socketmap protocol is made of them (socketmap_table(5)).  Pure.
 */
#ifndef WIRE_NETSTRING_H
#define WIRE_NETSTRING_H

#include <stddef.h>

struct strbuf;

#define NETSTRING_BYTES_MAX	100000	/* Postfix takes no more */

enum netstring_read {
	NETSTRING_WHOLE,
	NETSTRING_MORE,		/* so far all is well, bytes are missing */
	NETSTRING_WRONG		/* never to become one */
};

/*
 * Looks for one netstring at the start of buf.  WHOLE: *start and *len are
 * its data, *used the bytes to drop from buf.
 */
enum netstring_read	netstring_read(const char *buf, size_t size,
			    const char **start, size_t *len, size_t *used);
void			netstring_write(struct strbuf *out, const char *bytes,
			    size_t len);
/* The same in parts: exactly len bytes are added between the two. */
void			netstring_begin(struct strbuf *out, size_t len);
void			netstring_end(struct strbuf *out);

#endif
