/* Lists in main.cf, versions, and how long we are waited for. */
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "session/milter.h"
#include "session/rules.h"
#include "tool/setup.h"
#include "tool/setup_main_cf.h"
#include "table.h"

static const struct {
	const char	*list;
	const char	*entries;	/* each in brackets, with its first word
					   and its default_action */
} lists[] = {
	{ "", "" },
	{ " , ", "" },
	{ "inet:127.0.0.1:1", "[inet:127.0.0.1:1|inet:127.0.0.1:1|-]" },
	{ "a,b  c\t,d", "[a|a|-][b|b|-][c|c|-][d|d|-]" },
	{ "a, { b, default_action=accept }, c",
	    "[a|a|-][{ b, default_action=accept }|b|accept][c|c|-]" },
	{ "{b,default_action = tempfail,x=y}",
	    "[{b,default_action = tempfail,x=y}|b|tempfail]" },
	{ "{ b, { default_action = accept } }",
	    "[{ b, { default_action = accept } }|b|accept]" },
	{ "{", "[{|{|-]" },
	{ "{ open", "[{ open|open|-]" },
	{ "{}", "[{}||-]" },
};

START_TEST(list_entries)
{
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;
	const char *at = lists[_i].list;
	struct text entry;

	while (list_entry(&at, &entry)) {
		struct text word = entry_word(entry);
		const char *action = entry_attribute(arena, entry,
		    "default_action");

		strbuf_addf(&text, "[%.*s|%.*s|%s]", (int)entry.len,
		    entry.bytes, (int)word.len, word.bytes,
		    action != NULL ? action : "-");
	}
	ck_assert_str_eq(text.text, lists[_i].entries);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*name;
	const char	*value;
} values[] = {
	{ "a", "1" },
	{ "smtpd_milters", "inet:h:1, unix:p = q" },
	{ "empty", "" },
	{ "milters", "" },	/* the end of another name */
	{ "smtpd", "" },	/* the beginning of one */
	{ "last", "x y" },
	{ "no_such", "" },
};

START_TEST(parameters)
{
	static const char shown[] = "a = 1\nsmtpd_milters = inet:h:1, "
	    "unix:p = q\nempty =\n\nlast = x y";
	struct arena *arena = arena_new();
	struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, shown);
	ck_assert_str_eq(main_cf_get(arena, &text, values[_i].name),
	    values[_i].value);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*version;
	unsigned	 major, minor;
	bool		 is;
} versions[] = {
	{ "3.7.11", 3, 4, true },
	{ "3.7.11", 3, 7, true },
	{ "3.7.11", 3, 11, false },
	{ "3.11.0", 3, 11, true },
	{ "3.12-20260101", 3, 11, true },
	{ "4.0", 3, 11, true },
	{ "2.11.3", 3, 0, false },
	{ "8.17.1", 8, 14, true },
	{ "3", 3, 0, false },
	{ "3.", 3, 0, false },
	{ "", 0, 0, false },
	{ "x.1", 0, 0, false },
};

START_TEST(version_order)
{
	ck_assert_int_eq(setup_version_is(versions[_i].version,
	    versions[_i].major, versions[_i].minor), versions[_i].is);
}
END_TEST

/* Behind us: each has its connect_timeout, timeout and end_timeout. */
static const struct {
	const char	*name;
	size_t		 count;
	unsigned	 times_ms[3][3];
	uint64_t	 wanted_s[SETUP_TIME_COUNT];
	const char	*warning;	/* a part of it; "" for none */
} times[] = {
	{ "none", 0, { { 0 } }, { 0, 0, 0 }, "" },
	{ "one with the default times", 1,
	    { { 5000, 20000, 200000 } }, { 30, 110, 210 }, "" },
	{ "two", 2, { { 1000, 2000, 10000 }, { 10000, 5000, 20000 } },
	    { 23, 51, 46 }, "" },
	{ "part of a second", 1, { { 1, 1, 1 } }, { 6, 6, 6 }, "" },
	{ "three with the default times", 3,
	    { { 5000, 20000, 200000 }, { 5000, 20000, 200000 },
	    { 5000, 20000, 200000 } }, { 80, 320, 620 },
	    "recipient, and ten at" },
	{ "as long as clients wait", 1,
	    { { 5000, 58000, 590000 } }, { 68, 300, 600 }, "" },
	{ "longer at a recipient", 1,
	    { { 6000, 58000, 1000 } }, { 69, 301, 12 }, "a recipient. A" },
	{ "longer at the end", 1,
	    { { 5000, 1000, 591000 } }, { 11, 15, 601 }, "ten minutes" },
	{ "no overflow", 2, { { 4000000000, 4000000000, 4000000000 },
	    { 4000000000, 4000000000, 4000000000 } },
	    { 16000005, 48000005, 16000005 }, "recipient, and ten at" },
};

START_TEST(times_add_up)
{
	struct milter milters[3];
	const struct rules rules = {
		.milter_count = times[_i].count,
		.milters = milters,
	};
	struct setup_times made;
	const char *warning;

	memset(milters, 0, sizeof(milters));
	for (size_t i = 0; i < times[_i].count; i++) {
		milters[i].connect_timeout_ms = times[_i].times_ms[i][0];
		milters[i].answer_timeout_ms = times[_i].times_ms[i][1];
		milters[i].end_timeout_ms = times[_i].times_ms[i][2];
	}
	setup_times_of(&made, &rules);
	for (size_t i = 0; i < SETUP_TIME_COUNT; i++)
		ck_assert_msg(made.limit_s[i] == times[_i].wanted_s[i],
		    "%s: limit %zu is %lu", times[_i].name, i,
		    (unsigned long)made.limit_s[i]);
	warning = setup_times_warning(&made);
	if (*times[_i].warning == '\0')
		ck_assert_msg(warning == NULL, "%s: %s", times[_i].name,
		    warning);
	else
		ck_assert_msg(warning != NULL &&
		    strstr(warning, times[_i].warning) != NULL, "%s: %s",
		    times[_i].name, warning != NULL ? warning : "none");
}
END_TEST

static const struct {
	const char	*text;
	uint64_t	 seconds;
} seconds[] = {
	{ "0", 0 },
	{ "30", 30 },
	{ "30s", 30 },
	{ "5m", 300 },
	{ "1h30m", 5400 },
	{ "2d", 172800 },
	{ "1w", 604800 },
	{ "1099511627776", UINT64_C(1) << 40 },
};

START_TEST(seconds_read)
{
	uint64_t got = 1;

	ck_assert(setup_seconds_parse(seconds[_i].text, &got));
	ck_assert_uint_eq(got, seconds[_i].seconds);
}
END_TEST

static const char *const no_seconds[] = {
	"", "s", "-1", " 30s", "30 s", "30x", "30S", "5m ", "1h-3m",
	"1099511627777", "99999999999999999999999999", "30000000000000w",
	"$smtpd_timeout",
};

START_TEST(seconds_refused)
{
	uint64_t got = 7;

	ck_assert(!setup_seconds_parse(no_seconds[_i], &got));
	ck_assert_uint_eq(got, 7);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ list_entries, COUNT(lists) },
		{ parameters, COUNT(values) },
		{ version_order, COUNT(versions) },
		{ times_add_up, COUNT(times) },
		{ seconds_read, COUNT(seconds) },
		{ seconds_refused, COUNT(no_seconds) },
	};

	return table_run("setup", tests, COUNT(tests));
}
