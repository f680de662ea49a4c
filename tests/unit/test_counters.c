/* Counters of decisions: what is logged is what was counted. */
#include <string.h>

#include "capture.h"
#include "session/record.h"
#include "table.h"
#include "world/counters.h"

START_TEST(test_counters)
{
	static const struct record done = { .outcome = OUTCOME_DONE };
	static const struct record noted = {
		.source = SOURCE_MTA,
		.outcome = OUTCOME_NOTED,
	};
	static const struct record fault = {
		.source = SOURCE_MTA,
		.outcome = OUTCOME_FAULT,
	};
	struct capture capture = capture_begin();
	char text[500];

	counters_log();
	counters_add(&done);
	counters_add(&noted);
	counters_add(&fault);
	counters_add(&noted);
	counters_log();
	capture_end(&capture, text, sizeof(text));
	ck_assert_str_eq(text, "event=counters source=policy done=1\n"
	    "event=counters source=mta noted=2 fault=1\n");
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = { { test_counters, 1 } };

	return table_run("counters", tests, COUNT(tests));
}
