/*
 * expression - random regular expressions, each with a text made to match it.
 *
 * Of all that PCRE2 knows, what policy/needs.h understands and what it must
 * not; a few do not compile.  The texts have letters in any case, and now and
 * then a long s or a Kelvin sign.
 */
#ifndef TESTS_EXPRESSION_H
#define TESTS_EXPRESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/strbuf.h"

struct expression {
	uint64_t	 state;		/* of the generator of numbers */
	struct strbuf	 pattern;
	struct strbuf	 text;
};

static inline uint32_t
expression_draw(struct expression *e, uint32_t below)
{
	e->state = e->state * UINT64_C(6364136223846793005) +
	    1442695040888963407;
	return (uint32_t)(e->state >> 33) % below;
}

/* What the character may be in a text where case is ignored. */
static inline void
expression_say(struct expression *e, char c)
{
	uint32_t how = expression_draw(e, 12);

	if (how == 0 && (c == 's' || c == 'S'))
		strbuf_adds(&e->text, "\305\277");
	else if (how == 0 && (c == 'k' || c == 'K'))
		strbuf_adds(&e->text, "\342\204\252");
	else if (how < 6 && c >= 'a' && c <= 'z')
		strbuf_addch(&e->text, (char)(c - 32));
	else
		strbuf_addch(&e->text, c);
}

static inline void
expression_word(struct expression *e)
{
	static const char *const words[] = {
		"sky", "Kiss", "spam", "ab", "free ", "x", "mask", "link",
		"offer", "k", "123", "a-b", " "
	};
	const char *word = words[expression_draw(e, 13)];

	strbuf_adds(&e->pattern, word);
	for (; *word != '\0'; word++)
		expression_say(e, *word);
}

/* What stands for one character or none, and a text that it matches. */
static inline void
expression_small(struct expression *e)
{
	static const struct {
		const char	*pattern, *text;
	} rows[] = {
		{ ".", "z" }, { "\\d", "7" }, { "\\w", "s" }, { "\\s", " " },
		{ "\\.", "." }, { "\\*", "*" }, { "\\x6b", "k" },
		{ "\\x{73}", "s" }, { "\\x7", "\007" }, { "[sk]", "k" },
		{ "[^q]", "s" }, { "[a-f]", "c" }, { "[[:alpha:]]", "k" },
		{ "[]x]", "]" }, { "[x\\]]", "]" }, { "[s\\d]", "5" },
		{ "\303\244", "\303\204" }, { "[\303\244k]", "k" },
		{ "\\pL", "k" }, { "\\p{Lu}", "K" }, { "\\b", "" },
		{ "\\B", "" }, { "\\K", "" }, { "(?i)", "" }, { "(?s)", "" },
		{ "(?#sky)", "" }, { "(?:)", "" }, { "(?!sky9)", "" },
		{ "(?<!sky9)", "" }, { "{", "{" }, { "{x}", "{x}" },
		{ "{,3}", "{,3}" }, { "a{,2}", "aa" }, { "a{,2}", "" },
		{ "\\Qsk+\\E", "sk+" }, { "[\\Qsk\\E]", "s" }, { "\\R", "\n" },
		{ "\\N", "s" }, { "\\N{2}", "sk" }, { "\\R{1}", "\n" },
		{ "\\cA", "\001" }, { "\\01", "\001" }, { "\\101", "A" },
		{ "\\o{163}", "s" }, { "(sky)\\1", "skysky" },
		{ "(?x: s k #y\n)", "sk" }, { "(?(?=s)sk|xy)", "xy" },
		{ "(?:s(?R)?k)", "sskk" }, { "(?<n>s|k)\\k<n>", "kk" },
		{ "(?'n'sk)\\g{-1}", "sksk" }, { "(?P<n>sk)(?P=n)", "sksk" },
		{ "(?:a(?#x){0}b)", "b" }, { "(?:a(?i){0}b)", "b" },
		{ "a{2}{0}", "" }, { "(?:ab){0}", "" }, { "(*ACCEPT)", "" },
		{ "(?i:k)", "k" }, { "(?-i)", "" }, { "(?^:s)", "s" },
		{ "(?|(sk)|(xy))", "xy" }, { "(?=s)", "" }, { "(?=.?)", "" },
		{ "(?<=s)", "" }, { "\\h", "\t" }, { "\\X", "k" },
	};
	uint32_t row = expression_draw(e,
	    sizeof(rows) / sizeof(rows[0]));

	strbuf_adds(&e->pattern, rows[row].pattern);
	strbuf_adds(&e->text, rows[row].text);
}

