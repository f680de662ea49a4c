/*
 * lint_words - the text of a reply as the lint rules read it.
 *
 * Names, addresses and links are what a reader skips, and what must not be
 * mistaken for words: a plain text has "x" in the place of each.  Phrases of
 * words.def are looked for there.  Pure; safe from any thread.
 */
#ifndef REPLY_LINT_WORDS_H
#define REPLY_LINT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

enum words {
#define WORDS(list, ...)	WORDS_##list,
#include "reply/words.def"
#undef WORDS
	WORDS_COUNT
};

/* The lists of instead.def. */
enum instead {
	INSTEAD_BLAME,
	INSTEAD_TERM,
	INSTEAD_PASSIVE,
	INSTEAD_SYNONYM,
	INSTEAD_YOURS
};

/* What a text is about: a row of topics.def. */
struct topic {
	const char	*phrase;
	unsigned short	 subject;
	unsigned short	 detail;
};

/* A part of a text; not ended by a NUL. */
struct token {
	const char	*start;
	size_t		 len;
};
/* The arguments for "%.*s". */
#define TOKEN_ARGS(token)	(int)(token).len, (token).start

/*
 * The next part of *text between blanks; *text moves behind it.  False at the
 * end.
 */
bool	token_next(const char **text, struct token *token);
/* The token without quotes, brackets and marks around it. */
struct token	token_core(struct token token);
bool	token_is_link(struct token core);
bool	token_is_address(struct token core);
/* A link, an address, or anything else with a mark between two letters. */
bool	token_is_name(struct token core);
bool	token_has(struct token token, const char *part); /* without case */

/* The next word of *text: letters, digits, and ' or - within. */
bool	word_next(const char **text, struct token *word);
bool	word_is(struct token word, const char *text);	/* without case */
bool	word_in(struct token word, enum words list);	/* without case */

/* Adds text to out with "x" for each name. */
void	plain_add(struct strbuf *out, const char *text);

/*
 * The first phrase of the list that stands in plain, as it stands there; a
 * token of no length where there is none.
 */
struct token	 words_find(enum words list, const char *plain);
bool		 words_have(enum words list, const char *plain);
/* How many phrases of the list stand in plain. */
size_t		 words_count(enum words list, const char *plain);
/* The length of the longest phrase of the list at the start of plain, or 0. */
size_t		 words_at(enum words list, const char *plain);
/* As words_find(); *instead is what to write. */
struct token	 instead_find(enum instead list, const char *plain,
		    const char **instead);
/* NULL where the text is about nothing that we know. */
const struct topic	*topic_find(const char *plain);

/* How easy a plain text is to read. */
struct reading {
	size_t	 words;		/* without names */
	size_t	 sentences;	/* of four words or more */
	size_t	 longest;	/* words of the longest sentence, with names */
	int	 flesch;	/* reading ease, about 0 to 100 */
};
struct reading	reading_of(const char *plain);

#endif
