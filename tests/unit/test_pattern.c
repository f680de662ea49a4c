#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "policy/list.h"
#include "policy/pattern.h"
#include "table.h"

/* What a pattern is, in a few words. */
static void
describe(const struct pattern *pattern, struct strbuf *out)
{
	char ip[IP_TEXT_MAX];

	switch (pattern->kind) {
	case PATTERN_TEXT:
		strbuf_addf(out, "text %s", pattern->text);
		break;
	case PATTERN_GLOB:
		strbuf_addf(out, "glob %s", pattern->text);
		break;
	case PATTERN_DOMAIN:
		strbuf_addf(out, "domain %s", pattern->text);
		break;
	case PATTERN_REGEX:
		strbuf_addf(out, "regex");
		break;
	case PATTERN_BLOCK:
		ip_format(&pattern->block.ip, ip);
		strbuf_addf(out, "block %s/%u%s%s", ip, pattern->block.prefix,
		    pattern->text[0] != '\0' ? " " : "", pattern->text);
		break;
	case PATTERN_RANGE:
		strbuf_addf(out, "range %llu %llu%s%s",
		    (unsigned long long)pattern->low,
		    (unsigned long long)pattern->high,
		    pattern->text[0] != '\0' ? " " : "", pattern->text);
		break;
	case PATTERN_LIST:
		strbuf_addf(out, "list %s", pattern->list->name);
		break;
	}
}

