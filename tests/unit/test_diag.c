/* test_diag - messages with places, in order, moved and shown. */
#include <check.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "table.h"

START_TEST(test_order)
{
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;

	diag_add(&diag, SEVERITY_ERROR, (struct place){ "b", 3 }, "third");
	diag_add(&diag, SEVERITY_WARNING, (struct place){ "b", 2 }, "first");
	diag_add(&diag, SEVERITY_ERROR, (struct place){ "b", 2 }, "second");
	diag_add(&diag, SEVERITY_INFO, (struct place){ "a", 9 }, "zeroth");
	diag_sort(&diag);
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text, "a:9: info: zeroth\nb:2: warning: first\n"
	    "b:2: error: second\nb:3: error: third\n");
	ck_assert_uint_eq(diag.errors, 2);
	diag_release(&diag);
	strbuf_release(&out);
}
END_TEST

START_TEST(test_take)
{
	struct diag diag = DIAG_INIT, inner = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;

	diag_add(&inner, SEVERITY_ERROR, (struct place){ "list", 7 }, "%s",
	    "own place");
	diag_error(&inner, "no place");
	diag_take(&diag, &inner, (struct place){ "conf", 1 }, "reply: ");
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text, "list:7: error: own place\n"
	    "conf:1: error: reply: no place\n");
	ck_assert_uint_eq(inner.count, 0);
	ck_assert_uint_eq(diag.errors, 2);
	ck_assert_str_eq(diag_first(&inner), "");
	diag_release(&diag);
	strbuf_release(&out);
}
END_TEST

START_TEST(test_no_place)
{
	struct diag diag = DIAG_INIT;
	struct strbuf out = STRBUF_INIT;

	diag_error(&diag, "100%% sure");
	diag_add(&diag, SEVERITY_ERROR, (struct place){ "f", 0 }, "whole");
	diag_format(&diag, &out);
	ck_assert_str_eq(out.text, "error: 100% sure\nf: error: whole\n");
	diag_release(&diag);
	strbuf_release(&out);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_order, 1 }, { test_take, 1 }, { test_no_place, 1 },
	};

	return table_run("diag", tests, COUNT(tests));
}
