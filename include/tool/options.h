/*
 * options - the command line, taken apart.
 *
 * Options and operands may come in any order; the first operand is the verb.
 * So the options of all verbs stand in one table (option.def), and which of
 * them a verb takes is asked once the verb is known.  Belongs to one thread:
 * getopt_long() works on globals.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct diag;
struct strbuf;

enum opt {
#define OPTION(id, letter, name, argument, group, help)	OPT_##id,
#include "tool/option.def"
#undef OPTION
	OPT_COUNT
};

/* Groups of options, as bits. */
#define OPTIONS_COMMON	1u
#define OPTIONS_JSON	2u
#define OPTIONS_CHECK	4u
#define OPTIONS_FACTS	8u
#define OPTIONS_REASONS	16u
#define OPTIONS_CASE	32u
#define OPTIONS_ORIGIN	64u
#define OPTIONS_SETUP	128u

const char	*opt_name(enum opt opt);	/* "--client-ip" */
unsigned	 opt_group(enum opt opt);

struct opt_given {
	enum opt	 opt;
	const char	*value;		/* "" for an option without argument */
};

struct options {
	size_t			 count;
	struct opt_given	*given;		/* in the order of the line */
	size_t			 operand_count;
	const char *const	*operands;	/* in argv */
};

/*
 * Reorders argv, options first, and fills *options, which the caller
 * releases and which needs argv.  Returns 0, or -1 with the reason in diag.
 */
int	options_parse(struct options *options, int argc, char *argv[],
	    struct diag *diag);
void	options_release(struct options *options);

/*
 * For a verb that takes the options of these groups: an option whose name has
 * several meanings gets the one of them, where one is.
 */
void	options_choose(struct options *options, unsigned groups);

/* The value given last, or NULL where the option was not given. */
const char	*options_get(const struct options *options, enum opt opt);
bool		 options_has(const struct options *options, enum opt opt);
/* True if an option of one of these groups was given. */
bool		 options_has_group(const struct options *options,
		    unsigned groups);

/* Adds the lines of help of these groups, one an option. */
void	options_help(unsigned groups, struct strbuf *out);

#endif
