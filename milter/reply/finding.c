#include "reply/finding.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "reply/cue.h"
#include "reply/finding_parts.h"
#include "reply/raw.h"
#include "reply/reason.h"

#define LIST_MIN	3	/* two letters are no name of a list */

static const char *const standings[] = {
#define STANDING(pattern)	pattern,
#include "reply/standing.def"
#undef STANDING
};

#define STANDING_COUNT	(sizeof(standings) / sizeof(standings[0]))

static const struct about {
	const char *reason;
	unsigned topics;
} abouts[] = {
#define ABOUT(name, those)	{ .reason = (name), .topics = (those) },
#include "reply/about.def"
#undef ABOUT
};

#define ABOUT_COUNT	(sizeof(abouts) / sizeof(abouts[0]))

static const struct row {
	unsigned topic;
	const char *pattern;
} rows[] = {
#define FINDING(about, cue)	{ .topic = (about), .pattern = (cue) },
#include "reply/finding.def"
#undef FINDING
};

#define ROW_COUNT	(sizeof(rows) / sizeof(rows[0]))

static const char *const lists[] = {
#define LIST(name)	name,
#include "reply/list.def"
#undef LIST
};

#define LIST_COUNT	(sizeof(lists) / sizeof(lists[0]))

struct finder {
	const struct cue *standings[STANDING_COUNT];
	const struct cue *cues[ROW_COUNT];
	const struct reason *reasons[ABOUT_COUNT];
};

const struct finder *
finder_new(struct arena *arena, const struct catalogue *catalogue)
{
	struct finder *finder = arena_alloc(arena, sizeof(*finder));

	for (size_t i = 0; i < STANDING_COUNT; i++)
		finder->standings[i] = cue_compile_own(arena, standings[i]);
	for (size_t i = 0; i < ROW_COUNT; i++)
		finder->cues[i] = cue_compile_own(arena, rows[i].pattern);
	for (size_t i = 0; i < ABOUT_COUNT; i++) {
		finder->reasons[i] = catalogue_find(catalogue,
		    abouts[i].reason);
		if (finder->reasons[i] == NULL)
			abort();
	}
	return finder;
}

void
finder_ask_standing(const struct finder *finder, const struct search *s)
{
	const size_t first = s->len < RAW_CODES_MAX ? s->len : RAW_CODES_MAX;

	if (memchr(s->text, '<', first) == NULL)
		return;
	for (size_t i = 0; i < STANDING_COUNT; i++)
		if (strstr(s->lower, cue_literal(finder->standings[i])) != NULL)
			cue_match(finder->standings[i], s->arena, s->text,
			    s->lower, s->len, s->values);
}

/* Letters in its last label: no IP address and no number. */
static bool
is_host(const char *text)
{
	const char *dot = strrchr(text, '.');

	return dot != NULL && dot > text && text_is_letter(dot[1]) &&
	    text_is_letter(dot[2]) && strstr(text, "..") == NULL &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-_") == strlen(text) && !text_starts(text, "www.");
}

/* Words that stand before the name of a list, or for one. */
static bool
is_stop_word(const char *text)
{
	static const char *const words[] = { "the", "our", "your", "this",
	    "some", "one", "any", "its", "their", "and", "for", "http",
	    "https", "www", "multiple", "several", "various", "local",
	    "internal", "dns", "black", "blacklist", "blocklist", "list",
	    "lists", "database", "see", "rbl", "dnsbl" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equal(text, words[i]))
			return true;
	return false;
}

bool
finding_is_list(const char *text)
{
	if (strchr(text, '.') != NULL)
		return is_host(text);
	return strlen(text) >= LIST_MIN && text_is_letter(*text) &&
	    !is_stop_word(text);
}

/* In any text, where no cue vouches for it, only what nothing else can be. */
static bool
is_sure_list(const char *text)
{
	if (strchr(text, '.') != NULL)
		return is_host(text);
	for (size_t i = 0; i < LIST_COUNT; i++)
		if (text_equal(text, lists[i]))
			return true;
	return false;
}

static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && at > text && is_host(at + 1);
}

