#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t
utf8_length(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char least = 0x80, most = 0xbf;	/* of the second byte */
	size_t length;

	if (len == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	switch (bytes[0]) {
	case 0xe0:
		least = 0xa0;
		break;
	case 0xed:
		most = 0x9f;
		break;
	case 0xf0:
		least = 0x90;
		break;
	case 0xf4:
		most = 0x8f;
		break;
	}
	if (len < length || bytes[1] < least || bytes[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Most text is ASCII: eight bytes at a time, as long as none is beyond. */
static size_t
ascii_words(const char *text, size_t len)
{
	size_t n = 0;
	uint64_t word;

	while (len - n >= sizeof(word)) {
		memcpy(&word, text + n, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
		n += sizeof(word);
	}
	return n;
}

size_t
utf8_valid_length(const char *text, size_t len)
{
	size_t n = 0, length;

	do {
		n += ascii_words(text + n, len - n);
		length = utf8_length(text + n, len - n);
		n += length;
	} while (length > 0);
	return n;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	return utf8_valid_length(text, len) == len;
}