static const struct {
	enum subject	 subject;
	const char	*source;
	const char	*is;
} good[] = {
	{ SUBJECT_TEXT, "Bulk", "text bulk" },
	{ SUBJECT_TEXT, "", "text " },
	{ SUBJECT_TEXT, "a/b", "text a/b" },
	{ SUBJECT_TEXT, "That is all.", "text that is all." },
	{ SUBJECT_TEXT, "*.docm", "glob *.docm" },
	{ SUBJECT_TEXT, ".docm", "domain docm" },
	{ SUBJECT_TEXT, "...", "text ..." },
	{ SUBJECT_TEXT, ".", "text ." },
	{ SUBJECT_TEXT, "@", "text @" },
	{ SUBJECT_TEXT, "> 25M", "text > 25m" },
	{ SUBJECT_TEXT, "192.0.2.0/24", "text 192.0.2.0/24" },
	{ SUBJECT_TEXT, "/^re: /", "regex" },
	{ SUBJECT_TEXT, "\303\204rzte", "regex" },
	{ SUBJECT_TEXT, "@partners", "list partners" },
	{ SUBJECT_HOST, "Mail.Example.com.", "text mail.example.com" },
	{ SUBJECT_HOST, ".Example.com.", "domain example.com" },
	{ SUBJECT_HOST, "*.example.com.", "glob *.example.com" },
	{ SUBJECT_HOST, "*", "glob *" },
	{ SUBJECT_HOST, "localhost", "text localhost" },
	{ SUBJECT_HOST, "[192.0.2.1]", "text [192.0.2.1]" },
	{ SUBJECT_HOST, "[IPv6:2001:db8::1]", "text [ipv6:2001:db8::1]" },
	{ SUBJECT_HOST, "[*]", "glob [*]" },
	{ SUBJECT_HOST, "192.0.2.1", "text 192.0.2.1" },
	{ SUBJECT_HOST, ".\303\244rzte.example", "regex" },
	{ SUBJECT_ADDRESS, "Ann@Example.com", "text ann@example.com" },
	{ SUBJECT_ADDRESS, "ann@example.com.", "text ann@example.com" },
	{ SUBJECT_ADDRESS, "<>", "text " },
	{ SUBJECT_ADDRESS, "", "text " },
	{ SUBJECT_ADDRESS, "*@example.com", "glob *@example.com" },
	{ SUBJECT_ADDRESS, "*example*", "glob *example*" },
	{ SUBJECT_ADDRESS, ".example.com", "domain example.com" },
	{ SUBJECT_ADDRESS, "\"a b\"@example.com", "text \"a b\"@example.com" },
	{ SUBJECT_ADDRESS, "Postmaster", "text postmaster" },
	{ SUBJECT_ADDRESS, "@partners", "list partners" },
	{ SUBJECT_IP, "192.0.2.1", "block 192.0.2.1/32" },
	{ SUBJECT_IP, "192.0.2.0/24", "block 192.0.2.0/24" },
	{ SUBJECT_IP, "2001:DB8::/32", "block 2001:db8::/32" },
	{ SUBJECT_IP, "*", "glob *" },
	{ SUBJECT_IP, "@partners", "list partners" },
	{ SUBJECT_NUMBER, "> 25M", "range 26214401 18446744073709551615" },
	{ SUBJECT_NUMBER, ">= 10k", "range 10240 18446744073709551615" },
	{ SUBJECT_NUMBER, "<3", "range 0 2" },
	{ SUBJECT_NUMBER, "<= 1G", "range 0 1073741824" },
	{ SUBJECT_NUMBER, " = 5", "range 5 5" },
	{ SUBJECT_NUMBER, "5", "range 5 5" },
	{ SUBJECT_NUMBER, "*", "glob *" },
	{ SUBJECT_DAY, "Mon", "range 1 1" },
	{ SUBJECT_DAY, "mon-fri", "range 1 5" },
	{ SUBJECT_DAY, "saturday - monday", "range 6 1" },
	{ SUBJECT_TIME, "08:00-18:00", "range 480 1079" },
	{ SUBJECT_TIME, "8:00 - 18:00", "range 480 1079" },
	{ SUBJECT_TIME, "22:00-06:00", "range 1320 359" },
	{ SUBJECT_TIME, "22:00-00:00", "range 1320 1439" },
	{ SUBJECT_TIME, "00:00-24:00", "range 0 1439" },
	{ SUBJECT_ANY, "192.0.2.1", "block 192.0.2.1/32 192.0.2.1" },
	{ SUBJECT_ANY, "[192.0.2.1]", "block 192.0.2.1/32 [192.0.2.1]" },
	{ SUBJECT_ANY, "2001:DB8::1", "block 2001:db8::1/128 2001:db8::1" },
	{ SUBJECT_ANY, "192.0.2.0/24", "block 192.0.2.0/24" },
	{ SUBJECT_ANY, "25", "range 25 25 25" },
	{ SUBJECT_ANY, "> 25M", "range 26214401 18446744073709551615" },
	{ SUBJECT_ANY, "> quoted", "text > quoted" },
	{ SUBJECT_ANY, "Example.com.", "text example.com" },
	{ SUBJECT_ANY, "That is all.", "text that is all." },
	{ SUBJECT_ANY, "Etc.", "text etc." },
	{ SUBJECT_ANY, ".example.com", "domain example.com" },
	{ SUBJECT_ANY, "*@example.com", "glob *@example.com" },
	{ SUBJECT_ANY, "<>", "text " },
	{ SUBJECT_ANY, "abcd", "text abcd" },
	{ SUBJECT_ANY, "1.2.3.4.5", "text 1.2.3.4.5" },
	{ SUBJECT_ANY, "/x/", "regex" },
};

static struct lists *
sample_lists(struct arena *arena)
{
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_nonnull(lists_add(lists, "partners", PLACE_NONE, &diag));
	lists_finish(lists);
	return lists;
}

START_TEST(reads)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct strbuf is = STRBUF_INIT;
	struct pattern pattern;
	int rc;

	rc = pattern_parse(&pattern, arena, good[_i].subject, good[_i].source,
	    PLACE_NONE, sample_lists(arena), &diag);
	ck_assert_str_eq(diag_first(&diag), "");
	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(pattern.source, good[_i].source);
	describe(&pattern, &is);
	ck_assert_str_eq(is.text, good[_i].is);
	strbuf_release(&is);
	arena_free(arena);
}
END_TEST

