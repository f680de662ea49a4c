#include "policy/filename.h"

#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"

/* The length of an invisible character at p in UTF-8, or 0. */
static size_t
invisible_len(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	if (b[0] < 0x20 || b[0] == 0x7f)
		return 1;
	if (b[0] == 0xc2 && b[1] >= 0x80 && (b[1] <= 0x9f || b[1] == 0xad))
		return 2;	/* C1 controls, soft hyphen */
	if (b[0] == 0xe2 && b[1] == 0x80 && ((b[2] >= 0x8b && b[2] <= 0x8f) ||
	    (b[2] >= 0xaa && b[2] <= 0xae)))
		return 3;	/* zero width, direction */
	if (b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xa0 && b[2] <= 0xaf)
		return 3;	/* word joiner, isolates */
	if (b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf)
		return 3;	/* byte order mark */
	return 0;
}

/* The length of a blank other than a space at p in UTF-8, or 0. */
static size_t
blank_len(const char *p)
{
	static const char *const blanks[] = {
		"\xc2\xa0",				/* no-break */
		"\xe1\x9a\x80", "\xe1\xa0\x8e",	/* Ogham, Mongolian */
		"\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
		"\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
		"\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
		"\xe2\x80\x89", "\xe2\x80\x8a",	/* of some width */
		"\xe2\x80\xa8", "\xe2\x80\xa9",	/* line, paragraph */
		"\xe2\x80\xaf", "\xe2\x81\x9f",	/* narrow, mathematical */
		"\xe2\xa0\x80", "\xe3\x80\x80",	/* Braille, ideographic */
		"\xe3\x85\xa4"				/* Hangul filler */
	};

	if ((unsigned char)*p < 0x80)
		return 0;
	for (size_t n = 0; n < sizeof(blanks) / sizeof(blanks[0]); n++) {
		size_t len = strlen(blanks[n]);

		if (strncmp(p, blanks[n], len) == 0)
			return len;
	}
	return 0;
}

struct text
filename_saved(struct arena *arena, struct text name)
{
	struct strbuf out = STRBUF_INIT;
	struct text saved;
	size_t end = 0;			/* behind the last that stays there */
	size_t len;

	for (const char *p = name.bytes; *p != '\0'; p += len) {
		bool blank;

		len = invisible_len(p);
		if (len > 0)
			continue;
		len = blank_len(p);
		blank = len > 0 || *p == ' ';
		if (len == 0)
			len = 1;
		if (*p == '/' || *p == '\\') {
			strbuf_reset(&out);
			end = 0;
		} else if (out.len > 0 || !blank) {
			strbuf_add(&out, p, len);
			if (!blank && *p != '.')
				end = out.len;
		}
	}
	strbuf_cut(&out, end);
	saved = text_keep(arena, &out);
	strbuf_release(&out);
	return saved;
}
