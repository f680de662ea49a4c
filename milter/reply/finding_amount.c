/* Sizes, counts, rates and times, as replies write them. */

#include "reply/finding_parts.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define BYTES_FROM	100000	/* a size from this number on is in bytes */
#define KILOBYTES_FROM	1000	/* below this one in MB; between: not sure */
#define WHOLE_MAX	UINT64_C(1000000000000)
#define WORD_MAX	16
#define WAIT_MAX	(7 * 24 * 60)	/* minutes; longer is no wait */

static const struct lead {
	unsigned topics;
	const char *words;
} leads[] = {
#define LEAD(those, text)	{ .topics = (those), .words = (text) },
#include "reply/lead.def"
#undef LEAD
};

#define LEAD_COUNT	(sizeof(leads) / sizeof(leads[0]))

static const struct unit {
	unsigned topics;
	const char *word;
	unsigned factor;
} units[] = {
#define UNIT(those, text, times)	\
	{ .topics = (those), .word = (text), .factor = (times) },
#include "reply/unit.def"
#undef UNIT
};

#define UNIT_COUNT	(sizeof(units) / sizeof(units[0]))

/* What may stand between "limit" and the number. */
static const char *const fillers[] = { "is", "of", "for", "the", "our", "a",
	"at", "least", "than", "another", "fixed", "limit", "maximum",
	"allowed", "permitted", "accepted", "message", "messages", "mail",
	"email", "size", "number", "recipients", "connections", "concurrent" };

static const char *const periods[] = { "second", "minute", "hour", "day" };

/* A place in a text in lower case. */
struct reader {
	const char *p;
	char word[WORD_MAX];		/* of letters; "" where none stands */
};

/* 10.5 is whole 10, tenths 5. */
struct amount {
	uint64_t whole;
	unsigned tenths;
	bool plain;			/* no decimals */
};

static void
word_read(struct reader *r)
{
	size_t len = 0;

	while (text_is_letter(r->p[len]))
		len++;
	r->word[0] = '\0';
	if (len >= WORD_MAX)
		return;
	memcpy(r->word, r->p, len);
	r->word[len] = '\0';
	r->p += len;
}