/* Pages for people, in the domains of lists. */
static bool
is_page(const char *name)
{
	static const char *const pages[] = { "www.", "check.", "lookup.",
	    "query.", "help.", "faq." };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (text_starts(name, pages[i]))
			return true;
	return false;
}

/*
 * How much of the end of name is that of a list; 0 where none is.  What stands
 * ahead is the address that was asked for: "7.2.0.192.zen.spamhaus.org".
 */
static size_t
list_len(const char *name, size_t len)
{
	for (size_t i = 0; i < LIST_COUNT; i++) {
		const size_t end = strlen(lists[i]);
		size_t start = len - end;

		if (len < end || memcmp(name + start, lists[i], end) != 0)
			continue;
		if (*lists[i] != '.') {
			if (start == 0 || name[start - 1] == '.')
				return end;
			continue;
		}
		while (start > 0 && name[start - 1] != '.')
			start--;
		if (text_is_letter(name[start]) && !is_page(name + start))
			return len - start;
	}
	return 0;
}

/* The name of a well-known list, standing by itself: no link, no address. */
static void
list_host_find(const struct search *s)
{
	for (size_t at = 0; at < s->len;) {
		const char before = at > 0 ? s->text[at - 1] : ' ';
		size_t end = at, len;

		while (end < s->len && finding_is_word(s->lower[end]))
			end++;
		while (end > at && strchr(".-", s->lower[end - 1]) != NULL)
			end--;
		len = before == '/' || s->text[end] == '/' ||
		    memchr(s->lower + at, '.', end - at) == NULL ||
		    memchr(s->lower + at, '@', end - at) != NULL ? 0 :
		    list_len(s->lower + at, end - at);
		if (len > 0) {
			s->values->text[VARIABLE_LIST] = arena_memdup(s->arena,
			    s->text + end - len, len);
			return;
		}
		at = end + 1;
	}
}

/* "do not try bob@example.org" */
static bool
is_warning(const char *lower)
{
	return strstr(lower, " not try ") != NULL ||
	    strstr(lower, " not use ") != NULL;
}

/* A cue of the table says where, and the form must be right as well. */
static void
row_ask(const struct finder *finder, size_t row, const struct search *s)
{
	struct values found = { .text = { NULL } };
	const char *list, *moved;

	if (!cue_match(finder->cues[row], s->arena, s->text, s->lower, s->len,
	    &found))
		return;
	list = found.text[VARIABLE_LIST];
	moved = found.text[VARIABLE_NEW_RCPT];
	if (list != NULL && s->values->text[VARIABLE_LIST] == NULL &&
	    is_sure_list(list))
		s->values->text[VARIABLE_LIST] = list;
	if (moved != NULL && s->values->text[VARIABLE_NEW_RCPT] == NULL &&
	    is_address(moved) && !is_warning(s->lower))
		s->values->text[VARIABLE_NEW_RCPT] = moved;
}

static void
rows_ask(const struct finder *finder, unsigned topic, enum variable missing,
    const struct search *s)
{
	for (size_t i = 0; i < ROW_COUNT &&
	    s->values->text[missing] == NULL; i++)
		if (rows[i].topic == topic)
			row_ask(finder, i, s);
}

void
finder_ask(const struct finder *finder, const struct reason *reason,
    const struct search *s)
{
	unsigned topics = 0;

	for (size_t i = 0; i < ABOUT_COUNT; i++)
		if (finder->reasons[i] == reason)
			topics = abouts[i].topics;
	if ((topics & TOPIC_CLIENT) != 0)
		finding_client(s);
	if ((topics & TOPIC_SENDER) != 0)
		finding_writer(s, TOPIC_SENDER);
	if ((topics & TOPIC_RECIPIENT) != 0)
		finding_writer(s, TOPIC_RECIPIENT);
	if ((topics & TOPIC_MOVED) != 0)
		rows_ask(finder, TOPIC_MOVED, VARIABLE_NEW_RCPT, s);
	if ((topics & TOPIC_LIST) != 0) {
		if (s->values->text[VARIABLE_LIST] == NULL)
			list_host_find(s);
		rows_ask(finder, TOPIC_LIST, VARIABLE_LIST, s);
	}
	finding_amounts(s, topics);
}