static const struct {
	enum subject	 subject;
	const char	*source;
	const char	*message;
} bad[] = {
	{ SUBJECT_TEXT, "a\tb", "\"a\\x09b\" has a control character" },
	{ SUBJECT_TEXT, "a\177", "\"a\\x7f\" has a control character" },
	{ SUBJECT_TEXT, "a\344", "\"a\\xe4\" is not valid UTF-8" },
	{ SUBJECT_TEXT, "/abc", "\"/abc\" has no slash at its end; write "
	    "\"/abc/\" for a regular expression" },
	{ SUBJECT_TEXT, "/abc/i", "\"/abc/i\" goes on behind its closing "
	    "slash; options stand in the expression, as in \"/(?m)^x/\", and "
	    "letter case never counts" },
	{ SUBJECT_TEXT, "//", "\"//\" is an empty regular expression; write "
	    "\"*\" for any text" },
	{ SUBJECT_TEXT, "/(/", "regular expression: missing closing "
	    "parenthesis, at offset 1" },
	{ SUBJECT_TEXT, "@partnres", "unknown list \"partnres\"; did you mean "
	    "\"partners\"?" },
	{ SUBJECT_HOST, "", "a host name is never empty; the empty sender is "
	    "sender = \"<>\"" },
	{ SUBJECT_HOST, "a.example b.example", "\"a.example b.example\" has a "
	    "blank, which no host name has; write several names as an "
	    "array" },
	{ SUBJECT_HOST, "ann@example.com", "\"ann@example.com\" has an @, "
	    "which no host name has; write only what is behind it: "
	    "\"example.com\"" },
	{ SUBJECT_HOST, "192.0.2.0/24", "\"192.0.2.0/24\" has a slash, which "
	    "no host name has; address blocks belong into client_ip" },
	{ SUBJECT_HOST, "[localhost]", "\"[localhost]\" is not an IP address "
	    "in brackets; write for example \"[192.0.2.1]\"" },
	{ SUBJECT_HOST, ".example.*", "\".example.*\" begins with a dot, "
	    "which no host name does; write \"*.example.*\"" },
	{ SUBJECT_ADDRESS, "<ann@example.com>", "write \"ann@example.com\" "
	    "without < and >" },
	{ SUBJECT_ADDRESS, "example.com", "\"example.com\" has no @, so it is "
	    "no address; write \"*@example.com\" for the domain, or use "
	    "sender_domain or recipient_domain" },
	{ SUBJECT_ADDRESS, "root", "\"root\" has no @, so it is no address; "
	    "write \"root@*\" for this name in any domain" },
	{ SUBJECT_ADDRESS, "ann@", "\"ann@\" has no domain; write \"ann@*\" "
	    "for any" },
	{ SUBJECT_ADDRESS, "a@example.com b@example.com",
	    "\"a@example.com b@example.com\" has a blank, which no address "
	    "has; write several addresses as an array" },
	{ SUBJECT_ADDRESS, "@example.com", "there is no list "
	    "\"@example.com\"; write \"*@example.com\" for all addresses of "
	    "the domain" },
	{ SUBJECT_ADDRESS, "@partner", "unknown list \"partner\"; did you "
	    "mean \"partners\"?" },
	{ SUBJECT_IP, "mail.example.com", "\"mail.example.com\" is not an IP "
	    "address or address block; write for example 192.0.2.0/24 or "
	    "2001:db8::/32" },
	{ SUBJECT_IP, "192.0.2.*", "\"192.0.2.*\" is not an IP address or "
	    "address block; write for example 192.0.2.0/24 or "
	    "2001:db8::/32" },
	{ SUBJECT_IP, "/^192/", "\"/^192/\" is not an IP address or address "
	    "block; write for example 192.0.2.0/24 or 2001:db8::/32" },
	{ SUBJECT_IP, "192.0.2.1/24", "\"192.0.2.1/24\" has bits set behind "
	    "its prefix; write 192.0.2.0/24" },
	{ SUBJECT_NUMBER, "many", "\"many\" is not a number or a comparison; "
	    "write for example \"> 25M\", \"<= 3\" or \"5\"" },
	{ SUBJECT_NUMBER, "25MB", "\"25MB\" is not a number or a comparison; "
	    "write for example \"> 25M\", \"<= 3\" or \"5\"" },
	{ SUBJECT_NUMBER, "", "\"\" is not a number or a comparison; write "
	    "for example \"> 25M\", \"<= 3\" or \"5\"" },
	{ SUBJECT_NUMBER, "18446744073709551616", "\"18446744073709551616\" "
	    "is not a number or a comparison; write for example \"> 25M\", "
	    "\"<= 3\" or \"5\"" },
	{ SUBJECT_NUMBER, "17179869184G", "\"17179869184G\" is not a number "
	    "or a comparison; write for example \"> 25M\", \"<= 3\" or "
	    "\"5\"" },
	{ SUBJECT_NUMBER, "< 0", "\"< 0\" can never hold" },
	{ SUBJECT_DAY, "sat, sun", "several days are an array: write "
	    "[ \"sat\", \"sun\" ]" },
	{ SUBJECT_DAY, "mo", "\"mo\" is not a day of the week; write for "
	    "example \"mon\" or \"mon-fri\"" },
	{ SUBJECT_DAY, "mon-", "\"mon-\" is not a day of the week; write for "
	    "example \"mon\" or \"mon-fri\"" },
	{ SUBJECT_DAY, "@partners", "lists do not hold days or times; write "
	    "an array instead of \"@partners\"" },
	{ SUBJECT_TIME, "08:00", "\"08:00\" is not a time of day; write for "
	    "example \"08:00-18:00\" or \"22:00-06:00\"" },
	{ SUBJECT_TIME, "08:00-24:01", "\"08:00-24:01\" is not a time of day; "
	    "write for example \"08:00-18:00\" or \"22:00-06:00\"" },
	{ SUBJECT_TIME, "08:60-09:00", "\"08:60-09:00\" is not a time of day; "
	    "write for example \"08:00-18:00\" or \"22:00-06:00\"" },
	{ SUBJECT_TIME, "08:00-08:00", "\"08:00-08:00\" begins when it ends "
	    "and can never hold; the whole day is \"00:00-24:00\"" },
};

