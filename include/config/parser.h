/*
 * parser - what the check of the syntax knows while it goes through a text,
 * and the small steps of which it and its mending are made.
 *
 * For syntax.c alone.  Belongs to one thread.
 */
#ifndef CONFIG_PARSER_H
#define CONFIG_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct source;
struct strbuf;

#define DEPTH_MAX	50	/* brackets in brackets */
#define SHOWN_MAX	60	/* characters of a wrong word */
#define SLIPS_MAX	100	/* then the rest is not looked at */
#define BLANKS		" \t\r\n\f"	/* a vertical tab is none */

/* The names of a group, to find one that stands there twice. */
struct name {
	const char	*text;
	size_t		 len;
	unsigned	 line;
};

struct names {
	struct name	*items;
	size_t		 count, room;
};

/* An open bracket, and the setting or value in it that is being read. */
struct bracket {
	char		 c;		/* '\0': the whole text */
	char		 written;	/* in the mended text */
	bool		 told;		/* an array that should be a list */
	char		 kind;		/* of the values of an array so far */
	bool		 dotted;	/* the setting was header.NAME */
	bool		 twice;		/* the setting was there before */
	bool		 names_group;	/* the setting is policies, ... */
	unsigned	 line;
	unsigned	 comma;		/* the line of the one just read */
	unsigned	 name_line;
	size_t		 at;		/* these in the mended text: */
	size_t		 comma_at;
	size_t		 setting_at;
	struct names	 names;
};

enum expected { A_SETTING, A_VALUE, A_SEPARATOR, THE_END };

/*
 * The parser writes the text again as it reads it, mended at each slip, line
 * by line the same.  A trial goes on from a copy and writes nothing: it only
 * counts the slips that would follow.
 */
struct parser {
	struct source	*source;
	struct diag	*diag;
	struct strbuf	*out;		/* NULL: a trial */
	const char	*p;
	const char	*stop;		/* of a trial */
	unsigned	 line;
	unsigned	 depth;
	size_t		 slips;
	bool		 hopeless;
	enum expected	 expected;
	char		 owed;		/* a bracket closed before its end */
	/* The bracket that was ended last, where, and how deep it lies. */
	struct bracket	 ended;
	unsigned	 ended_depth;
	unsigned	 ended_line;
	size_t		 ended_at;
	struct bracket	 stack[DEPTH_MAX + 1];
};

#define SLIP(parser, at, ...) do {	\
	if (parser_slip((parser), (at)))	\
		diag_add((parser)->diag, SEVERITY_ERROR,	\
		    source_place((parser)->source, (at)), __VA_ARGS__);	\
} while (0)

struct bracket *parser_top(struct parser *parser);
size_t	parser_out_len(const struct parser *parser);
void	parser_insert(struct parser *parser, const char *text);
void	parser_skip_to(struct parser *parser, const char *stop);
void	parser_take_out(struct parser *parser, size_t from, size_t to);
void	parser_drop(struct parser *parser, const char *stop);
char	parser_next(struct parser *parser);
bool	parser_is_name_char(char c);
bool	parser_is_name_start(char c);
size_t	parser_name_len(const char *p);
bool	parser_is_setting(const char *p);
bool	parser_is_root_key(const char *name, size_t len);
bool	parser_is_top_setting(const char *p);
bool	parser_is_open(char c);
bool	parser_is_close(char c);
char	parser_closing(char open);
bool	parser_holds_settings(const struct bracket *bracket);
const char *parser_word_end(const char *p);
void	parser_shown_add(const char *p, const char *end,
	    struct strbuf *out);
void	parser_doubt(struct parser *parser, unsigned from);
void	parser_wrong(struct parser *parser, const char *rule);
void	parser_make_list(struct parser *parser, struct bracket *array);
void	parser_note_kind(struct parser *parser, char kind);
void	parser_no_value(struct parser *parser, unsigned from);
void	parser_push(struct parser *parser);
void	parser_pop(struct parser *parser);
void	parser_setting_end(struct parser *parser);
void	parser_pop_unclosed(struct parser *parser, bool told);
bool	parser_slip(struct parser *parser, unsigned line);

#endif
