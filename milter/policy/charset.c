#include "policy/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utf8.h"

#define NAME_MAX_LEN	40
#define REPLACEMENT	"\xef\xbf\xbd"		/* U+FFFD */

/* One iconv can do; a name that it does not know is worth keeping, too. */
struct converter {
	char name[NAME_MAX_LEN + 1];
	iconv_t cd;			/* (iconv_t)-1: unknown */
	size_t used;			/* the value of uses then */
};

struct charsets {
	struct converter kept[CHARSETS_KEPT];
	size_t count;
	size_t opens;
	size_t uses;
	struct strbuf bytes;
	struct strbuf text;
};

/*
 * What mail programs take a name for, after the WHATWG's Encoding Standard:
 * names unknown to iconv, and narrow charsets whose wider brother is meant.
 * A policy has to see what the reader sees.
 */
static const struct {
	const char *name;
	const char *meant;
} aliases[] = {
	{ "ascii",		"" },
	{ "ansi_x3.4-1968",	"" },
	{ "us-ascii",		"" },
	{ "big5",		"BIG5-HKSCS" },
	{ "euc-kr",		"CP949" },
	{ "gb2312",		"GB18030" },
	{ "gbk",		"GB18030" },
	{ "iso-8859-1",		"CP1252" },
	{ "iso8859-1",		"CP1252" },
	{ "iso_8859-1",		"CP1252" },
	{ "latin1",		"CP1252" },
	{ "iso-8859-8-i",	"ISO-8859-8" },
	{ "iso-8859-9",		"CP1254" },
	{ "iso-8859-11",	"CP874" },
	{ "tis-620",		"CP874" },
	{ "ks_c_5601-1987",	"CP949" },
	{ "ks_c_5601",		"CP949" },
	{ "shift_jis",		"CP932" },
	{ "shift-jis",		"CP932" },
	{ "sjis",		"CP932" },
	{ "x-sjis",		"CP932" },
	{ "unicode-1-1-utf-7",	"UTF-7" },
	{ "unicode-1-1-utf-8",	"UTF-8" },
	{ "utf8",		"UTF-8" },
	{ "utf8mb4",		"UTF-8" },
	{ "windows-cp1252",	"CP1252" },
	{ "x-euc-jp",		"EUC-JP" },
	{ "x-gbk",		"GB18030" },
	{ "x-mac-roman",	"MACINTOSH" }
};

/*
 * Only what a charset's name is made of: iconv would take a slash for the
 * start of its own options (//IGNORE).
 */
static int
name_read(struct text charset, char name[NAME_MAX_LEN + 1])
{
	if (charset.len > NAME_MAX_LEN)
		return -1;
	for (size_t n = 0; n < charset.len; n++) {
		char c = text_lower(charset.bytes[n]);

		if (!text_is_letter(c) && !text_is_digit(c) &&
		    (c == '\0' || strchr("-_.:+()", c) == NULL))
			return -1;
		name[n] = c;
	}
	name[charset.len] = '\0';
	for (size_t n = 0; n < sizeof(aliases) / sizeof(aliases[0]); n++) {
		if (strcmp(name, aliases[n].name) == 0) {
			strcpy(name, aliases[n].meant);
			break;
		}
	}
	return 0;
}

/* How many bytes stand for one thing that could not be read. */
static size_t
unit_bytes(const char *name)
{
	if (text_starts(name, "utf-16") || text_starts(name, "ucs-2"))
		return 2;
	if (text_starts(name, "utf-32") || text_starts(name, "ucs-4"))
		return 4;
	return 1;
}

/*
 * RFC 2781 says big-endian where there is no byte order mark; mail programs
 * say little-endian, and glibc says whatever the machine is.
 */
static void
order_tell(char name[NAME_MAX_LEN + 1], struct text text)
{
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	bool marked = text.len >= 2 &&
	    ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
	    (bytes[0] == 0xfe && bytes[1] == 0xff));

	if (strcmp(name, "utf-16") == 0 && !marked)
		strcpy(name, "utf-16le");
}

/* Appends whole characters only.  Returns false where max cut them. */
static bool
add_within(struct strbuf *out, const char *bytes, size_t len, size_t max)
{
	size_t room = max > out->len ? max - out->len : 0;

	if (len <= room) {
		strbuf_add(out, bytes, len);
		return true;
	}
	while (room > 0 && ((unsigned char)bytes[room] & 0xc0) == 0x80)
		room--;
	strbuf_add(out, bytes, room);
	return false;
}

void
charset_mend(struct text text, size_t max, struct strbuf *out, bool *complete)
{
	const char *p = text.bytes;
	const char *end = p + text.len;
	bool fits = true;

	while (p < end && fits) {
		size_t len = utf8_valid_length(p, (size_t)(end - p));

		fits = add_within(out, p, len, max);
		p += len;
		if (fits && p < end) {
			fits = add_within(out, REPLACEMENT,
			    strlen(REPLACEMENT), max);
			p++;
		}
	}
	if (!fits)
		*complete = false;
}

