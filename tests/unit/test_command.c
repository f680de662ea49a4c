/* Programs that are run: what they print, how they end, and when not. */
#include "base/diag.h"
#include "base/strbuf.h"
#include "world/command.h"
#include "table.h"

static const struct {
	const char		*argv[4];
	unsigned		 timeout_ms;
	enum command_result	 result;
	const char		*printed;
	const char		*complaint;
} runs[] = {
	{ { "echo", "two words", "*" }, 10000, COMMAND_DONE,
	    "two words *\n", "" },
	{ { "cat" }, 10000, COMMAND_DONE, "", "" },	/* no input */
	{ { "sh", "-c", "echo a; echo b >&2" }, 10000, COMMAND_DONE, "a\n",
	    "" },
	{ { "sh", "-c", "echo part; echo why >&2; echo more >&2; exit 3" },
	    10000, COMMAND_FAILED, "part\n", "sh says: why" },
	{ { "sh", "-c", "exit 3" }, 10000, COMMAND_FAILED, "",
	    "sh ended with the status 3" },
	{ { "sh", "-c", "kill -9 $$" }, 10000, COMMAND_FAILED, "",
	    "sh was ended by signal 9" },
	{ { "sleep", "60" }, 200, COMMAND_FAILED, "",
	    "sleep did not end within 1 seconds" },
	{ { "sh", "-c", "exec >&- 2>&-; exec sleep 60" }, 200,
	    COMMAND_FAILED, "", "sh did not end within 1 seconds" },
	{ { "no-such-program-here" }, 10000, COMMAND_MISSING, "",
	    "no-such-program-here cannot be run: No such file or directory" },
	{ { "/no/such/path" }, 10000, COMMAND_MISSING, "",
	    "/no/such/path cannot be run: No such file or directory" },
	{ { "/tmp" }, 10000, COMMAND_FAILED, "",
	    "/tmp cannot be run: Permission denied" },
};

START_TEST(runs_it)
{
	const char *argv[5] = { runs[_i].argv[0], runs[_i].argv[1],
	    runs[_i].argv[2], runs[_i].argv[3], NULL };
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(command_run(argv, runs[_i].timeout_ms, &out, &diag),
	    runs[_i].result);
	ck_assert_str_eq(out.text, runs[_i].printed);
	ck_assert_str_eq(diag_first(&diag), runs[_i].complaint);
	strbuf_release(&out);
	diag_release(&diag);
}
END_TEST

/* More than any bound: all of it is read, a part of it is kept. */
START_TEST(output_is_bounded)
{
	const char *argv[] = { "sh", "-c", "head -c 9000000 /dev/zero; "
	    "head -c 9000000 /dev/zero >&2; exit 1", NULL };
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(command_run(argv, 60000, &out, &diag),
	    COMMAND_FAILED);
	ck_assert_uint_eq(out.len, COMMAND_OUTPUT_MAX);
	strbuf_release(&out);
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ runs_it, COUNT(runs) },
		{ output_is_bounded, 1 },
	};

	return table_run("command", tests, COUNT(tests));
}
