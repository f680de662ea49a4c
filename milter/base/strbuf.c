#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char strbuf_empty[1];

void
strbuf_init(struct strbuf *buf)
{
	*buf = (struct strbuf)STRBUF_INIT;
}

void
strbuf_release(struct strbuf *buf)
{
	if (buf->room > 0)
		free(buf->text);
	strbuf_init(buf);
}

void
strbuf_cut(struct strbuf *buf, size_t len)
{
	if (len < buf->len) {
		buf->len = len;
		buf->text[len] = '\0';
	}
}

void
strbuf_reset(struct strbuf *buf)
{
	strbuf_cut(buf, 0);
}

static void
strbuf_grow(struct strbuf *buf, size_t extra)
{
	size_t need = buf->len + extra + 1;

	if (need < extra)
		abort();
	if (need <= buf->room)
		return;
	if (need < buf->room * 2)
		need = buf->room * 2;
	if (need < 64)
		need = 64;
	if (buf->room == 0) {
		buf->text = xmalloc(need);
		buf->text[0] = '\0';
	} else
		buf->text = xreallocarray(buf->text, need, 1);
	buf->room = need;
}

char *
strbuf_room(struct strbuf *buf, size_t len)
{
	strbuf_grow(buf, len);
	return buf->text + buf->len;
}

void
strbuf_added(struct strbuf *buf, size_t len)
{
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void
strbuf_add(struct strbuf *buf, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(strbuf_room(buf, len), data, len);
	strbuf_added(buf, len);
}

void
strbuf_adds(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void
strbuf_addch(struct strbuf *buf, char c)
{
	strbuf_grow(buf, 1);
	buf->text[buf->len++] = c;
	buf->text[buf->len] = '\0';
}

void
strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
	size_t left = buf->room > 0 ? buf->room - buf->len : 0;
	va_list again;
	int len;

	/* Most texts fit where there is room already. */
	va_copy(again, args);
	len = vsnprintf(left > 0 ? buf->text + buf->len : NULL, left, format,
	    again);
	va_end(again);
	if (len < 0)
		abort();
	if ((size_t)len >= left) {
		strbuf_grow(buf, (size_t)len);
		vsnprintf(buf->text + buf->len, (size_t)len + 1, format, args);
	}
	buf->len += (size_t)len;
}

void
strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(buf, format, args);
	va_end(args);
}

char *
strbuf_detach(struct strbuf *buf)
{
	char *text = buf->room > 0 ? buf->text : xstrdup("");

	strbuf_init(buf);
	return text;
}
