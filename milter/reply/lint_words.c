#include "reply/lint_words.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))
#define SENTENCE_MIN	4	/* fewer words are a label, "Its page: x" */

#define WORDS(list, ...)	\
	static const char *const words_##list[] = { __VA_ARGS__ };
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

static const struct instead_row {
	enum instead list;
	const char *phrase;
	const char *instead;
} insteads[] = {
#define INSTEAD(kind, words, right)	\
	{ .list = INSTEAD_##kind, .phrase = (words), .instead = (right) },
#include "reply/instead.def"
#undef INSTEAD
};

static const struct topic topics[] = {
#define TOPIC(words, digit, rest)	\
	{ .phrase = (words), .subject = (digit), .detail = (rest) },
#include "reply/topics.def"
#undef TOPIC
};

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

struct token
token_core(struct token token)
{
	while (token.len > 0 && is_one_of("<([\"'", *token.start)) {
		token.start++;
		token.len--;
	}
	while (token.len > 0 &&
	    is_one_of(">)]\"',;:.!?", token.start[token.len - 1]))
		token.len--;
	return token;
}

bool
token_has(struct token token, const char *part)
{
	size_t len = strlen(part);

	for (size_t i = 0; i + len <= token.len; i++)
		if (text_starts(token.start + i, part))
			return true;
	return false;
}

bool
token_is_link(struct token core)
{
	return token_has(core, "://");
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

bool
token_is_name(struct token core)
{
	if (token_is_link(core) || token_is_address(core))
		return true;
	if (is_number(core))
		return false;
	for (size_t i = 0; i + 1 < core.len; i++)
		if (is_one_of(".:_", core.start[i]))
			return true;
	return false;
}

void
plain_add(struct strbuf *out, const char *text)
{
	struct token token;
	bool first = true;

	while (token_next(&text, &token)) {
		struct token core = token_core(token);
		size_t before = (size_t)(core.start - token.start);

		if (!first)
			strbuf_addch(out, ' ');
		first = false;
		if (core.len == 0 || !token_is_name(core)) {
			strbuf_add(out, token.start, token.len);
			continue;
		}
		strbuf_add(out, token.start, before);
		strbuf_addch(out, 'x');
		strbuf_add(out, core.start + core.len,
		    token.len - before - core.len);
	}
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
	return strlen(text) == word.len && text_starts(word.start, text);
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

static struct token
phrase_find(const char *phrase, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		size_t len = p == text || !is_word_letter(p[-1]) ?
		    phrase_at(phrase, p) : 0;

		if (len > 0)
			return (struct token){ .start = p, .len = len };
	}
	return (struct token){ .start = text, .len = 0 };
}

struct token
words_find(enum words list, const char *plain)
{
	struct token found = { .start = plain, .len = 0 };

	for (size_t i = 0; i < lists[list].count && found.len == 0; i++)
		found = phrase_find(lists[list].phrases[i], plain);
	return found;
}

bool
words_have(enum words list, const char *plain)
{
	return words_find(list, plain).len > 0;
}

size_t
words_count(enum words list, const char *plain)
{
	size_t count = 0;

	for (size_t i = 0; i < lists[list].count; i++)
		count += phrase_find(lists[list].phrases[i], plain).len > 0;
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
	struct token found = { .start = plain, .len = 0 };

	for (size_t i = 0; i < LENGTH(insteads) && found.len == 0; i++) {
		if (insteads[i].list != list)
			continue;
		found = phrase_find(insteads[i].phrase, plain);
		*instead = insteads[i].instead;
	}
	return found;
}

const struct topic *
topic_find(const char *plain)
{
	for (size_t i = 0; i < LENGTH(topics); i++)
		if (phrase_find(topics[i].phrase, plain).len > 0)
			return &topics[i];
	return NULL;
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
