#include "tool/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"

#define HELP_COLUMN	30

struct opt_row {
	char		 letter;
	const char	*argument;
	unsigned	 group;
	const char	*help;
};

static const char *const names[OPT_COUNT] = {
#define OPTION(id, letter, name, argument, group, help) [OPT_##id] = name,
#include "tool/option.def"
#undef OPTION
};

static const struct opt_row rows[OPT_COUNT] = {
#define OPTION(id, letter, name, argument, group, help) \
	[OPT_##id] = { letter, argument, OPTIONS_##group, help },
#include "tool/option.def"
#undef OPTION
};

const char *
opt_name(enum opt opt)
{
	return names[opt];
}

unsigned
opt_group(enum opt opt)
{
	return rows[opt].group;
}

/* Of rows of one name only the first is known to getopt_long(). */
static bool
is_first_of_name(size_t row)
{
	return names_find(names, row, names[row]) == -1;
}

/* Long options answer with their number, above all letters. */
#define FROM_LETTERS	256

static void
tables_fill(struct option longs[OPT_COUNT + 1],
    char letters[2 * OPT_COUNT + 2])
{
	struct option *next = longs;
	char *p = letters;

	*p++ = ':';		/* tell a missing argument from the rest */
	for (size_t i = 0; i < OPT_COUNT; i++) {
		bool takes = rows[i].argument != NULL;

		if (!is_first_of_name(i))
			continue;
		*next++ = (struct option){
			.name = names[i] + 2,
			.has_arg = takes ? required_argument : no_argument,
			.val = FROM_LETTERS + (int)i,
		};
		if (rows[i].letter != 0) {
			*p++ = rows[i].letter;
			if (takes)
				*p++ = ':';
		}
	}
	*next = (struct option){ .name = NULL };
	*p = '\0';
}

/* The option of what getopt_long() returned or left in optopt. */
static enum opt
opt_from_code(int code)
{
	if (code >= FROM_LETTERS)
		return (enum opt)(code - FROM_LETTERS);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (rows[i].letter == code)
			return (enum opt)i;
	return OPT_COUNT;
}

/* "the option --from needs a value: --from ADDRESS or ORIGIN" */
static void
explain_lack(enum opt opt, struct diag *diag)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < OPT_COUNT; i++)
		if (strcmp(names[i], names[opt]) == 0)
			strbuf_addf(&text, "%s%s", text.len > 0 ? " or " : "",
			    rows[i].argument);
	diag_error(diag, "the option %s needs a value: %s %s", names[opt],
	    names[opt], text.text);
	strbuf_release(&text);
}

/* For a long option; word is what was written. */
static void
explain_unknown(const char *word, struct diag *diag)
{
	const char *unique[OPT_COUNT];
	char *name = xstrndup(word, strcspn(word, "="));
	size_t count = 0;

	for (size_t i = 0; i < OPT_COUNT; i++)
		if (is_first_of_name(i))
			unique[count++] = names[i];
	names_unknown(diag, "option", name, unique, count);
	free(name);
}

/* word is what was written, for a long option; optopt says the rest. */
static void
explain_failure(int code, const char *word, struct diag *diag)
{
	enum opt opt = optopt == 0 ? OPT_COUNT : opt_from_code(optopt);

	if (code == ':') {
		explain_lack(opt, diag);
		return;
	}
	if (opt != OPT_COUNT) {
		diag_error(diag, "the option %s takes no value", names[opt]);
		return;
	}
	if (optopt != 0) {
		char letter[] = { '-', (char)optopt, '\0' };

		names_unknown(diag, "option", letter, NULL, 0);
		return;
	}
	explain_unknown(word, diag);
}

int
options_parse(struct options *options, int argc, char *argv[],
    struct diag *diag)
{
	struct option longs[OPT_COUNT + 1];
	char letters[2 * OPT_COUNT + 2];
	size_t room = 0;
	int code;

	*options = (struct options){ .count = 0 };
	tables_fill(longs, letters);
	opterr = 0;
	optind = 0;		/* start anew, also in a second call */
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (code == '?' || code == ':') {
			explain_failure(code, argv[optind - 1], diag);
			options_release(options);
			return -1;
		}
		options->given = xgrow(options->given, options->count, &room,
		    sizeof(*options->given));
		options->given[options->count++] = (struct opt_given){
			.opt = opt_from_code(code),
			.value = optarg != NULL ? optarg : "",
		};
	}
	options->operand_count = (size_t)(argc - optind);
	options->operands = (const char *const *)(argv + optind);
	return 0;
}

void
options_choose(struct options *options, unsigned groups)
{
	for (size_t i = 0; i < options->count; i++) {
		enum opt *opt = &options->given[i].opt;

		for (size_t j = 0; j < OPT_COUNT; j++)
			if ((rows[*opt].group & groups) == 0 &&
			    (rows[j].group & groups) != 0 &&
			    strcmp(names[j], names[*opt]) == 0)
				*opt = (enum opt)j;
	}
}

void
options_release(struct options *options)
{
	free(options->given);
	*options = (struct options){ .count = 0 };
}

const char *
options_get(const struct options *options, enum opt opt)
{
	for (size_t i = options->count; i > 0; i--)
		if (options->given[i - 1].opt == opt)
			return options->given[i - 1].value;
	return NULL;
}

bool
options_has(const struct options *options, enum opt opt)
{
	return options_get(options, opt) != NULL;
}

bool
options_has_group(const struct options *options, unsigned groups)
{
	for (size_t i = 0; i < options->count; i++)
		if (opt_group(options->given[i].opt) & groups)
			return true;
	return false;
}

void
options_help(unsigned groups, struct strbuf *out)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		size_t start = out->len;

		if ((rows[i].group & groups) == 0)
			continue;
		if (rows[i].letter != 0)
			strbuf_addf(out, "  -%c, ", rows[i].letter);
		else
			strbuf_adds(out, "      ");
		strbuf_adds(out, names[i]);
		if (rows[i].argument != NULL)
			strbuf_addf(out, " %s", rows[i].argument);
		do
			strbuf_addch(out, ' ');
		while (out->len - start < HELP_COLUMN);
		strbuf_addf(out, "%s\n", rows[i].help);
	}
}
