/*
 * GMime decodes what it decodes safely: base64, quoted-printable and
 * the grammar of addresses.  The tree, words and parameters it
 * reads by recursion, into the stack, or into tables that only grow, and in a
 * daemon each of these is a way for one mail to stop all.  Seen with GMime
 * 3.2.13:
 *
 * - a Content-Disposition of 10 MB overflows a stack of 8 MB (the charset of
 *   an RFC 2231 parameter is copied by alloca); so do 300,000 nested groups
 *   in a From field;
 * - each part costs 1.4 kB of heap, and 10 MB of mail can have two million;
 * - each new charset name, be it nonsense, stays in a table for good;
 * - text is lost where a policy must see it: the second of two base64 words
 *   if the first is padded, all behind an encoded NUL unless in UTF-8, all
 *   parameters behind one without "=".
 *
 * So parts.c cuts the tree, word.c and parameter.c find what is encoded, and
 * charset.c converts.
 */
#include "policy/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "policy/word.h"

#define FROM_BYTES_MAX	2048

static pthread_once_t gmime_once = PTHREAD_ONCE_INIT;

/*
 * Padding ends a base64 stream for GMime; for most readers it does not, and
 * so hides nothing here: each stretch is a stream of its own, and an "=" at
 * the end brings out the last bytes where the padding is missing.
 */
void
base64_decode(struct text in, struct strbuf *out)
{
	const unsigned char *p = (const unsigned char *)in.bytes;
	const unsigned char *end = p + in.len;
	int state = 0;
	guint32 save = 0;

	while (p < end) {
		const unsigned char *pad = memchr(p, '=', (size_t)(end - p));
		unsigned char *to;
		size_t len;

		if (pad == NULL)
			pad = end;
		to = (unsigned char *)strbuf_room(out, (size_t)(pad - p) + 4);
		len = g_mime_encoding_base64_decode_step(p, (size_t)(pad - p),
		    to, &state, &save);
		len += g_mime_encoding_base64_decode_step(
		    (const unsigned char *)"=", 1, to + len, &state, &save);
		strbuf_added(out, len);
		state = 0;
		save = 0;
		p = pad < end ? pad + 1 : end;
	}
}

/*
 * GMime takes blanks between "=" and the line end for text, but they are what
 * some MTA added (RFC 2045 6.7, rule 3).  Returns how much is left.
 */
static size_t
quoted_unpad(char *text, size_t len)
{
	const char *end = text + len;
	size_t left = 0;

	for (const char *p = text; p < end; p++) {
		const char *behind = p + 1;

		text[left++] = *p;
		if (*p != '=')
			continue;
		while (behind < end && (*behind == ' ' || *behind == '\t' ||
		    *behind == '\r'))
			behind++;
		if (behind == end || *behind == '\n')
			p = behind - 1;
	}
	return left;
}

/* What GMime is to decode stands behind the room for what comes out. */
static void
quoted(struct text in, bool is_word, struct strbuf *out)
{
	const size_t most = in.len + 4;
	char *to = strbuf_room(out, most + in.len);
	char *from = to + most;
	int state = 0;
	guint32 save = 0;
	size_t len;

	for (size_t n = 0; n < in.len; n++)
		from[n] = is_word && in.bytes[n] == '_' ? ' ' : in.bytes[n];
	len = quoted_unpad(from, in.len);
	strbuf_added(out, g_mime_encoding_quoted_decode_step(
	    (unsigned char *)from, len, (unsigned char *)to, &state, &save));
}

void
quoted_decode(struct text in, struct strbuf *out)
{
	quoted(in, false, out);
}

void
quoted_word_decode(struct text in, struct strbuf *out)
{
	quoted(in, true, out);
}

bool
transfer_is_known(struct text encoding)
{
	return encoding.len == 0 || text_is(encoding, "7bit") ||
	    text_is(encoding, "8bit") || text_is(encoding, "binary") ||
	    text_is(encoding, "base64") ||
	    text_is(encoding, "quoted-printable");
}