static inline void	expression_row(struct expression *e, int depth);

/* Alternatives: the text goes on with one of them. */
static inline void
expression_either(struct expression *e, int depth)
{
	uint32_t count = 1 + expression_draw(e, 3);
	uint32_t chosen = expression_draw(e, count);

	for (uint32_t i = 0; i < count; i++) {
		size_t len = e->text.len;

		if (i > 0)
			strbuf_addch(&e->pattern, '|');
		expression_row(e, depth);
		if (i != chosen)
			strbuf_cut(&e->text, len);
	}
}

static inline void
expression_group(struct expression *e, int depth)
{
	static const char *const begins[] = {
		"(", "(?:", "(?>", "(?i:", "(?<g>", "(?|"
	};

	strbuf_adds(&e->pattern, begins[expression_draw(e, 6)]);
	expression_either(e, depth);
	strbuf_addch(&e->pattern, ')');
}

/* A quantifier, and the text as often as it wants. */
static inline void
expression_repeat(struct expression *e, size_t from)
{
	static const struct {
		const char	*quantifier;
		uint32_t	 least, most;
	} rows[] = {
		{ "?", 0, 1 }, { "*", 0, 3 }, { "+", 1, 3 }, { "??", 0, 1 },
		{ "*?", 0, 2 }, { "+?", 1, 2 }, { "{2}", 2, 2 },
		{ "{0,2}", 0, 2 }, { "{1,}", 1, 3 }, { "{3}?", 3, 3 },
		{ "{1}", 1, 1 }, { "{0}", 0, 0 }, { "?+", 0, 1 },
		{ "{1}{2}", 2, 2 }, { "{1}?{0}", 0, 0 },
	};
	uint32_t row = expression_draw(e, sizeof(rows) / sizeof(rows[0]));
	uint32_t times = rows[row].least + expression_draw(e,
	    rows[row].most - rows[row].least + 1);
	struct strbuf once = STRBUF_INIT;

	strbuf_adds(&e->pattern, rows[row].quantifier);
	strbuf_add(&once, e->text.text + from, e->text.len - from);
	strbuf_cut(&e->text, from);
	while (times-- > 0)
		strbuf_add(&e->text, once.text, once.len);
	strbuf_release(&once);
}

static inline void
expression_row(struct expression *e, int depth)
{
	for (uint32_t count = expression_draw(e, 4); count > 0; count--) {
		size_t from = e->text.len;
		uint32_t what = expression_draw(e, 10);

		if (what < 3 && depth > 0)
			expression_group(e, depth - 1);
		else if (what < 7)
			expression_word(e);
		else
			expression_small(e);
		/* Behind a word, it is the quantifier of its last letter. */
		if (what < 3 && depth > 0 && expression_draw(e, 2) == 0)
			expression_repeat(e, from);
		else if (expression_draw(e, 5) == 0 && e->text.len > from &&
		    e->text.text[e->text.len - 1] > 0)
			expression_repeat(e, e->text.len - 1);
	}
}

/* Another expression, with a text that it matches more often than not. */
static inline void
expression_next(struct expression *e)
{
	strbuf_reset(&e->pattern);
	strbuf_reset(&e->text);
	if (expression_draw(e, 4) == 0)
		expression_small(e);
	expression_either(e, 3);
}

#endif
