#include "reply/lint_words.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))
#define SENTENCE_MIN	4	/* fewer words are a label, "Its page: x" */
#define PHRASES_MAX	256	/* of a list */

#define WORDS(list, ...)	\
	static const char *const words_##list[] = { __VA_ARGS__ };	\
	_Static_assert(LENGTH(words_##list) <= PHRASES_MAX, #list);
#include "reply/words.def"
#undef WORDS

static const struct list {
	const char *const *phrases;
	size_t count;
} lists[WORDS_COUNT] = {
#define WORDS(list, ...)	\
	[WORDS_##list] = { words_##list, LENGTH(words_##list) },
#include "reply/words.def"
#undef WORDS
};

/* The phrases of each list stand together. */
static const struct instead_row {
	enum instead list;
	const char *instead;
} insteads[] = {
#define INSTEAD(kind, words, right)	\
	{ .list = INSTEAD_##kind, .instead = (right) },
#include "reply/instead.def"
#undef INSTEAD
};

static const char *const instead_phrases[] = {
#define INSTEAD(kind, words, right)	(words),
#include "reply/instead.def"
#undef INSTEAD
};

static const struct topic topics[] = {
#define TOPIC(words, digit, rest)	\
	{ .phrase = (words), .subject = (digit), .detail = (rest) },
#include "reply/topics.def"
#undef TOPIC
};

static const char *const topic_phrases[] = {
#define TOPIC(words, digit, rest)	(words),
#include "reply/topics.def"
#undef TOPIC
};

_Static_assert(LENGTH(instead_phrases) <= PHRASES_MAX &&
    LENGTH(topic_phrases) <= PHRASES_MAX, "they fit phrases_find()");

static bool
is_word_letter(char c)
{
	return text_is_letter(c) || text_is_digit(c);
}

static bool
is_one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool
token_next(const char **text, struct token *token)
{
	const char *p = *text;

	while (text_is_space(*p))
		p++;
	token->start = p;
	while (*p != '\0' && !text_is_space(*p))
		p++;
	token->len = (size_t)(p - token->start);
	*text = p;
	return token->len > 0;
}

static bool
opens(char c)
{
	switch (c) {
	case '<': case '(': case '[': case '"': case '\'':
		return true;
	}
	return false;
}

static bool
closes(char c)
{
	switch (c) {
	case '>': case ')': case ']': case '"': case '\'':
	case ',': case ';': case ':': case '.': case '!': case '?':
		return true;
	}
	return false;
}

struct token
token_core(struct token token)
{
	while (token.len > 0 && opens(*token.start)) {
		token.start++;
		token.len--;
	}
	while (token.len > 0 && closes(token.start[token.len - 1]))
		token.len--;
	return token;
}

bool
token_has(struct token token, const char *part)
{
	const size_t len = strlen(part);
	const char first = text_lower(*part);

	for (size_t i = 0; i + len <= token.len; i++)
		if (text_lower(token.start[i]) == first &&
		    text_starts(token.start + i, part))
			return true;
	return false;
}

bool
token_is_link(struct token core)
{
	return memchr(core.start, ':', core.len) != NULL &&
	    token_has(core, "://");
}

bool
token_is_address(struct token core)
{
	return memchr(core.start, '@', core.len) != NULL &&
	    !token_is_link(core);
}

/* "25", "37.5" and "95%" are words that a reader reads. */
static bool
is_number(struct token core)
{
	size_t dots = 0;

	for (size_t i = 0; i < core.len; i++) {
		if (core.start[i] == '.')
			dots++;
		else if (!text_is_digit(core.start[i]) && core.start[i] != '%')
			return false;
	}
	return core.len > 0 && dots <= 1;
}

/* What no name is without; most words have none of these. */
static bool
has_mark(struct token core)
{
	for (size_t i = 0; i < core.len; i++)
		switch (core.start[i]) {
		case '@': case '.': case ':': case '_':
			return true;
		}
	return false;
}

bool
token_is_name(struct token core)
{
	if (!has_mark(core))
		return false;
	if (token_is_link(core) || token_is_address(core))
		return true;
	if (is_number(core))
		return false;
	for (size_t i = 0; i + 1 < core.len; i++)
		if (is_one_of(".:_", core.start[i]))
			return true;
	return false;
}

/* What stands as it is from run to end is copied in one go. */
void
plain_add(struct strbuf *out, const char *text)
{
	const char *run = text, *end = text;
	struct token token;
	bool first = true;

	while (token_next(&text, &token)) {
		struct token core = token_core(token);

		if (first || token.start != end + 1 || *end != ' ') {
			strbuf_add(out, run, (size_t)(end - run));
			if (!first)
				strbuf_addch(out, ' ');
			run = token.start;
		}
		first = false;
		end = token.start + token.len;
		if (core.len == 0 || !token_is_name(core))
			continue;
		strbuf_add(out, run, (size_t)(core.start - run));
		strbuf_addch(out, 'x');
		run = core.start + core.len;
	}
	strbuf_add(out, run, (size_t)(end - run));
}

bool
word_next(const char **text, struct token *word)
{
	const char *p = *text;

	while (*p != '\0' && !is_word_letter(*p))
		p++;
	word->start = p;
	while (is_word_letter(*p) ||
	    (is_one_of("'-", *p) && is_word_letter(p[1])))
		p++;
	word->len = (size_t)(p - word->start);
	*text = p;
	return word->len > 0;
}

bool
word_is(struct token word, const char *text)
{
	return text_lower(*word.start) == text_lower(*text) &&
	    strlen(text) == word.len && text_starts(word.start, text);
}

bool
word_in(struct token word, enum words list)
{
	for (size_t i = 0; i < lists[list].count; i++)
		if (word_is(word, lists[list].phrases[i]))
			return true;
	return false;
}

/* The length of the phrase at the start of text, 0 where it is another. */
static size_t
phrase_at(const char *phrase, const char *text)
{
	size_t len = 0;

	for (; phrase[len] != '\0' && phrase[len] != '*'; len++)
		if (text_lower(phrase[len]) != text_lower(text[len]))
			return 0;
	if (phrase[len] == '*') {
		while (is_word_letter(text[len]))
			len++;
		return len;
	}
	return is_word_letter(text[len]) &&
	    is_word_letter(phrase[len - 1]) ? 0 : len;
}

/*
 * The first place of the first of these phrases that stands in text; *which is
 * its number.  Each place where a word begins is looked at once, and most begin
 * with a letter that no phrase begins with; once one was found, only those
 * before it are still looked for.
 */
static struct token
phrases_find(const char *const phrases[], size_t count, const char *text,
    size_t *which)
{
	struct token found = { .start = text, .len = 0 };
	char firsts[PHRASES_MAX];

	for (size_t i = 0; i < count; i++)
		firsts[i] = text_lower(*phrases[i]);
	while (*text != '\0' && count > 0) {
		const char *first = firsts;

		while ((first = memchr(first, text_lower(*text),
		    count - (size_t)(first - firsts))) != NULL) {
			size_t i = (size_t)(first++ - firsts);
			size_t len = phrase_at(phrases[i], text);

			if (len == 0)
				continue;
			found = (struct token){ .start = text, .len = len };
			*which = count = i;
			break;
		}
		while (is_word_letter(*text))
			text++;
		if (*text != '\0')
			text++;
	}
	return found;
}

struct token
words_find(enum words list, const char *plain)
{
	size_t which;

	return phrases_find(lists[list].phrases, lists[list].count, plain,
	    &which);
}

bool
words_have(enum words list, const char *plain)
{
	return words_find(list, plain).len > 0;
}

size_t
words_count(enum words list, const char *plain)
{
	size_t count = 0, which;

	for (size_t i = 0; i < lists[list].count; i++)
		count += phrases_find(&lists[list].phrases[i], 1, plain,
		    &which).len > 0;
	return count;
}

size_t
words_at(enum words list, const char *plain)
{
	size_t longest = 0;

	for (size_t i = 0; i < lists[list].count; i++) {
		size_t len = phrase_at(lists[list].phrases[i], plain);

		if (len > longest)
			longest = len;
	}
	return longest;
}

struct token
instead_find(enum instead list, const char *plain, const char **instead)
{
	size_t first = 0, count = 0, which = 0;
	struct token found;

	while (insteads[first].list != list)
		first++;
	while (first + count < LENGTH(insteads) &&
	    insteads[first + count].list == list)
		count++;
	found = phrases_find(&instead_phrases[first], count, plain, &which);
	*instead = insteads[first + which].instead;
	return found;
}

const struct topic *
topic_find(const char *plain)
{
	size_t which;

	return phrases_find(topic_phrases, LENGTH(topic_phrases), plain,
	    &which).len > 0 ? &topics[which] : NULL;
}

/* Groups of vowels, without a silent e at the end; at least one. */
static size_t
syllables(struct token word)
{
	size_t count = 0;
	bool vowel = false;

	for (size_t i = 0; i < word.len; i++) {
		bool now = is_one_of("aeiouy", text_lower(word.start[i]));

		if (now && !vowel)
			count++;
		vowel = now;
	}
	if (count > 1 && word.len > 2 &&
	    text_lower(word.start[word.len - 1]) == 'e' &&
	    !is_one_of("aeiouyl", text_lower(word.start[word.len - 2])))
		count--;
	return count > 0 ? count : 1;
}

/* Does a sentence end between this word and the next one? */
static bool
sentence_ends(const char *p)
{
	for (; *p != '\0' && !is_word_letter(*p); p++)
		if (is_one_of(".!?", *p) && !is_word_letter(p[1]))
			return true;
	return *p == '\0';
}

struct reading
reading_of(const char *plain)
{
	struct reading reading = { .flesch = 100 };
	struct token word;
	size_t in_sentence = 0, sounds = 0;

	while (word_next(&plain, &word)) {
		in_sentence++;
		if (!word_is(word, "x")) {
			reading.words++;
			sounds += syllables(word);
		}
		if (!sentence_ends(plain))
			continue;
		if (in_sentence >= SENTENCE_MIN)
			reading.sentences++;
		if (in_sentence > reading.longest)
			reading.longest = in_sentence;
		in_sentence = 0;
	}
	if (reading.words > 0 && reading.sentences > 0) {
		double words = (double)reading.words;

		reading.flesch = (int)(206.835 -
		    1.015 * words / (double)reading.sentences -
		    84.6 * (double)sounds / words);
	}
	return reading;
}
