#include "policy/fold.h"

#include <string.h>

#include "base/text.h"

#define FOLD_STEP	32	/* bytes that one instruction or two fold */

/* Folds as many steps as are ASCII; returns how many bytes these are. */
static size_t
fold_ascii(const char *text, size_t len, char *out)
{
	size_t at = 0;

	for (; len - at >= FOLD_STEP; at += FOLD_STEP) {
		unsigned char any = 0;

		for (size_t i = 0; i < FOLD_STEP; i++)
			any |= (unsigned char)text[at + i];
		if (any >= 0x80)
			break;
		for (size_t i = 0; i < FOLD_STEP; i++)
			out[at + i] = text_lower(text[at + i]);
	}
	return at;
}

/* The letter that the bytes at text are to PCRE2, and how many they are. */
static char
fold_one(const char *text, size_t len, size_t *bytes)
{
	*bytes = 1;
	if (len >= 2 && memcmp(text, "\305\277", 2) == 0) {
		*bytes = 2;
		return 's';
	}
	if (len >= 3 && memcmp(text, "\342\204\252", 3) == 0) {
		*bytes = 3;
		return 'k';
	}
	return text_lower(*text);
}

size_t
fold_text(const char *text, size_t len, size_t *at, char *out, size_t room)
{
	size_t done = 0;

	while (*at < len && done < room) {
		size_t left = len - *at, space = room - done;
		size_t some = fold_ascii(text + *at,
		    left < space ? left : space, out + done);
		size_t stop = done + some + FOLD_STEP, bytes;

		*at += some;
		done += some;
		/* Not ASCII, or near the end: byte by byte for a while. */
		for (; *at < len && done < room && done < stop; *at += bytes)
			out[done++] = fold_one(text + *at, len - *at, &bytes);
	}
	return done;
}
