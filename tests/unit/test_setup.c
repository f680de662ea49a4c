/* Lists in main.cf, versions and sockets. */
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
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

static const struct {
	const char	*a, *b;
	bool		 same;
} sockets[] = {
	{ "inet:8894@127.0.0.1", "inet:8894@localhost", true },
	{ "inet:8894", "inet:8894@127.0.0.1", true },
	{ "inet:8894@0.0.0.0", "inet:8894@[127.0.0.1]", true },
	{ "inet6:8894@::1", "inet6:8894", true },
	{ "unix:/run/a", "local:/run/a", true },
	{ "inet:8894@127.0.0.1", "inet:8895@127.0.0.1", false },
	{ "inet:8894@127.0.0.1", "inet:8894@192.0.2.1", false },
	{ "inet:8894@127.0.0.1", "inet6:8894@::1", false },
	{ "unix:/run/a", "unix:/run/b", false },
};

START_TEST(same_sockets)
{
	struct socket_name a = { .kind = SOCKET_INET }, b = a;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(socket_parse(&a, sockets[_i].a, &diag), 0);
	ck_assert_int_eq(socket_parse(&b, sockets[_i].b, &diag), 0);
	ck_assert_int_eq(setup_same_socket(&a, &b), sockets[_i].same);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ list_entries, COUNT(lists) },
		{ parameters, COUNT(values) },
		{ version_order, COUNT(versions) },
		{ same_sockets, COUNT(sockets) },
	};

	return table_run("setup", tests, COUNT(tests));
}