/*
 * One buffer full after the other.  An invalid byte becomes U+FFFD, and so
 * does a character that the end of the text cut off.
 */
static bool
convert(iconv_t cd, struct text text, size_t unit, size_t max,
    struct strbuf *out)
{
	char *in = (char *)(uintptr_t)text.bytes;
	size_t left = text.len;
	bool fits = true;
	bool ended = false;

	while (fits && !ended) {
		char buffer[4096];
		char *to = buffer;
		size_t room = sizeof(buffer);
		size_t before = left;
		size_t result;
		int error;

		ended = left == 0;
		result = ended ? iconv(cd, NULL, NULL, &to, &room) :
		    iconv(cd, &in, &left, &to, &room);
		error = result == (size_t)-1 ? errno : 0;
		fits = add_within(out, buffer, (size_t)(to - buffer), max);
		if (ended || error == 0)
			continue;
		/* A converter that does not move on must not hold the mail. */
		if (error == E2BIG && (left < before || to > buffer))
			continue;
		if (fits)
			fits = add_within(out, REPLACEMENT,
			    strlen(REPLACEMENT), max);
		if (error == EINVAL || left < unit)
			unit = left;
		in += unit;
		left -= unit;
	}
	return fits;
}

static void
converter_close(struct converter *converter)
{
	if (converter->cd != (iconv_t)-1)
		iconv_close(converter->cd);
}

static void
charsets_release(void *what)
{
	struct charsets *charsets = what;

	for (size_t n = 0; n < charsets->count; n++)
		converter_close(&charsets->kept[n]);
	strbuf_release(&charsets->bytes);
	strbuf_release(&charsets->text);
}

struct charsets *
charsets_new(struct arena *arena)
{
	struct charsets *charsets = arena_alloc(arena, sizeof(*charsets));

	strbuf_init(&charsets->bytes);
	strbuf_init(&charsets->text);
	arena_defer(arena, charsets_release, charsets);
	return charsets;
}

struct strbuf *
charsets_bytes(struct charsets *charsets)
{
	strbuf_reset(&charsets->bytes);
	return &charsets->bytes;
}

struct strbuf *
charsets_text(struct charsets *charsets)
{
	strbuf_reset(&charsets->text);
	return &charsets->text;
}

/* In its initial state; takes the place of the one not used for longest. */
static struct converter *
converter_find(struct charsets *charsets, const char *name)
{
	struct converter *oldest = &charsets->kept[0];

	if (charsets->uses == CHARSETS_USES_MAX)
		return NULL;
	for (size_t n = 0; n < charsets->count; n++) {
		struct converter *converter = &charsets->kept[n];

		if (strcmp(converter->name, name) == 0) {
			converter->used = ++charsets->uses;
			if (converter->cd != (iconv_t)-1)
				iconv(converter->cd, NULL, NULL, NULL, NULL);
			return converter;
		}
		if (converter->used < oldest->used)
			oldest = converter;
	}
	if (charsets->opens == CHARSETS_OPENS_MAX)
		return NULL;
	charsets->opens++;
	if (charsets->count < CHARSETS_KEPT)
		oldest = &charsets->kept[charsets->count++];
	else
		converter_close(oldest);
	strcpy(oldest->name, name);
	oldest->cd = iconv_open("UTF-8", name);
	oldest->used = ++charsets->uses;
	return oldest;
}

bool
charset_is_plain(struct text charset, struct text text)
{
	char name[NAME_MAX_LEN + 1];

	return name_read(charset, name) == 0 &&
	    (name[0] == '\0' || text_equal(name, "UTF-8")) &&
	    utf8_is_valid(text.bytes, text.len);
}

int
charset_convert(struct charsets *charsets, struct text charset,
    struct text text, size_t max, struct strbuf *out, bool *complete)
{
	char name[NAME_MAX_LEN + 1];
	struct converter *converter;

	if (name_read(charset, name) != 0)
		return -1;
	if (name[0] == '\0')
		strcpy(name, utf8_is_valid(text.bytes, text.len) ? "UTF-8" :
		    "CP1252");
	if (text_equal(name, "UTF-8")) {
		charset_mend(text, max, out, complete);
		return 0;
	}
	order_tell(name, text);
	converter = converter_find(charsets, name);
	if (converter == NULL)
		*complete = false;
	if (converter == NULL || converter->cd == (iconv_t)-1)
		return -1;
	if (!convert(converter->cd, text, unit_bytes(name), max, out))
		*complete = false;
	return 0;
}