START_TEST(refuses)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct pattern pattern;

	ck_assert_int_eq(pattern_parse(&pattern, arena, bad[_i].subject,
	    bad[_i].source, PLACE_NONE, sample_lists(arena), &diag), -1);
	ck_assert_str_eq(diag_first(&diag), bad[_i].message);
	ck_assert_uint_eq(diag.count, 1);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(refuses_in_lists)
{
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct pattern pattern;
	char longer[PATTERN_TEXT_MAX + 2];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(pattern_parse(&pattern, arena, SUBJECT_ANY, longer,
	    PLACE_NONE, NULL, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "this pattern has 1001 bytes; at "
	    "most 1000 are possible");
	diag_release(&diag);
	ck_assert_int_eq(pattern_parse(&pattern, arena, SUBJECT_ANY,
	    "@partners", PLACE_NONE, NULL, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "\"@partners\": a list cannot "
	    "hold another list");
	diag_release(&diag);
	ck_assert_int_eq(pattern_parse(&pattern, arena, SUBJECT_ANY,
	    "192.0.2.1/24", PLACE_NONE, NULL, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "\"192.0.2.1/24\" has bits set "
	    "behind its prefix; write 192.0.2.0/24");
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads, COUNT(good) },
		{ refuses, COUNT(bad) },
		{ refuses_in_lists, 1 },
	};

	return table_run("pattern", tests, COUNT(tests));
}
