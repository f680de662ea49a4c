/*
 * strbuf - text that grows.
 *
 * buf.text is always a string ended by a NUL, buf.len its length; a fresh or
 * released buffer holds the empty text.  Declare with STRBUF_INIT, give back
 * with strbuf_release().  Belongs to one thread at a time.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
	char	*text;
	size_t	 len;
	size_t	 room;		/* 0 while text is the shared empty string */
};

extern char strbuf_empty[1];
#define STRBUF_INIT	{ .text = strbuf_empty }

void	strbuf_init(struct strbuf *buf);
void	strbuf_release(struct strbuf *buf);	/* leaves the empty text */
void	strbuf_reset(struct strbuf *buf);	/* empty text, memory kept */

void	strbuf_add(struct strbuf *buf, const void *data, size_t len);
void	strbuf_adds(struct strbuf *buf, const char *text);
void	strbuf_addch(struct strbuf *buf, char c);
void	strbuf_addf(struct strbuf *buf, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));
void	strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
	    __attribute__((format(printf, 2, 0)));
/*
 * For whoever writes into the text himself: makes room for len bytes more, and
 * says where they go; strbuf_added() then takes up to as many of them in.
 */
char	*strbuf_room(struct strbuf *buf, size_t len);
void	strbuf_added(struct strbuf *buf, size_t len);
/* Cuts the text to len bytes; a shorter text stays as it is. */
void	strbuf_cut(struct strbuf *buf, size_t len);
/* Hands the text to the caller, who frees it; buf is empty afterwards. */
char	*strbuf_detach(struct strbuf *buf);

#endif