static bool
is_one_of(const char *const words[], size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* To the number behind a lead. */
static void
fillers_skip(struct reader *r)
{
	for (;;) {
		const char *before;

		r->p += strspn(r->p, " :=('\"");
		before = r->p;
		word_read(r);
		if (!is_one_of(fillers, sizeof(fillers) / sizeof(fillers[0]),
		    r->word)) {
			r->p = before;
			return;
		}
	}
}

/*
 * A number that nothing is tied to: no part of an address, of a date, of a
 * range or of a version.
 */
static bool
amount_read(struct reader *r, struct amount *amount)
{
	const char *p = r->p;

	*amount = (struct amount){ .plain = true };
	if (!text_is_digit(*p))
		return false;
	for (; text_is_digit(*p); p++) {
		if (amount->whole > WHOLE_MAX)
			return false;
		amount->whole = amount->whole * 10 + (unsigned)(*p - '0');
	}
	if (*p == '.' && text_is_digit(p[1])) {
		amount->plain = false;
		amount->tenths = (unsigned)(p[1] - '0');
		p++;
		while (text_is_digit(*p))
			p++;
	}
	if (*p != '\0' && strchr(".,:-/_@", *p) != NULL &&
	    (text_is_digit(p[1]) || text_is_letter(p[1])) &&
	    !(*p == '/' && text_is_letter(p[1])))
		return false;
	r->p = p;
	return true;
}

/* The factor of the unit at r, which comes behind it; 0: none of these. */
static unsigned
unit_read(struct reader *r, unsigned topic)
{
	const char *before = r->p;

	r->p += strspn(r->p, " ");
	word_read(r);
	for (size_t i = 0; i < UNIT_COUNT && r->word[0] != '\0'; i++)
		if ((units[i].topics & topic) != 0 &&
		    strcmp(units[i].word, r->word) == 0)
			return units[i].factor;
	r->p = before;
	return 0;
}

/* "per hour", "an hour", "/hour" at r: the word, or NULL. */
static const char *
period_read(struct reader *r)
{
	static const char *const befores[] = { "per", "a", "an", "each",
	    "every" };

	r->p += strspn(r->p, " ");
	if (*r->p == '/') {
		r->p++;
	} else {
		word_read(r);
		if (!is_one_of(befores, sizeof(befores) / sizeof(befores[0]),
		    r->word))
			return NULL;
		r->p += strspn(r->p, " ");
	}
	word_read(r);
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
		if (strcmp(periods[i], r->word) == 0)
			return periods[i];
	return NULL;
}

static const char *
megabytes(struct arena *arena, uint64_t bytes)
{
	const uint64_t tenths = (bytes * 10 + 500000) / 1000000;

	if (tenths == 0)
		return NULL;
	if (tenths % 10 == 0)
		return arena_format(arena, "%llu",
		    (unsigned long long)tenths / 10);
	return arena_format(arena, "%llu.%llu",
	    (unsigned long long)tenths / 10,
	    (unsigned long long)tenths % 10);
}

void
finding_scale(struct arena *arena, const char **size)
{
	uint64_t bytes;

	if (*size == NULL)
		return;
	if (text_number(*size, UINT64_MAX / 20, &bytes) == -1)
		*size = NULL;
	else if (bytes >= KILOBYTES_FROM)
		*size = bytes < BYTES_FROM ? NULL : megabytes(arena, bytes);
}

/* What was read behind one lead. */
struct found {
	const char *limit, *period, *minutes;
};

/* Nothing behind it says what was counted. */
static bool
ends_here(const struct reader *r)
{
	const char *p = r->p + strspn(r->p, " ");

	return *p == '\0' || strchr(".,;)]", *p) != NULL;
}

static void
size_find(struct arena *arena, struct reader *r, struct found *found)
{
	struct amount amount;
	unsigned factor;

	if (!amount_read(r, &amount))
		return;
	factor = unit_read(r, TOPIC_SIZE);
	if (factor == 0 && amount.plain && amount.whole >= BYTES_FROM &&
	    ends_here(r))
		factor = 1;
	if (factor > 0)
		found->limit = megabytes(arena,
		    amount.whole * factor + amount.tenths * factor / 10);
}

/* "100", "100 recipients", but not "100 recipients per hour". */
static void
count_find(struct arena *arena, struct reader *r, struct found *found)
{
	struct amount amount;
	const char *end;

	if (!amount_read(r, &amount) || !amount.plain || amount.whole == 0 ||
	    amount.whole >= BYTES_FROM || text_is_letter(*r->p))
		return;
	end = r->p;
	if (!ends_here(r)) {
		if (unit_read(r, TOPIC_COUNT) == 0)
			return;
		if (strcmp(r->word, "per") == 0)
			r->p = end;
		if (period_read(r) != NULL)
			return;
	}
	found->limit = arena_format(arena, "%llu",
	    (unsigned long long)amount.whole);
}

static void
rate_find(struct arena *arena, struct reader *r, struct found *found)
{
	struct amount amount;

	if (!amount_read(r, &amount) || !amount.plain || amount.whole == 0)
		return;
	unit_read(r, TOPIC_RATE);
	found->period = period_read(r);
	if (found->period != NULL)
		found->limit = arena_format(arena, "%llu",
		    (unsigned long long)amount.whole);
}

/* "00:05:00" */
static bool
clock_read(const char *p, uint64_t *seconds)
{
	*seconds = 0;
	for (int part = 0; part < 3; part++) {
		if (strspn(p, "0123456789") != 2 ||
		    (part > 0 && *p > '5'))
			return false;
		*seconds = *seconds * 60 + (unsigned)((p[0] - '0') * 10 +
		    (p[1] - '0'));
		p += 2;
		if (part < 2 && *p++ != ':')
			return false;
	}
	return !finding_is_word(*p) || (*p == '.' && !finding_is_word(p[1]));
}

/* "5 min 30 sec", "5 minutes and 30 seconds" */
static bool
goes_on(struct reader *r)
{
	r->p += strspn(r->p, " ,");
	if (strncmp(r->p, "and ", 4) == 0)
		r->p += 4;
	return text_is_digit(*r->p);
}

static void
wait_find(struct arena *arena, struct reader *r, struct found *found)
{
	struct amount amount;
	uint64_t seconds, minutes;

	if (!clock_read(r->p, &seconds)) {
		if (!amount_read(r, &amount) || !amount.plain ||
		    amount.whole > WAIT_MAX * 60)
			return;
		seconds = amount.whole * unit_read(r, TOPIC_WAIT);
		if (goes_on(r))
			return;
	}
	minutes = (seconds + 59) / 60;
	if (minutes > 0 && minutes <= WAIT_MAX)
		found->minutes = arena_format(arena, "%llu",
		    (unsigned long long)minutes);
}

/* Two leads that tell different things tell nothing: then false. */
static bool
agrees(const char **one, const char *other)
{
	if (*one == NULL)
		*one = other;
	return other == NULL || strcmp(*one, other) == 0;
}

/* All places where the words of a lead stand. */
static bool
lead_ask(const struct search *s, const struct lead *lead, unsigned topics,
    struct found *all)
{
	const char *p = s->lower;
	const size_t len = strlen(lead->words);

	for (; (p = strstr(p, lead->words)) != NULL; p += len) {
		struct reader r = { .p = p + len };
		struct found found = { .limit = NULL };
		const unsigned now = lead->topics & topics;

		if (text_is_letter(*r.p) || !finding_ends_with(s->lower,
		    (size_t)(r.p - s->lower), lead->words))
			continue;
		fillers_skip(&r);
		if ((now & TOPIC_SIZE) != 0)
			size_find(s->arena, &r, &found);
		else if ((now & TOPIC_COUNT) != 0)
			count_find(s->arena, &r, &found);
		else if ((now & TOPIC_RATE) != 0)
			rate_find(s->arena, &r, &found);
		else
			wait_find(s->arena, &r, &found);
		if (!agrees(&all->limit, found.limit) ||
		    !agrees(&all->period, found.period) ||
		    !agrees(&all->minutes, found.minutes))
			return false;
	}
	return true;
}

static void
amount_keep(const struct search *s, enum variable variable, const char *text)
{
	if (s->values->text[variable] == NULL)
		s->values->text[variable] = text;
}

void
finding_amounts(const struct search *s, unsigned topics)
{
	struct found all = { .limit = NULL };

	/* The size of a mailbox is not the limit of a message. */
	if ((topics & TOPIC_SIZE) != 0 && strstr(s->lower, "quota") != NULL)
		topics &= ~(unsigned)TOPIC_SIZE;
	for (size_t i = 0; i < LEAD_COUNT; i++)
		if ((leads[i].topics & topics) != 0 &&
		    !lead_ask(s, &leads[i], topics, &all))
			return;
	/* A limit in a time is one thing, not two. */
	if ((topics & TOPIC_RATE) == 0 ||
	    (s->values->text[VARIABLE_LIMIT] == NULL &&
	    s->values->text[VARIABLE_PERIOD] == NULL)) {
		amount_keep(s, VARIABLE_LIMIT, all.limit);
		amount_keep(s, VARIABLE_PERIOD, all.period);
	}
	amount_keep(s, VARIABLE_MINUTES, all.minutes);
}
