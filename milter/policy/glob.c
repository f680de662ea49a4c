#include "policy/glob.h"

#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

static const char *
next_character(const char *text, const char *end)
{
	size_t length = utf8_length(text, (size_t)(end - text));

	return text + (length == 0 ? 1 : length);
}

/*
 * The next place behind text where what follows a star may begin.  An ASCII
 * character is never within another one: bytes are passed over until it comes.
 */
static const char *
next_place(const char *glob, const char *text, const char *end)
{
	text = next_character(text, end);
	if ((unsigned char)*glob < 0x80 && *glob != '?' && *glob != '*')
		while (text < end && text_lower(*text) != text_lower(*glob))
			text++;
	return text;
}

/*
 * Goes back to the last star only: what an earlier one could take, the later
 * one can take as well.  So two places to return to are enough, and hostile
 * text cannot make this exponential.
 */
bool
glob_match(const char *glob, const char *text, size_t len)
{
	const char *end = text + len;
	const char *star = NULL, *star_text = NULL;

	/* Most texts differ from most globs in their last character. */
	if (*glob != '\0') {
		char last = glob[strlen(glob) - 1];

		if (last != '*' && last != '?' &&
		    (len == 0 || text_lower(last) != text_lower(end[-1])))
			return false;
	}
	for (;;) {
		if (*glob == '*') {
			star = ++glob;
			star_text = text;
			if (*star == '\0')
				return true;
			continue;
		}
		/* A star that takes more leaves even less for the rest. */
		if (text == end)
			return *glob == '\0';
		if (*glob == '?') {
			glob++;
			text = next_character(text, end);
			continue;
		}
		if (*glob != '\0' && text_lower(*glob) == text_lower(*text)) {
			glob++;
			text++;
			continue;
		}
		if (star == NULL)
			return false;
		star_text = next_place(star, star_text, end);
		text = star_text;
		glob = star;
	}
}
