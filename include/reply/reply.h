/*
 * reply - one SMTP refusal: a status and its lines of text.
 *
 * The only way to a struct reply is reply_new(), which lets nothing through
 * that libmilter, Postfix or Sendmail would refuse or break.  Pure; a reply
 * never changes once made, so any thread may read it.
 */
#ifndef REPLY_REPLY_H
#define REPLY_REPLY_H

#include <stddef.h>

#include "reply/status.h"

struct arena;
struct diag;
struct strbuf;

#define REPLY_LINES_MAX	32	/* libmilter's MAXREPLIES */
#define REPLY_LINE_MAX	498	/* so that with "550-5.999.999 " and CRLF it
				   stays within 512 (RFC 5321 4.5.3.1.5) */

struct reply {
	struct status		 status;
	size_t			 count;		/* 1 to REPLY_LINES_MAX */
	const char *const	*lines;		/* without codes and CRLF */
};

/*
 * Makes a reply in arena, with copies of the lines.  Returns NULL with the
 * reason in diag for: a status that is not 4xx or 5xx, no line or too many,
 * a line that is empty or too long, a byte that is not printable ASCII, and a
 * line that begins with something that reads as a status code.
 */
const struct reply	*reply_new(struct arena *arena, struct status status,
			    const char *const lines[], size_t count,
			    struct diag *diag);

/* As on the wire: "550-5.1.1 text\r\n550 5.1.1 text\r\n". */
void	reply_format(const struct reply *reply, struct strbuf *out);
/* Line n (from 0) as on the wire, without CRLF. */
void	reply_format_line(const struct reply *reply, size_t n,
	    struct strbuf *out);

#endif
