#include "base/text.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"

void
text_lower_all(char *text)
{
	for (; *text != '\0'; text++)
		*text = text_lower(*text);
}

bool
text_starts(const char *text, const char *with)
{
	for (; *with != '\0'; text++, with++)
		if (text_lower(*text) != text_lower(*with))
			return false;
	return true;
}

bool
text_equal(const char *a, const char *b)
{
	return text_starts(a, b) && a[strlen(b)] == '\0';
}

bool
text_ends(const char *text, const char *with)
{
	size_t len = strlen(text), end = strlen(with);

	return end <= len && text_equal(text + len - end, with);
}

const char *
text_find(const char *text, const char *part)
{
	for (; ; text++) {
		if (text_starts(text, part))
			return text;
		if (*text == '\0')
			return NULL;
	}
}

bool
text_same(struct text a, struct text b)
{
	size_t n = 0;

	if (a.len != b.len)
		return false;
	while (n < a.len && text_lower(a.bytes[n]) == text_lower(b.bytes[n]))
		n++;
	return n == a.len;
}

bool
text_is(struct text text, const char *word)
{
	return text_same(text,
	    (struct text){ .bytes = word, .len = strlen(word) });
}

struct text
text_of(const struct strbuf *buf)
{
	return (struct text){ .bytes = buf->text, .len = buf->len };
}

struct text
text_keep(struct arena *arena, const struct strbuf *buf)
{
	return (struct text){
		.bytes = arena_memdup(arena, buf->text, buf->len),
		.len = buf->len,
	};
}

/* FNV-1a. */
uint64_t
text_hash(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++) {
		hash ^= (unsigned char)text_lower(text[i]);
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

int
text_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t n = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (!text_is_digit(*text) || n > (max - digit) / 10 ||
		    digit > max)
			return -1;
		n = n * 10 + digit;
	}
	*number = n;
	return 0;
}

struct text
text_without_nuls(struct arena *arena, struct text in)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const size_t more = sizeof(replacement) - 1;
	size_t nuls = 0, len = 0;
	char *out;

	for (size_t n = 0; n < in.len; n++)
		nuls += in.bytes[n] == '\0';
	out = arena_alloc(arena, in.len + nuls * more + 1);
	for (size_t n = 0; n < in.len; n++) {
		if (in.bytes[n] != '\0')
			out[len++] = in.bytes[n];
		else {
			memcpy(out + len, replacement, more);
			len += more;
		}
	}
	return (struct text){ .bytes = out, .len = len };
}
