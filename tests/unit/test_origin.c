/* Words for who wrote a reply: which there are, and whom they mean. */
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/origin.h"
#include "reply/unwrap.h"
#include "table.h"

static const char *const milters[] = { "rspamd", "blue shield" };

static const struct {
	const char	*from, *origin;
	bool		 match;
} pairs[] = {
	{ "", "", true },
	{ "", "milter rspamd", true },
	{ "postfix", "postfix", true },
	{ "postfix", "Postfix", true },
	{ "mta", "mta", true },
	{ "mta", "postfix", true },
	{ "mta", "sendmail", true },
	{ "postfix", "mta", true },
	{ "sendmail", "mta", true },
	{ "milter rspamd", "milter rspamd", true },
	{ "rspamd", "milter rspamd", true },
	{ "postfix", "", false },
	{ "postfix", "sendmail", false },
	{ "mta", "", false },
	{ "mta", "rspamd", false },
	{ "mta", "milter rspamd", false },
	{ "exim", "mta", false },
	{ "milter rspamd", "rspamd", false },
	{ "milter rspamd", "milter blue shield", false },
};

START_TEST(test_match)
{
	ck_assert_msg(origin_match(pairs[_i].from, pairs[_i].origin) ==
	    pairs[_i].match, "from \"%s\", origin \"%s\"", pairs[_i].from,
	    pairs[_i].origin);
}
END_TEST

static const struct {
	enum speaker	 speaker;
	const char	*program, *origin;
} guesses[] = {
	{ SPEAKER_MTA, "postfix/smtpd", "postfix" },
	{ SPEAKER_DELIVERY, "postfix/smtp", "postfix" },
	{ SPEAKER_MTA, "postfix-in/smtpd", "postfix" },
	{ SPEAKER_MTA, "sm-mta", "sendmail" },
	{ SPEAKER_DELIVERY, "sendmail", "sendmail" },
	{ SPEAKER_MTA, "exim", "" },
	{ SPEAKER_MTA, "", "" },
	{ SPEAKER_REMOTE, "postfix/smtp", "" },
	{ SPEAKER_MILTER, "postfix/cleanup", "" },
	{ SPEAKER_UNTOLD, "", "" },
};

START_TEST(test_guess)
{
	const struct unwrapped unwrapped = {
		.speaker = guesses[_i].speaker,
		.program = guesses[_i].program,
	};

	ck_assert_str_eq(origin_guess(&unwrapped), guesses[_i].origin);
}
END_TEST

static const struct {
	const char	*written;
	const char	*why;		/* "": it may be written */
} checks[] = {
	{ "mta", "" },
	{ "postfix", "" },
	{ "rspamd", "" },
	{ "general", "" },
	{ "milter rspamd", "" },
	{ "milter blue shield", "" },
	{ "postfx", "unknown origin \"postfx\"; did you mean \"postfix\"?" },
	{ "milter rspamc", "unknown origin \"milter rspamc\"; did you mean "
	    "\"milter rspamd\"?" },
	{ "blue shield", "unknown origin \"blue shield\"; did you mean "
	    "\"milter blue shield\"?" },
	{ "milter opendkim", "unknown origin \"milter opendkim\"; did you "
	    "mean \"opendkim\"?" },
	{ "\"\n", "unknown origin \"\\\"\\x0a\"" },
	{ "", "unknown origin \"\"" },
};

START_TEST(test_check)
{
	struct arena *arena = arena_new();
	const struct origins *origins = origins_new(arena, milters,
	    COUNT(milters));
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(origins_check(origins, checks[_i].written, &diag),
	    *checks[_i].why == '\0' ? 0 : -1);
	ck_assert_str_eq(diag_first(&diag), checks[_i].why);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* Each stands once, in the order in which people look for them. */
START_TEST(test_format)
{
	struct arena *arena = arena_new();
	const struct origins *origins = origins_new(arena, milters,
	    COUNT(milters));
	struct strbuf text = STRBUF_INIT;
	const char *end = ", milter rspamd, milter blue shield";

	origins_format(origins, &text);
	ck_assert_ptr_eq(strstr(text.text, "mta, postfix, sendmail, "),
	    text.text);
	ck_assert_str_eq(text.text + text.len - strlen(end), end);
	for (size_t i = 0; i < origins->count; i++)
		for (size_t n = 0; n < i; n++)
			ck_assert_str_ne(origins->names[i],
			    origins->names[n]);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

/* `general' comes last: it would hide what a special file says better. */
START_TEST(test_file)
{
	ck_assert_str_eq(origin_file(0), "postfix");
	ck_assert_uint_eq(origin_file_find("postfix"), 0);
	ck_assert_uint_eq(origin_file_find("milter rspamd"),
	    origin_file_find("rspamd"));
	ck_assert_str_eq(origin_file(origin_file_find("rspamd")), "rspamd");
	ck_assert_str_eq(origin_file(origin_file_count() - 1), "general");
	ck_assert_uint_eq(origin_file_find("mta"), ORIGIN_NO_FILE);
	ck_assert_uint_eq(origin_file_find(""), ORIGIN_NO_FILE);
}
END_TEST

START_TEST(test_milter)
{
	struct arena *arena = arena_new();

	ck_assert_str_eq(origin_of_milter(arena, "blue shield"),
	    "milter blue shield");
	ck_assert(origin_is_milter("milter blue shield"));
	ck_assert(!origin_is_milter("mta"));
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_match, COUNT(pairs) },
		{ test_guess, COUNT(guesses) },
		{ test_check, COUNT(checks) },
		{ test_format, 1 },
		{ test_file, 1 },
		{ test_milter, 1 },
	};

	return table_run("origin", tests, COUNT(tests));
}
