#include "policy/header.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "policy/charset.h"
#include "policy/mime.h"
#include "policy/word.h"

/*
 * Encoded words.  The bytes of adjacent words of one charset are converted
 * together, because senders cut characters in two.
 */
struct run {
	struct strbuf *bytes;
	struct text charset;
	const char *begin;	/* NULL: there is no run */
	const char *behind;
};

static void
add_literal(struct strbuf *out, struct charsets *charsets, const char *begin,
    const char *behind, bool *complete)
{
	struct text text = { .bytes = begin, .len = (size_t)(behind - begin) };

	if (charset_convert(charsets, (struct text){ .bytes = "" }, text,
	    CHARSET_ALL, out, complete) != 0)
		charset_mend(text, CHARSET_ALL, out, complete);
}

/* Words of a charset that nobody knows stay as they came. */
static void
run_end(struct run *run, struct charsets *charsets, struct strbuf *out,
    bool *complete)
{
	if (run->begin == NULL)
		return;
	if (charset_convert(charsets, run->charset, text_of(run->bytes),
	    CHARSET_ALL, out, complete) != 0)
		add_literal(out, charsets, run->begin, run->behind, complete);
	run->begin = NULL;
	strbuf_reset(run->bytes);
}

static bool
is_space(const char *p, const char *behind)
{
	while (p < behind && text_is_space(*p))
		p++;
	return p == behind;
}

void
header_decode_into(struct text raw, struct charsets *charsets,
    struct strbuf *out, bool *complete)
{
	struct run run = { .bytes = charsets_bytes(charsets) };
	const char *literal = raw.bytes;
	struct words words;
	struct word word;
	size_t runs = 0;

	words_init(&words, raw);
	while (words_next(&words, &word)) {
		/* White space between two words is not part of the text. */
		if (run.begin == NULL || !is_space(literal, word.begin)) {
			run_end(&run, charsets, out, complete);
			add_literal(out, charsets, literal, word.begin,
			    complete);
		} else if (!text_same(run.charset, word.charset))
			run_end(&run, charsets, out, complete);
		literal = word.begin;
		if (run.begin == NULL && runs++ == HEADER_RUNS_MAX) {
			*complete = false;
			break;
		}
		if (run.begin == NULL)
			run.begin = word.begin;
		run.charset = word.charset;
		run.behind = word.behind;
		if (word.base64)
			base64_decode(word.payload, run.bytes);
		else
			quoted_word_decode(word.payload, run.bytes);
		literal = word.behind;
	}
	run_end(&run, charsets, out, complete);
	add_literal(out, charsets, literal, raw.bytes + raw.len, complete);
}

bool
header_is_plain(struct text raw)
{
	return memmem(raw.bytes, raw.len, "=?", 2) == NULL &&
	    memchr(raw.bytes, '\0', raw.len) == NULL &&
	    utf8_is_valid(raw.bytes, raw.len);
}

struct text
header_decode(struct arena *arena, struct charsets *charsets,
    struct text raw, bool *complete)
{
	struct strbuf *out = charsets_text(charsets);

	header_decode_into(raw, charsets, out, complete);
	return text_without_nuls(arena, text_of(out));
}

struct text
header_decode_alone(struct arena *arena, const char *raw, size_t len)
{
	struct charsets *charsets = charsets_new(arena);
	bool complete = true;

	return header_decode(arena, charsets,
	    (struct text){ .bytes = raw, .len = len }, &complete);
}
