#include <string.h>

#include "reply/case_form.h"
#include "table.h"

static const struct {
	const char	*text;
	bool		 ends;
	const char	*behind;	/* NULL: there is none */
} cases[] = {
	{ "More help: https://example.com/ Case: 7K3Q-X2M9", true, "" },
	{ "x Case: 7K3Q-X2M9 y", false, " y" },
	{ "x Case: 7K3Q-X2M9.", false, "." },
	{ "x Case: 7K3Q-X2M Case: 7K3Q-X2M9", true, "" },
	{ "x Case: 7K3Q-X2M9A", false, NULL },
	{ "Case: 7K3Q-X2M9", false, NULL },	/* never a line of its own */
	{ "x Case: 7K3Q-X2M", false, NULL },
	{ "x Case: 7K3QXX2M9", false, NULL },
	{ "x Case: 7K3Q-X2M0", false, NULL },	/* no 0 O 1 I */
	{ "x Case: 7k3q-x2m9", false, NULL },
	{ "x case: 7K3Q-X2M9", false, NULL },
	{ "", false, NULL },
};

START_TEST(forms)
{
	const char *text = cases[_i].text;
	const char *behind = case_behind(text);

	ck_assert_int_eq(case_ends(text, strlen(text)), cases[_i].ends);
	if (cases[_i].behind == NULL)
		ck_assert_ptr_null(behind);
	else
		ck_assert_str_eq(behind, cases[_i].behind);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = { { forms, COUNT(cases) } };

	return table_run("case_form", tests, COUNT(tests));
}
