#include <string.h>

#include "base/diag.h"
#include "policy/attribute.h"
#include "table.h"

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
	/* Whatever carries it is told exactly where there is one. */
	ck_assert(macro[0] == '\0' || attribute_field(attribute)[0] == '\0');
	ck_assert_int_eq(macro[0] != '\0',
	    attribute_source(attribute) == FACT_SOURCE_MACRO);
	if (attribute_needs_header(attribute))
		ck_assert_int_eq(attribute_stage(attribute), STAGE_EOM);
	if (attribute_needs_body(attribute))
		ck_assert(attribute_needs_header(attribute));
	/* A reply and a policy call the same thing by the same name. */
	if (variable != VARIABLE_NONE)
		ck_assert_str_eq(variable_name(variable), name);
}
END_TEST

START_TEST(carried)
{
	size_t count, macros = 0;
	const enum attribute *attributes = attribute_carried(&count);

	for (size_t i = 0; i < count; i++) {
		ck_assert(attribute_macro(attributes[i])[0] != '\0');
		ck_assert(i == 0 || attribute_stage(attributes[i - 1]) <=
		    attribute_stage(attributes[i]));
	}
	for (int a = 0; a < ATTRIBUTE_COUNT; a++)
		macros += attribute_macro((enum attribute)a)[0] != '\0';
	ck_assert_uint_eq(count, macros);
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
	enum attribute	 attribute;
	const char	*field;
	enum variable	 tells;
	bool		 header, body;
} contents[] = {
	{ ATTRIBUTE_SENDER, "", VARIABLE_NONE, false, false },
	{ ATTRIBUTE_MACRO, "", VARIABLE_NONE, false, false },
	{ ATTRIBUTE_QUEUE_ID, "", VARIABLE_NONE, false, false },
	{ ATTRIBUTE_RECIPIENTS, "", VARIABLE_LIMIT, false, false },
	{ ATTRIBUTE_HOPS, "Received", VARIABLE_LIMIT, true, false },
	{ ATTRIBUTE_SUBJECT, "Subject", VARIABLE_HEADER, true, false },
	{ ATTRIBUTE_HEADER, "", VARIABLE_HEADER, true, false },
	{ ATTRIBUTE_HEADER_RAW, "", VARIABLE_HEADER, true, false },
	{ ATTRIBUTE_SIZE, "", VARIABLE_LIMIT, true, true },
	{ ATTRIBUTE_BODY, "", VARIABLE_NONE, true, true },
	{ ATTRIBUTE_ATTACHMENT, "", VARIABLE_EXT, true, true },
};

START_TEST(sources)
{
	enum attribute attribute = contents[_i].attribute;

	ck_assert_str_eq(attribute_field(attribute), contents[_i].field);
	ck_assert_int_eq(attribute_tells(attribute), contents[_i].tells);
	ck_assert_int_eq(attribute_needs_header(attribute),
	    contents[_i].header);
	ck_assert_int_eq(attribute_needs_body(attribute), contents[_i].body);
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
	const struct table_test tests[] = {
		{ rows, ATTRIBUTE_COUNT },
		{ carried, 1 }, { named, 1 },
		{ sources, COUNT(contents) },
		{ refuses, COUNT(unknown) },
		{ stages_of_macros, COUNT(stages) },
	};

	return table_run("attribute", tests, COUNT(tests));
}
