#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/value.h"
#include "table.h"

#define TEN	"aaaaaaaaaa"
#define FIFTY	TEN TEN TEN TEN TEN
#define LONG	FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY	/* 300 */

static const struct {
	enum value_kind	 kind;
	const char	*raw;
	const char	*clean;		/* NULL: not known */
} cases[] = {
	{ VALUE_IP, "192.0.2.1", "192.0.2.1" },
	{ VALUE_IP, " [192.0.2.1] ", "192.0.2.1" },
	{ VALUE_IP, "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ VALUE_IP, "::ffff:192.0.2.1", "192.0.2.1" },
	{ VALUE_IP, "192.0.2.1\r\n250 ok", NULL },
	{ VALUE_IP, "mail.example.com", NULL },
	{ VALUE_IP, "", NULL },

	{ VALUE_DOMAIN, "mail.example.com", "mail.example.com" },
	{ VALUE_DOMAIN, "\tmail.example.com\r\n", "mail.example.com" },
	{ VALUE_DOMAIN, "[192.0.2.1]", "[192.0.2.1]" },
	{ VALUE_DOMAIN, "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]" },
	{ VALUE_DOMAIN, "my_host.example", "my_host.example" },
	{ VALUE_DOMAIN, "a\r\n550 b.example", "a?550?b.example" },
	{ VALUE_DOMAIN, "https://evil.example/x", "https:?evil.example?x" },
	{ VALUE_DOMAIN, "m\303\274ller.example", "m?ller.example" },
	{ VALUE_DOMAIN, "x%n%s%d.example", "x?n?s?d.example" },
	{ VALUE_DOMAIN, "<script>", "?script?" },
	{ VALUE_DOMAIN, "`id`", NULL },
	{ VALUE_DOMAIN, "\"\"\"\"", NULL },
	{ VALUE_DOMAIN, "...", NULL },
	{ VALUE_DOMAIN, "   ", NULL },
	{ VALUE_DOMAIN, "accounts.example.com." FIFTY ".example.net",
	    "..." "aaaaaaaaa" TEN TEN TEN TEN ".example.net" },

	{ VALUE_ADDRESS, "ann@example.net", "ann@example.net" },
	{ VALUE_ADDRESS, "ann+tag=x'y~z@example.net",
	    "ann+tag=x'y~z@example.net" },
	{ VALUE_ADDRESS, "<ann@example.net>", "?ann@example.net?" },
	{ VALUE_ADDRESS, "\"ann b\"@example.net", "?ann?b?@example.net" },
	{ VALUE_ADDRESS, "root+${run{/bin/sh}}@localhost",
	    "root+?run?bin?sh?@localhost" },
	{ VALUE_ADDRESS, "100%off@example.net", "100?off@example.net" },
	{ VALUE_ADDRESS, "ann!bob|cat@example.net",
	    "ann?bob?cat@example.net" },
	{ VALUE_ADDRESS, "see https://evil.example/?a=1",
	    "see?https:?evil.example?a=1" },
	{ VALUE_ADDRESS, "<b>Hi</b>", NULL },
	{ VALUE_ADDRESS, "\377\376\375a", NULL },
	{ VALUE_ADDRESS, "", NULL },
	{ VALUE_ADDRESS, LONG "@example.net",
	    "..." FIFTY TEN TEN TEN "aaaaa" "@example.net" },

	{ VALUE_NUMBER, "38", "38" },
	{ VALUE_NUMBER, "37.5", "37.5" },
	{ VALUE_NUMBER, " 38 ", "38" },
	{ VALUE_NUMBER, "38 MB", NULL },
	{ VALUE_NUMBER, "-1", NULL },
	{ VALUE_NUMBER, "1.", NULL },
	{ VALUE_NUMBER, "1.2.3", NULL },
	{ VALUE_NUMBER, "1e9", NULL },

	{ VALUE_WORD, ".docm", ".docm" },
	{ VALUE_WORD, "TLSv1.2", "TLSv1.2" },
	{ VALUE_WORD, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384" },
	{ VALUE_WORD, "www.evil.example", "www?evil?example" },
	{ VALUE_WORD, "List-Id", "List-Id" },
	{ VALUE_WORD, ".exe\" is safe", ".exe?is?safe" },
	{ VALUE_WORD, LONG, FIFTY TEN "a..." },

	{ VALUE_LINK, "https://bl.example.org/lookup",
	    "https://bl.example.org/lookup" },
	{ VALUE_LINK, "https://bl.example.org/?ip=192.0.2.1",
	    "https://bl.example.org/?ip=192.0.2.1" },
	{ VALUE_LINK, "http://bl.example.org/", NULL },
	{ VALUE_LINK, "javascript:alert(1)", NULL },
	{ VALUE_LINK, "https://bl.example.org/ x", NULL },
	{ VALUE_LINK, "https://bl.example.org/%41", NULL },
	{ VALUE_LINK, "https://bl.example.org/x.", NULL },
	{ VALUE_LINK, "https://a.example/https://b.example", NULL },
	{ VALUE_LINK, "https://", NULL },
	{ VALUE_LINK, "https://bl.example.org/" LONG, NULL },

	{ VALUE_PHRASE, "per  hour,\tor so", "per hour, or so" },
	{ VALUE_PHRASE, "Example Blocklist (main)",
	    "Example Blocklist (main)" },
	{ VALUE_PHRASE, "see https://evil.example",
	    "see https?//evil.example" },
	{ VALUE_PHRASE, "50% of <b>all</b>", "50? of ?b?all?/b?" },
	{ VALUE_PHRASE, LONG, FIFTY TEN "a..." },
};

START_TEST(cleans)
{
	struct strbuf out = STRBUF_INIT;
	bool known;

	strbuf_adds(&out, "before ");
	known = value_clean(cases[_i].kind, cases[_i].raw, &out);
	ck_assert_msg(known == (cases[_i].clean != NULL), "\"%s\": \"%s\"",
	    cases[_i].raw, out.text);
	ck_assert_str_eq(out.text + strlen("before "),
	    known ? cases[_i].clean : "");
	strbuf_release(&out);
}
END_TEST

/* Whatever comes in, what goes out is harmless: each kind, each byte. */
START_TEST(every_byte_is_harmless)
{
	const enum value_kind kind = (enum value_kind)_i;

	for (int byte = 1; byte < 256; byte++) {
		const char c = (char)byte;
		const char raw[] = { 'a', 'b', 'c', 'd', c, c, ':', '/', '/', c,
		    'e', '.', 'f', c, '\0' };
		struct strbuf out = STRBUF_INIT;

		value_clean(kind, raw, &out);
		for (const char *p = out.text; *p != '\0'; p++)
			ck_assert(text_is_print(*p) &&
			    strchr("%<>\"`\\${}|!", *p) == NULL);
		ck_assert_ptr_null(strstr(out.text, "://"));
		ck_assert_ptr_null(strstr(out.text, "  "));
		ck_assert_uint_le(out.len, 100);
		strbuf_release(&out);
	}
}
END_TEST

/* The samples are what an administrator sees first: whole and fictitious. */
START_TEST(samples_are_clean)
{
	const enum variable v = (enum variable)_i;
	const char *sample = variable_sample(v);
	struct strbuf out = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	enum variable found;

	ck_assert(value_clean(variable_kind(v), sample, &out));
	ck_assert_str_eq(out.text, sample);
	ck_assert_str_ne(variable_help(v), "");
	ck_assert_int_eq(variable_from_name(variable_name(v), &found, &diag),
	    0);
	ck_assert_int_eq(found, v);
	ck_assert_uint_eq(diag.count, 0);
	switch (variable_kind(v)) {
	case VALUE_IP:
		ck_assert(text_starts(sample, "192.0.2.") ||
		    text_starts(sample, "2001:db8:"));
		break;
	case VALUE_DOMAIN:
	case VALUE_LINK:
		ck_assert_ptr_nonnull(strstr(sample, "example."));
		break;
	case VALUE_ADDRESS:
		if (strchr(sample, '@') != NULL)
			ck_assert_ptr_nonnull(strstr(sample, "example."));
		break;
	case VALUE_NUMBER:
	case VALUE_WORD:
	case VALUE_PHRASE:
		break;
	}
	strbuf_release(&out);
}
END_TEST

START_TEST(other_names)
{
	struct diag diag = DIAG_INIT;
	enum variable found;

	ck_assert_int_eq(variable_from_name("ip", &found, &diag), 0);
	ck_assert_int_eq(found, VARIABLE_CLIENT_IP);
	ck_assert_int_eq(variable_from_name("rcpt_domain", &found, &diag), 0);
	ck_assert_int_eq(found, VARIABLE_RECIPIENT_DOMAIN);
	ck_assert_uint_eq(diag.count, 0);
}
END_TEST

static const struct {
	const char	*name;
	const char	*why;
} unknown[] = {
	{ "clientip", "unknown variable \"clientip\"; did you mean "
	    "\"client_ip\"?" },
	{ "subject", "unknown variable \"subject\"" },
	{ "Sender", "unknown variable \"Sender\"; did you mean \"sender\"?" },
	{ "", "unknown variable \"\"" },
};

START_TEST(unknown_names)
{
	struct diag diag = DIAG_INIT;
	enum variable found;

	ck_assert_int_eq(variable_from_name(unknown[_i].name, &found, &diag),
	    -1);
	ck_assert_str_eq(diag_first(&diag), unknown[_i].why);
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ cleans, COUNT(cases) },
		{ every_byte_is_harmless, VALUE_PHRASE + 1 },
		{ samples_are_clean, VARIABLE_COUNT },
		{ other_names, 1 },
		{ unknown_names, COUNT(unknown) },
	};

	return table_run("value", tests, COUNT(tests));
}
