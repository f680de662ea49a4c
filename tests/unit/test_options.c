#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "tool/options.h"
#include "table.h"

#define WORDS_MAX	12

/* The words of a line, apart by blanks; argv needs them writable. */
static int
split(char *line, char *argv[WORDS_MAX + 1])
{
	char *rest = NULL;
	int argc = 0;

	for (char *word = strtok_r(line, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* "--rcpt=a --rcpt=b | try message" */
static void
show(const struct options *options, struct strbuf *out)
{
	for (size_t i = 0; i < options->count; i++)
		strbuf_addf(out, "%s=%s ", opt_name(options->given[i].opt),
		    options->given[i].value);
	strbuf_addch(out, '|');
	for (size_t i = 0; i < options->operand_count; i++)
		strbuf_addf(out, " %s", options->operands[i]);
}

static const struct {
	const char	*line;
	const char	*read;
} good[] = {
	{ "x", "|" },
	{ "x try", "| try" },
	{ "x -c a.conf try", "--config=a.conf | try" },
	{ "x try -c a.conf", "--config=a.conf | try" },
	{ "x try -ca.conf --config=b.conf",
	    "--config=a.conf --config=b.conf | try" },
	{ "x --json try message --helo h --rcpt a --rcpt=b",
	    "--json= --helo=h --rcpt=a --rcpt=b | try message" },
	{ "x explain - -- -c text", "| explain - -c text" },
	{ "x --client-i 192.0.2.1", "--client-ip=192.0.2.1 |" },
	{ "x --fro a", "--from=a |" },	/* stands in the table twice */
	{ "x -h", "--help= |" },
	{ "x -V", "--version= |" },
	{ "x --helo=", "--helo= |" },
};

START_TEST(reads)
{
	char line[128], *argv[WORDS_MAX + 1];
	struct strbuf text = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct options options;

	strcpy(line, good[_i].line);
	ck_assert_int_eq(options_parse(&options, split(line, argv), argv,
	    &diag), 0);
	show(&options, &text);
	ck_assert_str_eq(text.text, good[_i].read);
	options_release(&options);
	strbuf_release(&text);
}
END_TEST

static const struct {
	const char	*line;
	const char	*message;
} bad[] = {
	{ "x --hleo h",
	    "unknown option \"--hleo\"; did you mean \"--helo\"?" },
	{ "x try --clientip=1",
	    "unknown option \"--clientip\"; did you mean \"--client-ip\"?" },
	{ "x --unheard-of-by-anybody",
	    "unknown option \"--unheard-of-by-anybody\"" },
	{ "x -x", "unknown option \"-x\"" },
	{ "x --json=1", "the option --json takes no value" },
	{ "x --helo", "the option --helo needs a value: --helo NAME" },
	{ "x --from", "the option --from needs a value: --from ADDRESS or "
	    "ORIGIN" },
	{ "x --fromm", "unknown option \"--fromm\"; did you mean "
	    "\"--from\"?" },
	{ "x -c", "the option --config needs a value: --config FILE" },
};

START_TEST(refuses)
{
	char line[128], *argv[WORDS_MAX + 1];
	struct diag diag = DIAG_INIT;
	struct options options;

	strcpy(line, bad[_i].line);
	ck_assert_int_eq(options_parse(&options, split(line, argv), argv,
	    &diag), -1);
	ck_assert_str_eq(diag_first(&diag), bad[_i].message);
	diag_release(&diag);
}
END_TEST

START_TEST(last_one_counts)
{
	char line[] = "x --helo a --helo b", *argv[WORDS_MAX + 1];
	struct diag diag = DIAG_INIT;
	struct options options;

	ck_assert_int_eq(options_parse(&options, split(line, argv), argv,
	    &diag), 0);
	ck_assert_str_eq(options_get(&options, OPT_HELO), "b");
	ck_assert_ptr_null(options_get(&options, OPT_FROM));
	ck_assert(options_has(&options, OPT_HELO));
	ck_assert(options_has_group(&options, OPTIONS_FACTS));
	ck_assert(!options_has_group(&options, OPTIONS_JSON));
	options_release(&options);
}
END_TEST

/* One name, two meanings: the verb says which. */
static const struct {
	unsigned	 groups;
	enum opt	 meant;
} meanings[] = {
	{ OPTIONS_FACTS | OPTIONS_JSON, OPT_FROM },
	{ OPTIONS_ORIGIN | OPTIONS_JSON, OPT_ORIGIN },
	{ OPTIONS_JSON, OPT_FROM },	/* neither; to be complained of */
};

START_TEST(verb_says_what_is_meant)
{
	char line[] = "x --json --from a", *argv[WORDS_MAX + 1];
	struct diag diag = DIAG_INIT;
	struct options options;

	ck_assert_int_eq(options_parse(&options, split(line, argv), argv,
	    &diag), 0);
	options_choose(&options, meanings[_i].groups);
	ck_assert_int_eq(options.given[0].opt, OPT_JSON);
	ck_assert_int_eq(options.given[1].opt, meanings[_i].meant);
	ck_assert_str_eq(options_get(&options, meanings[_i].meant), "a");
	options_release(&options);
}
END_TEST

/* Or getopt_long(), which knows one of them, would read the others wrongly. */
START_TEST(same_names_take_the_same)
{
	static const char *const arguments[OPT_COUNT] = {
#define OPTION(id, letter, name, argument, group, help) [OPT_##id] = argument,
#include "tool/option.def"
#undef OPTION
	};

	for (int a = 0; a < OPT_COUNT; a++)
		for (int b = 0; b < OPT_COUNT; b++)
			if (strcmp(opt_name((enum opt)a),
			    opt_name((enum opt)b)) == 0)
				ck_assert_msg((arguments[a] == NULL) ==
				    (arguments[b] == NULL), "%s",
				    opt_name((enum opt)a));
}
END_TEST

/* Help fits a terminal. */
START_TEST(help_is_narrow)
{
	struct strbuf text = STRBUF_INIT;
	const char *line, *end;

	options_help(~0u, &text);
	for (line = text.text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_msg(end - line <= 80, "%.*s", (int)(end - line),
		    line);
	}
	strbuf_release(&text);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads, COUNT(good) },
		{ refuses, COUNT(bad) },
		{ last_one_counts, 1 },
		{ verb_says_what_is_meant, COUNT(meanings) },
		{ same_names_take_the_same, 1 },
		{ help_is_narrow, 1 },
	};

	return table_run("options", tests, COUNT(tests));
}
