#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "policy/attribute.h"

START_TEST(rows)
{
	enum attribute attribute = (enum attribute)_i, found;
	enum variable variable = attribute_variable(attribute);
	const char *name = attribute_name(attribute);
	const char *help = attribute_help(attribute);
	const char *macro = attribute_macro(attribute);
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(attribute_from_name(name, &found, &diag), 0);
	ck_assert_int_eq(found, attribute);
	ck_assert(help[0] != '\0' && help[strlen(help) - 1] == '.');
	ck_assert_int_ne(attribute_subject(attribute), SUBJECT_ANY);
	ck_assert_int_lt(attribute_stage(attribute), STAGE_COUNT);
	/* The MTA sends the macro by the stage that the attribute has. */
	if (macro[0] != '\0')
		ck_assert_int_eq(macro_stage(macro),
		    attribute_stage(attribute));
	/* A reply and a policy call the same thing by the same name. */
	if (variable != VARIABLE_COUNT)
		ck_assert_str_eq(variable_name(variable), name);
}
END_TEST

START_TEST(named)
{
	ck_assert(attribute_is_named(ATTRIBUTE_HEADER));
	ck_assert(attribute_is_named(ATTRIBUTE_HEADER_RAW));
	ck_assert(attribute_is_named(ATTRIBUTE_MACRO));
	ck_assert(!attribute_is_named(ATTRIBUTE_SUBJECT));
}
END_TEST

static const struct {
	const char	*name;
	const char	*message;
} unknown[] = {
	{ "clientip", "unknown attribute \"clientip\"; did you mean "
	    "\"client_ip\"?" },
	{ "Helo", "unknown attribute \"Helo\"; did you mean \"helo\"?" },
	{ "weather-report", "unknown attribute \"weather-report\"" },
};

START_TEST(refuses)
{
	struct diag diag = DIAG_INIT;
	enum attribute attribute;

	ck_assert_int_eq(attribute_from_name(unknown[_i].name, &attribute,
	    &diag), -1);
	ck_assert_str_eq(diag_first(&diag), unknown[_i].message);
	diag_release(&diag);
}
END_TEST

static const struct {
	const char	*macro;
	const char	*stage;
} stages[] = {
	{ "j", "connect" }, { "_", "connect" }, { "if_addr", "connect" },
	{ "client_resolve", "connect" }, { "s", "helo" },
	{ "tls_version", "mail" }, { "auth_authen", "mail" },
	{ "mail_mailer", "mail" }, { "rcpt_mailer", "rcpt" },
	{ "nbadrcpts", "rcpt" }, { "i", "eom" }, { "msg_id", "eom" },
	{ "of_my_own", "mail" },
};

START_TEST(stages_of_macros)
{
	ck_assert_str_eq(stage_name(macro_stage(stages[_i].macro)),
	    stages[_i].stage);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("attribute");
	TCase *tcase = tcase_create("attribute");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, rows, 0, ATTRIBUTE_COUNT);
	tcase_add_test(tcase, named);
	tcase_add_loop_test(tcase, refuses, 0,
	    sizeof(unknown) / sizeof(unknown[0]));
	tcase_add_loop_test(tcase, stages_of_macros, 0,
	    sizeof(stages) / sizeof(stages[0]));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
