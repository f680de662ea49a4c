#include "policy/interval.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"

#define MINUTES_PER_DAY	(24 * 60)

static const char *
skip_blanks(const char *text)
{
	while (text_is_space(*text))
		text++;
	return text;
}

int
amount_parse(uint64_t *amount, const char *text)
{
	static const char units[] = "kmg";
	char digits[24];
	size_t len = strspn(text, "0123456789");
	unsigned shift = 0;
	uint64_t number;

	if (len >= sizeof(digits))
		return -1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (text_number(digits, UINT64_MAX, &number) == -1)
		return -1;
	if (text[len] != '\0') {
		const char *unit = strchr(units, text_lower(text[len]));

		if (unit == NULL || text[len + 1] != '\0')
			return -1;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (number > UINT64_MAX >> shift)
		return -1;
	*amount = number << shift;
	return 0;
}

int
interval_parse_number(struct interval *interval, const char *text,
    struct diag *diag)
{
	const char *at = skip_blanks(text);
	char sign = strchr("<>=", *at) != NULL ? *at : '\0';
	bool equal;
	uint64_t amount;

	if (sign != '\0')
		at++;
	equal = (sign == '<' || sign == '>') && *at == '=';
	if (equal)
		at++;
	if (amount_parse(&amount, skip_blanks(at)) == -1) {
		diag_error(diag, "\"%s\" is not a number or a comparison; "
		    "write for example \"> 25M\", \"<= 3\" or \"5\"", text);
		return -1;
	}
	if ((sign == '<' && !equal && amount == 0) ||
	    (sign == '>' && !equal && amount == UINT64_MAX)) {
		diag_error(diag, "\"%s\" can never hold", text);
		return -1;
	}
	*interval = (struct interval){ .low = amount, .high = amount };
	if (sign == '<')
		*interval = (struct interval){
			.low = 0, .high = equal ? amount : amount - 1
		};
	else if (sign == '>')
		*interval = (struct interval){
			.low = equal ? amount : amount + 1, .high = UINT64_MAX
		};
	return 0;
}

static const struct {
	const char	*name, *whole;
} days[7] = {
	{ "sun", "sunday" }, { "mon", "monday" }, { "tue", "tuesday" },
	{ "wed", "wednesday" }, { "thu", "thursday" }, { "fri", "friday" },
	{ "sat", "saturday" },
};

const char *
day_name(unsigned day)
{
	return days[day % 7].name;
}

int
day_parse(unsigned *day, const char *text)
{
	for (unsigned i = 0; i < 7; i++)
		if (text_equal(text, days[i].name) ||
		    text_equal(text, days[i].whole)) {
			*day = i;
			return 0;
		}
	return -1;
}

/* Reads "mon" or "monday" at *text and moves *text behind it; -1 if none. */
static int
take_day(const char **text)
{
	char word[16];
	size_t len = 0;
	unsigned day;

	while (text_is_letter((*text)[len]) && len + 1 < sizeof(word))
		len++;
	memcpy(word, *text, len);
	word[len] = '\0';
	if (day_parse(&day, word) == -1)
		return -1;
	*text = skip_blanks(*text + len);
	return (int)day;
}

/* Says how to write "sat, sun": a pattern is one run of days. */
static void
explain_days(const char *text, struct diag *diag)
{
	struct strbuf array = STRBUF_INIT;

	strbuf_adds(&array, "[ \"");
	for (; *text != '\0'; text++) {
		if (*text == ',') {
			strbuf_adds(&array, "\", \"");
			text = skip_blanks(text + 1) - 1;
		} else
			strbuf_addch(&array, *text);
	}
	strbuf_adds(&array, "\" ]");
	diag_error(diag, "several days are an array: write %s", array.text);
	strbuf_release(&array);
}

int
interval_parse_day(struct interval *interval, const char *text,
    struct diag *diag)
{
	const char *at = skip_blanks(text);
	int first, last;

	if (strchr(text, ',') != NULL) {
		explain_days(text, diag);
		return -1;
	}
	first = last = take_day(&at);
	if (first != -1 && *at == '-') {
		at = skip_blanks(at + 1);
		last = take_day(&at);
	}
	if (first != -1 && last != -1 && *at == '\0') {
		*interval = (struct interval){
			.low = (uint64_t)first, .high = (uint64_t)last
		};
		return 0;
	}
	diag_error(diag, "\"%s\" is not a day of the week; write for example "
	    "\"mon\" or \"mon-fri\"", text);
	return -1;
}

/* Reads one or two digits at *text and moves *text behind them. */
static int
take_digits(const char **text)
{
	int number = -1;

	for (int n = 0; n < 2 && text_is_digit(**text); n++)
		number = (number == -1 ? 0 : number * 10) + *(*text)++ - '0';
	return number;
}

/* Reads "8:00" at *text and moves *text behind it; -1 if there is none. */
static int
take_clock(const char **text)
{
	int hours = take_digits(text), minutes;

	if (hours == -1 || **text != ':' || !text_is_digit((*text)[1]) ||
	    !text_is_digit((*text)[2]))
		return -1;
	(*text)++;
	minutes = take_digits(text);
	if (minutes > 59 || hours * 60 + minutes > MINUTES_PER_DAY)
		return -1;
	*text = skip_blanks(*text);
	return hours * 60 + minutes;
}

int
minute_parse(unsigned *minute, const char *text)
{
	int taken = take_clock(&text);

	if (taken == -1 || taken == MINUTES_PER_DAY || *text != '\0')
		return -1;
	*minute = (unsigned)taken;
	return 0;
}

int
interval_parse_time(struct interval *interval, const char *text,
    struct diag *diag)
{
	const char *at = skip_blanks(text);
	int from = take_clock(&at), to = -1;

	if (from != -1 && *at == '-') {
		at = skip_blanks(at + 1);
		to = take_clock(&at);
	}
	if (to == -1 || *at != '\0') {
		diag_error(diag, "\"%s\" is not a time of day; write for "
		    "example \"08:00-18:00\" or \"22:00-06:00\"", text);
		return -1;
	}
	from %= MINUTES_PER_DAY;
	if (from == to % MINUTES_PER_DAY && to != MINUTES_PER_DAY) {
		diag_error(diag, "\"%s\" begins when it ends and can never "
		    "hold; the whole day is \"00:00-24:00\"", text);
		return -1;
	}
	to = (to + MINUTES_PER_DAY - 1) % MINUTES_PER_DAY;
	*interval = (struct interval){
		.low = (uint64_t)from, .high = (uint64_t)to
	};
	return 0;
}
