#include "reply/status.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

static const struct basic_code basic_codes[] = {
#define BASIC(number, name, where, source, text)	\
	{ .code = (number), .title = (name), .stages = (where),	\
	  .reference = (source), .note = (text) },
#include "reply/basic.def"
#undef BASIC
};

static const struct enhanced_code enhanced_codes[] = {
#define ENHANCED(digit, number, name, codes, source, text, allowed)	\
	{ .subject = (digit), .detail = (number), .title = (name),	\
	  .basic = (codes), .reference = (source), .note = (text),	\
	  .classes = (allowed) },
#include "reply/enhanced.def"
#undef ENHANCED
};

static const struct known_pair {
	struct status status;
	const char *reference;
} known_pairs[] = {
#define PAIR(number, digit, rest, source)	\
	{ .status = { .code = (number), .subject = (digit),	\
		.detail = (rest) },	\
	  .reference = (source) },
#include "reply/pair.def"
#undef PAIR
};

/* What may stand in a refusal: rule C5. */
static const unsigned short refusal_codes[] = {
	421, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 521, 523, 524,
	525, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556,
};

/*
 * Reads a number of one to max digits at *text and moves behind it.  A
 * leading zero is noted, not refused.
 */
static bool
number_read(const char **text, int max, unsigned short *number, bool *zero)
{
	const char *p = *text;
	unsigned n = 0;

	while (text_is_digit(*p) && p - *text < max)
		n = n * 10 + (unsigned)(*p++ - '0');
	if (p == *text || text_is_digit(*p))
		return false;
	if (p - *text > 1 && **text == '0')
		*zero = true;
	*text = p;
	*number = (unsigned short)n;
	return true;
}

static bool
dot_read(const char **text)
{
	if (**text != '.')
		return false;
	(*text)++;
	return true;
}

/*
 * The form of RFC 5321 4.2 and RFC 3463 2: the code's second digit is at most
 * 5, and a refusal or success has class 2, 4 or 5.
 */
static bool
form_read(const char *text, struct status *status, unsigned short *class,
    bool *zero)
{
	const char *p = text;

	if (!number_read(&p, 3, &status->code, zero) || p - text != 3 ||
	    strchr("245", text[0]) == NULL || text[1] > '5' || *p++ != ' ')
		return false;
	if (strchr("245", *p) == NULL)
		return false;
	return number_read(&p, 1, class, zero) && dot_read(&p) &&
	    number_read(&p, 3, &status->subject, zero) && dot_read(&p) &&
	    number_read(&p, 3, &status->detail, zero) && *p == '\0';
}

int
status_parse(struct status *status, const char *text, struct diag *diag)
{
	struct status read;
	unsigned short class;
	bool zero = false;
	char right[STATUS_TEXT_MAX];

	if (!form_read(text, &read, &class, &zero)) {
		struct strbuf quoted = STRBUF_INIT;

		names_quote(&quoted, text);
		diag_error(diag, "%s is no status; write one like "
		    "\"550 5.1.1\"", quoted.text);
		strbuf_release(&quoted);
		return -1;
	}
	if (class != status_class(read)) {
		diag_error(diag, "the codes of \"%s\" are of two classes; "
		    "write \"%u %u.%u.%u\" or another basic code",
		    text, read.code, status_class(read), read.subject,
		    read.detail);
		return -1;
	}
	if (zero) {
		status_format(read, right);
		diag_error(diag, "\"%s\" has a leading zero; write \"%s\"",
		    text, right);
		return -1;
	}
	*status = read;
	return 0;
}

/* By hand: each reply has several, and a format would take its time. */
char *
status_format_part(unsigned part, char *to)
{
	if (part >= 100)
		*to++ = (char)('0' + part / 100 % 10);
	if (part >= 10)
		*to++ = (char)('0' + part / 10 % 10);
	*to++ = (char)('0' + part % 10);
	return to;
}

void
status_format(struct status status, char text[STATUS_TEXT_MAX])
{
	char *to = status_format_part(status.code % 1000u, text);

	*to++ = ' ';
	status_format_enhanced(status, to);
}

void
status_format_enhanced(struct status status, char text[STATUS_ENHANCED_MAX])
{
	text = status_format_part(status_class(status) % 10u, text);
	*text++ = '.';
	text = status_format_part(status.subject % 1000u, text);
	*text++ = '.';
	text = status_format_part(status.detail % 1000u, text);
	*text = '\0';
}

const struct basic_code *
basic_code_find(unsigned code)
{
	for (size_t i = 0; i < LENGTH(basic_codes); i++)
		if (basic_codes[i].code == code)
			return &basic_codes[i];
	return NULL;
}

size_t
basic_code_count(void)
{
	return LENGTH(basic_codes);
}

const struct basic_code *
basic_code_at(size_t n)
{
	return &basic_codes[n];
}

bool
basic_code_refuses(unsigned code)
{
	for (size_t i = 0; i < LENGTH(refusal_codes); i++)
		if (refusal_codes[i] == code)
			return true;
	return false;
}

const struct enhanced_code *
enhanced_code_find(unsigned subject, unsigned detail)
{
	for (size_t i = 0; i < LENGTH(enhanced_codes); i++)
		if (enhanced_codes[i].subject == subject &&
		    enhanced_codes[i].detail == detail)
			return &enhanced_codes[i];
	return NULL;
}

size_t
enhanced_code_count(void)
{
	return LENGTH(enhanced_codes);
}

const struct enhanced_code *
enhanced_code_at(size_t n)
{
	return &enhanced_codes[n];
}

const char *
enhanced_subject_title(unsigned subject)
{
	switch (subject) {
#define SUBJECT(digit, title, side, what, fix, temporary_what, temporary_fix) \
	case (digit):	\
		return (title);
#include "reply/subject.def"
#undef SUBJECT
	}
	return NULL;
}

/* True if code stands in a list such as "451, 550", "5XX" or "Any". */
static bool
basic_listed(const char *list, unsigned code)
{
	char digits[4];

	if (strcmp(list, "Any") == 0)
		return true;
	snprintf(digits, sizeof(digits), "%u", code % 1000u);
	for (const char *p = list; p[0] != '\0'; p += strspn(p, ", ")) {
		if (strncmp(p, digits, 3) == 0 ||
		    (p[0] == digits[0] && strncmp(p + 1, "XX", 2) == 0))
			return true;
		p += strcspn(p, ",");
	}
	return false;
}

const char *
status_pair_reference(struct status status)
{
	for (size_t i = 0; i < LENGTH(known_pairs); i++)
		if (status_equal(known_pairs[i].status, status))
			return known_pairs[i].reference;
	return "";
}

enum pair
status_pair(struct status status)
{
	const struct enhanced_code *enhanced =
	    enhanced_code_find(status.subject, status.detail);

	if (enhanced == NULL || basic_code_find(status.code) == NULL)
		return PAIR_UNREGISTERED;
	if (basic_listed(enhanced->basic, status.code))
		return PAIR_LISTED;
	return status_pair_reference(status)[0] != '\0' ? PAIR_KNOWN :
	    PAIR_UNLISTED;
}
