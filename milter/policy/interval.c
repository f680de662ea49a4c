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

/* Reads "25M" to the end of text. */
static int
parse_amount(const char *text, uint64_t *amount)
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
	if (parse_amount(skip_blanks(at), &amount) == -1) {
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

static const char *const days[7] = {
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday",
	"saturday"
};

/* Reads "mon" or "monday" at *text and moves *text behind it; -1 if none. */
static int
parse_day(const char **text)
{
	size_t len = 0;

	while (text_is_letter((*text)[len]))
		len++;
	for (int day = 0; day < 7; day++) {
		size_t whole = strlen(days[day]);

		if ((len == 3 && strncmp(*text, days[day], 3) == 0) ||
		    (len == whole && strncmp(*text, days[day], whole) == 0)) {
			*text = skip_blanks(*text + len);
			return day;
		}
	}
	return -1;
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
	char lower[32];
	const char *at = lower;
	int first, last;

	if (strchr(text, ',') != NULL) {
		explain_days(text, diag);
		return -1;
	}
	if (strlen(text) < sizeof(lower)) {
		memcpy(lower, text, strlen(text) + 1);
		text_lower_all(lower);
		at = skip_blanks(lower);
		first = last = parse_day(&at);
		if (first != -1 && *at == '-') {
			at = skip_blanks(at + 1);
			last = parse_day(&at);
		}
		if (first != -1 && last != -1 && *at == '\0') {
			*interval = (struct interval){
				.low = (uint64_t)first, .high = (uint64_t)last
			};
			return 0;
		}
	}
	diag_error(diag, "\"%s\" is not a day of the week; write for example "
	    "\"mon\" or \"mon-fri\"", text);
	return -1;
}

/* Reads one or two digits at *text and moves *text behind them. */
static int
parse_digits(const char **text)
{
	int number = -1;

	for (int n = 0; n < 2 && text_is_digit(**text); n++)
		number = (number == -1 ? 0 : number * 10) + *(*text)++ - '0';
	return number;
}

/* Reads "8:00" at *text and moves *text behind it; -1 if there is none. */
static int
parse_clock(const char **text)
{
	int hours = parse_digits(text), minutes;

	if (hours == -1 || **text != ':' || !text_is_digit((*text)[1]) ||
	    !text_is_digit((*text)[2]))
		return -1;
	(*text)++;
	minutes = parse_digits(text);
	if (minutes > 59 || hours * 60 + minutes > MINUTES_PER_DAY)
		return -1;
	*text = skip_blanks(*text);
	return hours * 60 + minutes;
}

int
interval_parse_time(struct interval *interval, const char *text,
    struct diag *diag)
{
	const char *at = skip_blanks(text);
	int from = parse_clock(&at), to = -1;

	if (from != -1 && *at == '-') {
		at = skip_blanks(at + 1);
		to = parse_clock(&at);
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
