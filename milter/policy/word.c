#include "policy/word.h"

#include <string.h>

#include "base/text.h"

#define CHARSET_MAX	80	/* bytes, with the language behind it */

/* The first place of two characters, or end. */
static const char *
find(const char *p, const char *end, const char mark[2])
{
	while (end - p >= 2 &&
	    (p = memchr(p, mark[0], (size_t)(end - p) - 1)) != NULL) {
		if (p[1] == mark[1])
			return p;
		p++;
	}
	return end;
}

void
words_init(struct words *words, struct text value)
{
	*words = (struct words){
		.at = value.bytes,
		.end = value.bytes + value.len,
		.closing = value.bytes
	};
}

/*
 * p is at a "=?".  The place of the next "?=" is remembered, so that many
 * words that never end take no longer than one.
 */
static bool
word_parse(struct words *words, const char *p, struct word *word)
{
	const char *end = words->end;
	const char *payload;
	const char *question;
	const char *star;
	char encoding;

	*word = (struct word){ .begin = p };
	p += 2;
	question = memchr(p, '?', end - p < CHARSET_MAX ? (size_t)(end - p) :
	    CHARSET_MAX);
	if (question == NULL || end - question < 5 || question[2] != '?')
		return false;
	star = memchr(p, '*', (size_t)(question - p));
	word->charset = (struct text){
		.bytes = p,
		.len = (size_t)((star == NULL ? question : star) - p)
	};
	encoding = text_lower(question[1]);
	word->base64 = encoding == 'b';
	if (word->charset.len == 0 || (encoding != 'b' && encoding != 'q'))
		return false;
	payload = question + 3;
	if (words->closing < payload)
		words->closing = find(payload, end, "?=");
	if (words->closing == end)
		return false;
	word->payload = (struct text){
		.bytes = payload,
		.len = (size_t)(words->closing - payload)
	};
	word->behind = words->closing + 2;
	/* A word within the payload means that this one has no end. */
	return find(payload, words->closing, "=?") == words->closing;
}

bool
words_next(struct words *words, struct word *word)
{
	bool found = false;

	while (!found) {
		const char *p = find(words->at, words->end, "=?");

		if (p == words->end)
			break;
		found = word_parse(words, p, word);
		words->at = found ? word->behind : p + 2;
	}
	return found;
}
