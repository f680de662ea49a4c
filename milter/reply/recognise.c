#include "reply/recognise.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/finding.h"
#include "reply/knowledge.h"
#include "reply/origin.h"
#include "reply/reason.h"
#include "reply/status.h"

#define TEXT_MAX	4000	/* bytes of words that are looked at */
#define HIDDEN		'\001'	/* no cue and no text has it */

static const char *const sure_names[] = {
	[SURE_NONE] = "none",
	[SURE_LOW] = "low",
	[SURE_HIGH] = "high",
};

/* Codes that say why on their own. */
static const struct telling {
	unsigned subject, detail, classes;
	const char *reason;
} tellings[] = {
#define TELLING(digit, rest, in, name)	\
	{ .subject = (digit), .detail = (rest), .classes = (in),	\
	  .reason = (name) },
#include "reply/telling.def"
#undef TELLING
};

#define TELLING_COUNT	(sizeof(tellings) / sizeof(tellings[0]))

const char *
sure_name(enum sure sure)
{
	return sure_names[sure];
}

/* The codes of the first line that has them, ahead of all words. */
static char *
text_make(struct arena *arena, const struct raw_reply *reply)
{
	const char *words = unwrapped_words(arena, reply);
	const size_t len = strnlen(words, TEXT_MAX);
	char before[RAW_CODES_MAX], *text;
	size_t used = raw_codes_format(raw_codes(reply), before);

	if (used > 0)
		before[used++] = ' ';
	text = arena_alloc(arena, used + len + 1);
	memcpy(text, before, used);
	memcpy(text + used, words, len);
	return text;
}

/* Only where both codes are of the class that the code is telling in. */
static const struct reason *
code_tells(const struct knowledge *knowledge, const struct raw_reply *reply)
{
	const struct raw_codes codes = raw_codes(reply);
	const unsigned class = codes.class == 4 ? CLASS_TRANSIENT :
	    codes.class == 5 ? CLASS_PERMANENT : 0;

	if (!codes.enhanced ||
	    (codes.code != 0 && codes.code / 100 != codes.class))
		return NULL;
	for (size_t i = 0; i < TELLING_COUNT; i++)
		if (tellings[i].subject == codes.subject &&
		    tellings[i].detail == codes.detail &&
		    (tellings[i].classes & class) != 0)
			return knowledge_reason(knowledge, tellings[i].reason);
	return NULL;
}

static bool
speaks_of_size(const struct reason *reason)
{
	return reason != NULL && (strcmp(reason->name, "too-big") == 0 ||
	    strcmp(reason->name, "too-big-for-mailbox") == 0);
}

static void
domain_of(const char *address, const char **domain)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	if (*domain == NULL && at != NULL && at[1] != '\0')
		*domain = at + 1;
}

/* Each domain is that of the address that stands beside it. */
static void
domains_add(struct values *values)
{
	const char **text = values->text;

	domain_of(text[VARIABLE_SENDER], &text[VARIABLE_SENDER_DOMAIN]);
	domain_of(text[VARIABLE_RECIPIENT], &text[VARIABLE_RECIPIENT_DOMAIN]);
}

/* What a server writes where it knows no name is no name. */
static void
unknown_drop(const char **name)
{
	if (*name != NULL && text_equal(*name, "unknown"))
		*name = NULL;
}

/* The words first; what they leave out comes from the wrapping. */
static void
values_merge(struct arena *arena, struct recognition *r,
    const struct values *wrapping)
{
	const char **text = r->values.text;

	if (speaks_of_size(r->reason)) {
		finding_scale(arena, &text[VARIABLE_SIZE]);
		finding_scale(arena, &text[VARIABLE_LIMIT]);
	}
	unknown_drop(&text[VARIABLE_CLIENT_NAME]);
	unknown_drop(&text[VARIABLE_HELO]);
	if (text[VARIABLE_LIST] != NULL &&
	    !finding_is_list(text[VARIABLE_LIST]))
		text[VARIABLE_LIST] = NULL;
	domains_add(&r->values);
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (text[i] == NULL)
			text[i] = wrapping->text[i];
}

static void
letters_hide(char *lower, size_t start, size_t end)
{
	for (; start < end; start++)
		if (text_is_letter(lower[start]) ||
		    text_is_digit(lower[start]))
			lower[start] = HIDDEN;
}

/* Hides an address around the @ at this place; returns its end. */
static size_t
address_hide(char *lower, size_t len, size_t at)
{
	size_t start, end;

	if (!finding_address(lower, len, at, &start, &end))
		return at + 1;
	letters_hide(lower, start, end);
	return end;
}

/* Hides what a server puts ahead of its words: "<greylist.example>: ". */
static void
subject_hide(char *lower, size_t len, size_t open)
{
	const char *close = memchr(lower + open, '>', len - open);
	size_t after;

	if (close == NULL)
		return;
	after = (size_t)(close - lower) + 1;
	if (after < len && (lower[after] == ':' ||
	    strncmp(lower + after, "...", 3) == 0))
		letters_hide(lower, open, after);
}

/*
 * Names are no words: "No such user greylist@example.com" is not about
 * greylisting.  The letters of addresses, and of what stands ahead in <>, are
 * hidden from the cues; values are found in the text itself.
 */
static void
names_hide(char *lower, size_t len)
{
	for (size_t at = 0; at < len; at++) {
		if (lower[at] == '<')
			subject_hide(lower, len, at);
		else if (lower[at] == '@')
			at = address_hide(lower, len, at) - 1;
	}
}

struct recognition
recognise(struct arena *arena, const struct knowledge *knowledge,
    const char *origin, const struct unwrapped *unwrapped)
{
	const char *text = text_make(arena, &unwrapped->reply);
	const size_t len = strlen(text);
	char *lower = arena_memdup(arena, text, len);
	const struct finder *finder = knowledge_finder(knowledge);
	struct recognition r = { .sure = SURE_NONE };
	const struct search search = { .arena = arena, .text = text,
	    .lower = lower, .len = len, .values = &r.values };

	text_lower_all(lower);
	names_hide(lower, len);
	if (*origin == '\0')
		origin = origin_guess(unwrapped);
	r.meaning = knowledge_find(knowledge, origin, text, lower, len);
	if (r.meaning != NULL) {
		r.reason = r.meaning->reason;
		r.sure = r.reason == NULL ? SURE_NONE :
		    r.meaning->doubtful ? SURE_LOW : SURE_HIGH;
		cue_match(r.meaning->cue, arena, text, lower, len, &r.values);
	} else {
		r.reason = code_tells(knowledge, &unwrapped->reply);
		r.sure = r.reason == NULL ? SURE_NONE : SURE_LOW;
	}
	finder_ask_standing(finder, &search);
	values_merge(arena, &r, &unwrapped->values);
	finder_ask(finder, r.reason, &search);
	domains_add(&r.values);
	return r;
}
