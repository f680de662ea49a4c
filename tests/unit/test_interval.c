/* Amounts, days and times of day, as options and expect cases write them. */
#include "policy/interval.h"
#include "table.h"

/* want -1: it is none. */
static const struct {
	const char	*text;
	long long	 want;
} amounts[] = {
	{ "0", 0 }, { "5", 5 }, { "10k", 10240 }, { "25M", 26214400 },
	{ "1g", 1073741824 },
	{ "", -1 }, { "M", -1 }, { "5T", -1 }, { "5MB", -1 }, { "-1", -1 },
	{ " 5", -1 }, { "99999999999999999999", -1 },
	{ "99999999999999999G", -1 },
}, days[] = {
	{ "sun", 0 }, { "mon", 1 }, { "Friday", 5 }, { "SAT", 6 },
	{ "", -1 }, { "fr", -1 }, { "frid", -1 }, { "mon-fri", -1 },
	{ "mon ", -1 },
}, minutes[] = {
	{ "00:00", 0 }, { "8:00", 480 }, { "08:05", 485 }, { "23:59", 1439 },
	{ "24:00", -1 }, { "8:60", -1 }, { "8", -1 }, { "8:5", -1 },
	{ "8.00", -1 }, { "008:00", -1 }, { "08:00-09:00", -1 }, { "", -1 },
};

START_TEST(test_amount)
{
	uint64_t amount = 77;
	int rc = amount_parse(&amount, amounts[_i].text);

	ck_assert_int_eq(rc, amounts[_i].want == -1 ? -1 : 0);
	ck_assert_uint_eq(amount, rc == -1 ? 77 :
	    (uint64_t)amounts[_i].want);
}
END_TEST

START_TEST(test_day)
{
	unsigned day = 77;
	int rc = day_parse(&day, days[_i].text);

	ck_assert_int_eq(rc, days[_i].want == -1 ? -1 : 0);
	ck_assert_uint_eq(day, rc == -1 ? 77 : (unsigned)days[_i].want);
}
END_TEST

START_TEST(test_minute)
{
	unsigned minute = 77;
	int rc = minute_parse(&minute, minutes[_i].text);

	ck_assert_int_eq(rc, minutes[_i].want == -1 ? -1 : 0);
	ck_assert_uint_eq(minute, rc == -1 ? 77 :
	    (unsigned)minutes[_i].want);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_amount, COUNT(amounts) }, { test_day, COUNT(days) },
		{ test_minute, COUNT(minutes) },
	};

	return table_run("interval", tests, COUNT(tests));
}
