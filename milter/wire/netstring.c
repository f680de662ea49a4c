#include "wire/netstring.h"

#include "base/strbuf.h"
#include "base/text.h"

#define NUMBER_MAX	21	/* of any size_t, with the colon */

enum netstring_read
netstring_read(const char *buf, size_t size, const char **start, size_t *len,
    size_t *used)
{
	size_t number = 0, at = 0;

	while (at < size && text_is_digit(buf[at])) {
		if (at > 0 && number == 0)	/* "05:" */
			return NETSTRING_WRONG;
		number = number * 10 + (size_t)(buf[at++] - '0');
		if (number > NETSTRING_BYTES_MAX)
			return NETSTRING_WRONG;
	}
	if (at == size)
		return NETSTRING_MORE;
	if (at == 0 || buf[at] != ':')
		return NETSTRING_WRONG;
	at++;
	if (size - at <= number)
		return NETSTRING_MORE;
	if (buf[at + number] != ',')
		return NETSTRING_WRONG;
	*start = buf + at;
	*len = number;
	*used = at + number + 1;
	return NETSTRING_WHOLE;
}

void
netstring_begin(struct strbuf *out, size_t len)
{
	char number[NUMBER_MAX], *at = number + sizeof(number);

	*--at = ':';
	do
		*--at = (char)('0' + len % 10);
	while ((len /= 10) > 0);
	strbuf_add(out, at, (size_t)(number + sizeof(number) - at));
}

void
netstring_end(struct strbuf *out)
{
	strbuf_addch(out, ',');
}

void
netstring_write(struct strbuf *out, const char *bytes, size_t len)
{
	netstring_begin(out, len);
	strbuf_add(out, bytes, len);
	netstring_end(out);
}