bool
transfer_decode(struct text encoding, struct text in, size_t enough,
    struct strbuf *buf, struct text *out)
{
	bool complete = transfer_is_known(encoding);

	if (in.len / 4 > enough) {
		in.len = enough * 4;
		complete = false;
	}
	if (text_is(encoding, "base64"))
		base64_decode(in, buf);
	else if (text_is(encoding, "quoted-printable"))
		quoted_decode(in, buf);
	else {
		*out = in;
		return complete;
	}
	*out = text_of(buf);
	return complete;
}

/*
 * From.  A reader sees one address, whose domain this is, or there is no
 * answer.
 */
struct from {
	char text[FROM_BYTES_MAX + 1];	/* as it is given to GMime */
	const char *ats[FROM_BYTES_MAX];	/* behind each "@" there */
	size_t ats_count;
};

/*
 * Copies the value, without encoded words, which only name people, and finds
 * each "@" outside of quotes and comments.  Returns -1 for a group, for
 * GMime would go into groups of groups by recursion.
 */
static int
from_read(struct from *from, const char *raw, size_t len)
{
	unsigned comments = 0;
	bool quoted = false;

	if (len > FROM_BYTES_MAX || memchr(raw, '\0', len) != NULL)
		return -1;
	for (size_t n = 0; n < len; n++) {
		char c = raw[n];

		from->text[n] = n > 0 && c == '?' && raw[n - 1] == '=' ? '_' :
		    c;
		if (c == '\\' && (quoted || comments > 0) && n + 1 < len) {
			n++;
			from->text[n] = raw[n];
		} else if (c == '"' && comments == 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(')
			comments++;
		else if (c == ')' && comments > 0)
			comments--;
		else if (comments > 0)
			continue;
		else if (c == ':' || c == ';')
			return -1;
		else if (c == '@')
			from->ats[from->ats_count++] = from->text + n + 1;
	}
	from->text[len] = '\0';
	return quoted || comments > 0 ? -1 : 0;
}

static bool
is_domain(const char *domain)
{
	const char *p = domain;

	for (; *p != '\0'; p++) {
		if (*p == '.' && (p == domain || p[1] == '.'))
			return false;
		if (!text_is_letter(*p) && !text_is_digit(*p) &&
		    strchr("-._:[]", *p) == NULL)
			return false;
	}
	return p > domain;
}

/* "a@example.org <a@example.org>" is usual; with two domains it is a lie. */
static bool
one_domain(const struct from *from, const char *domain)
{
	size_t len = strlen(domain);

	if (from->ats_count == 1)
		return true;
	for (size_t n = 0; n < from->ats_count; n++) {
		char behind;

		if (!text_starts(from->ats[n], domain))
			return false;
		behind = from->ats[n][len];
		if (behind != '\0' && !text_is_space(behind) &&
		    strchr("<>,(", behind) == NULL)
			return false;
	}
	return true;
}

struct text
mime_from_domain(struct arena *arena, const char *raw, size_t len)
{
	struct from *from = xcalloc(1, sizeof(*from));
	struct text result = { .bytes = "" };
	InternetAddressList *list = NULL;
	InternetAddress *address;
	const char *domain;

	if (from_read(from, raw, len) != 0 || from->ats_count == 0)
		goto out;
	pthread_once(&gmime_once, g_mime_init);
	list = internet_address_list_parse(NULL, from->text);
	if (list == NULL || internet_address_list_length(list) == 0)
		goto out;
	address = internet_address_list_get_address(list, 0);
	if (!INTERNET_ADDRESS_IS_MAILBOX(address))
		goto out;
	domain = internet_address_mailbox_get_idn_addr(
	    INTERNET_ADDRESS_MAILBOX(address));
	domain = domain == NULL ? NULL : strrchr(domain, '@');
	if (domain != NULL && is_domain(domain + 1) &&
	    one_domain(from, domain + 1)) {
		char *copy = arena_strdup(arena, domain + 1);

		text_lower_all(copy);
		result = (struct text){ .bytes = copy, .len = strlen(copy) };
	}
out:
	if (list != NULL)
		g_object_unref(list);
	free(from);
	return result;
}
