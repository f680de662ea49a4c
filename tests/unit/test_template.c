#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/template.h"
#include "table.h"

/* Two values are known: client_ip, and sender with something nasty. */
static const struct values known = {
	.text = {
		[VARIABLE_CLIENT_IP] = "192.0.2.1",
		[VARIABLE_SENDER] = "ann<b>@example.net",
		[VARIABLE_HELO] = "\377",	/* nothing sensible in it */
	},
};

static const struct {
	const char	*source;
	const char	*full;		/* NULL: a value is missing */
	const char	*alone;		/* without any value; NULL: cannot */
} cases[] = {
	{ "Plain text.", "Plain text.", "Plain text." },
	{ "", "", "" },
	{ "The server {client_ip} is on a list.",
	    "The server 192.0.2.1 is on a list.", NULL },
	{ "The server {ip} is on a list.",
	    "The server 192.0.2.1 is on a list.", NULL },
	{ "The server[ {client_ip}] is on a list.",
	    "The server 192.0.2.1 is on a list.", "The server is on a list." },
	{ "From <{sender}>.", "From <ann?b?@example.net>.", NULL },
	{ "It has[ {size} MB] too much.", "It has too much.",
	    "It has too much." },
	{ "It has {size} MB.", NULL, NULL },
	{ "Called[ {helo}].", "Called.", "Called." },
	{ "Called {helo}.", NULL, NULL },
	{ "A[ {client_ip} and {size}] b.", "A b.", "A b." },
	{ "A[ {size} and {client_ip}] b.", "A b.", "A b." },
	{ "[{client_ip}][{size}][{client_ip}]", "192.0.2.1192.0.2.1", "" },
	{ "{{client_ip}} and [[x]]", "{client_ip} and [x]",
	    "{client_ip} and [x]" },
	{ "[[{client_ip}]]", "[192.0.2.1]", NULL },
	{ "[a {{{client_ip}}}]", "a {192.0.2.1}", "" },
	{ "100%", "100%", "100%" },
};

START_TEST(fills)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;
	const struct template *t = template_compile(arena, cases[_i].source,
	    &diag);

	ck_assert_msg(t != NULL, "%s: %s", cases[_i].source,
	    diag_first(&diag));
	ck_assert_str_eq(template_source(t), cases[_i].source);

	strbuf_adds(&out, "> ");
	ck_assert_int_eq(template_fill(t, &known, &out),
	    cases[_i].full != NULL ? 0 : -1);
	ck_assert_str_eq(out.text + 2, cases[_i].full != NULL ?
	    cases[_i].full : "");

	strbuf_cut(&out, 2);
	ck_assert_int_eq(template_fill(t, NULL, &out),
	    cases[_i].alone != NULL ? 0 : -1);
	ck_assert_str_eq(out.text + 2, cases[_i].alone != NULL ?
	    cases[_i].alone : "");
	ck_assert_int_eq(template_stands_alone(t), cases[_i].alone != NULL);

	strbuf_release(&out);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*source;
	enum variable	 variable;
	bool		 uses;
	bool		 requires;
} uses[] = {
	{ "a {size} b", VARIABLE_SIZE, true, true },
	{ "a[ {size}] b", VARIABLE_SIZE, true, false },
	{ "a[ {size}] {size}", VARIABLE_SIZE, true, true },
	{ "a {{size}}", VARIABLE_SIZE, false, false },
	{ "a {rcpt_domain}", VARIABLE_RECIPIENT_DOMAIN, true, true },
	{ "a {limit}", VARIABLE_SIZE, false, false },
};

START_TEST(knows_its_variables)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	const struct template *t = template_compile(arena, uses[_i].source,
	    &diag);

	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(template_uses(t, uses[_i].variable), uses[_i].uses);
	ck_assert_int_eq(template_requires(t, uses[_i].variable),
	    uses[_i].requires);
	arena_free(arena);
}
END_TEST

static const struct {
	const char	*source;
	const char	*why;
} wrong[] = {
	{ "a {nosuchname} b", "unknown variable \"nosuchname\"" },
	{ "a {sendr} b",
	    "unknown variable \"sendr\"; did you mean \"sender\"?" },
	{ "a {sender", "\"{sender\" has no \"}\"; write {name} for a variable "
	    "and {{ for the brace itself" },
	{ "a {sender b}", "\"{sender\" has no \"}\"; write {name} for a "
	    "variable and {{ for the brace itself" },
	{ "a {} b", "\"{}\" names no variable" },
	{ "a } b", "\"}\" closes nothing; write \"}}\" for the character "
	    "itself" },
	{ "a ] b", "\"]\" closes nothing; write \"]]\" for the character "
	    "itself" },
	{ "a [b {size}", "\"[b {size}\" has no \"]\"; write [[ for the bracket "
	    "itself" },
	{ "a [b [c {size}]]", "brackets do not nest: \"[c {size}]\" begins "
	    "within others" },
	{ "a [b] c", "\"[b]\" has no variable, so nothing decides when to "
	    "leave it out; write [[ and ]] for the brackets themselves" },
	{ "a\nb", "the byte \\x0a may not stand in a reply; write printable "
	    "ASCII" },
	{ "gr\303\274n", "the byte \\xc3 may not stand in a reply; write "
	    "printable ASCII" },
	{ "{sender\377}", "unknown variable \"sender\\xff\"; did you mean "
	    "\"sender\"?" },
	{ "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
	    "\"{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\" names no "
	    "variable" },
};

START_TEST(says_what_is_wrong)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(template_compile(arena, wrong[_i].source, &diag));
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_str_eq(diag_first(&diag), wrong[_i].why);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(bounded)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < TEMPLATE_TEXT_MAX; i++)
		strbuf_addch(&text, 'a');
	ck_assert_ptr_nonnull(template_compile(arena, text.text, &diag));
	strbuf_addch(&text, 'a');
	ck_assert_ptr_null(template_compile(arena, text.text, &diag));
	ck_assert_str_eq(diag_first(&diag),
	    "the text has 1001 characters, the limit is 1000");
	diag_release(&diag);
	strbuf_release(&text);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ fills, COUNT(cases) },
		{ knows_its_variables, COUNT(uses) },
		{ says_what_is_wrong, COUNT(wrong) },
		{ bounded, 1 },
	};

	return table_run("template", tests, COUNT(tests));
}
