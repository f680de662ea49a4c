#include "policy/matcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/pages.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/glob.h"
#include "policy/iptree.h"
#include "policy/list.h"
#include "policy/matcher_inside.h"
#include "policy/needs.h"
#include "policy/prefilter.h"
#include "policy/ranges.h"
#include "policy/regex.h"
#include "policy/textmap.h"

/*
 * One pass over a text costs about as much as so many expressions.  With
 * fewer, PCRE2 alone is faster.
 */
#define PREFILTER_MIN	4

static void
matcher_release(void *what)
{
	struct matcher *matcher = what;

	textmap_free(matcher->texts);
	iptree_free(matcher->blocks);
	ranges_free(matcher->ranges);
	free(matcher->globs.rows);
	free(matcher->regexes.rows);
	free(matcher->lists.rows);
	pages_free(matcher->sources, matcher->room, sizeof(*matcher->sources));
	pages_free(matcher->lines, matcher->room, sizeof(*matcher->lines));
	pages_free(matcher->kinds, matcher->room, sizeof(*matcher->kinds));
	free(matcher->files);
}

struct matcher *
matcher_new(struct arena *arena)
{
	struct matcher *matcher = arena_alloc(arena, sizeof(*matcher));

	matcher->arena = arena;
	matcher->texts = textmap_new();
	matcher->blocks = iptree_new();
	matcher->ranges = ranges_new();
	arena_defer(arena, matcher_release, matcher);
	return matcher;
}

static void
resize(struct matcher *matcher, size_t room)
{
	const size_t before = matcher->room;

	matcher->sources = pages_resize(matcher->sources, before, room,
	    sizeof(*matcher->sources));
	matcher->lines = pages_resize(matcher->lines, before, room,
	    sizeof(*matcher->lines));
	matcher->kinds = pages_resize(matcher->kinds, before, room,
	    sizeof(*matcher->kinds));
	matcher->room = room;
}

void
matcher_expect(struct matcher *matcher, size_t patterns, size_t bytes)
{
	textmap_expect(matcher->texts, patterns, bytes);
	if (matcher->count + patterns > matcher->room)
		resize(matcher, matcher->count + patterns);
}

/* Notes a new pattern whose text has this place; returns its number. */
static uint32_t
note(struct matcher *matcher, const struct pattern *pattern, uint32_t source)
{
	uint32_t number = (uint32_t)matcher->count;
	const char *file = pattern->place.file;

	if (matcher->count == matcher->room)
		resize(matcher, matcher->room == 0 ? 4 : matcher->room * 2);
	matcher->sources[number] = source;
	matcher->lines[number] = pattern->place.line;
	matcher->kinds[number] = (unsigned char)pattern->kind;
	matcher->count++;
	if (matcher->file_count == 0 ||
	    strcmp(matcher->files[matcher->file_count - 1].name, file) != 0) {
		matcher->files = xgrow(matcher->files, matcher->file_count,
		    &matcher->file_room, sizeof(*matcher->files));
		matcher->files[matcher->file_count++] = (struct file){
			.name = file, .first = number
		};
	}
	return number;
}

static struct trial *
try_later(struct trials *trials, uint32_t number,
    const struct pattern *pattern)
{
	struct trial *trial;

	trials->rows = xgrow(trials->rows, trials->count, &trials->room,
	    sizeof(*trials->rows));
	trial = &trials->rows[trials->count++];
	*trial = (struct trial){
		.number = number,
		.regex = pattern->regex,
		.list = pattern->list,
	};
	return trial;
}

/* No wildcard, and nothing at which the walk over a value ends. */
static bool
is_plain(const char *text)
{
	return *text != '\0' && strpbrk(text, "*?@") == NULL;
}

/* No value is looked up further than its keys go. */
static void
note_key(struct matcher *matcher, enum mark mark, size_t len)
{
	if (mark > MARK_ALSO)
		return;
	matcher->has_keys = true;
	if (len > matcher->longest_key)
		matcher->longest_key = len;
}

/*
 * Adds a pattern that is a text: key is text without its first lead bytes.
 * Where the source has it at the same place, the source is all that is kept.
 */
static uint32_t
add_text(struct matcher *matcher, const struct pattern *pattern,
    enum mark mark, const char *key, size_t lead)
{
	size_t len = strlen(key);
	const char *source = pattern->source;
	uint32_t number, place;

	if (textmap_has(matcher->texts, mark, key, len, &number))
		return number;
	number = (uint32_t)matcher->count;
	note_key(matcher, mark, len);
	if (strlen(source) >= lead && text_starts(source + lead, key))
		place = textmap_add(matcher->texts, mark, number, source, lead,
		    len);
	else {
		textmap_add(matcher->texts, mark, number, key, 0, len);
		place = textmap_keep(matcher->texts, source);
	}
	return note(matcher, pattern, place);
}

/* Looks for an expression that was added before. */
struct twin {
	const struct matcher	*matcher;
	const char		*source;
	bool			 found;
	uint32_t		 number;
};

static void
compare_source(void *arg, uint32_t number)
{
	struct twin *twin = arg;

	if (strcmp(matcher_source(twin->matcher, number), twin->source) == 0) {
		twin->found = true;
		twin->number = number;
	}
}

/* \d is not \D: unlike all other texts, expressions are told by their case. */
static bool
has_regex(const struct matcher *matcher, const struct pattern *pattern,
    uint32_t *number)
{
	const char *source = pattern->source;
	size_t len = strlen(source);
	struct twin twin = { .matcher = matcher, .source = source };

	textmap_find(matcher->texts, textmap_hash(source, len), source, len,
	    BIT(MARK_REGEX), compare_source, &twin);
	if (twin.found)
		*number = twin.number;
	return twin.found;
}

static uint32_t
add_regex(struct matcher *matcher, const struct pattern *pattern)
{
	const char *source = pattern->source;
	uint32_t number = (uint32_t)matcher->count;

	if (has_regex(matcher, pattern, &number))
		return number;
	note(matcher, pattern, textmap_add(matcher->texts, MARK_REGEX, number,
	    source, 0, strlen(source)));
	try_later(&matcher->regexes, number, pattern);
	return number;
}

static uint32_t
add_glob(struct matcher *matcher, const struct pattern *pattern)
{
	const char *text = pattern->text;
	size_t before = matcher->count;
	struct trial *trial;
	uint32_t number;

	if (strcmp(text, "*") == 0) {
		matcher->any = add_text(matcher, pattern, MARK_GLOB, text, 0);
		matcher->has_any = true;
		return matcher->any;
	}
	if (text[0] == '*' && text[1] == '.' && is_plain(text + 2))
		return add_text(matcher, pattern, MARK_BELOW, text + 2, 2);
	if (text[0] == '*' && text[1] == '@' && is_plain(text + 2))
		return add_text(matcher, pattern, MARK_AT, text + 2, 2);
	number = add_text(matcher, pattern, MARK_GLOB, text, 0);
	if (matcher->count > before) {
		trial = try_later(&matcher->globs, number, pattern);
		trial->glob = text_equal(pattern->source, text) ?
		    matcher->sources[number] :
		    textmap_keep(matcher->texts, text);
	}
	return number;
}

/* Enters the text that a block or range is as well. */
static void
add_also(struct matcher *matcher, const struct pattern *pattern,
    uint32_t number)
{
	size_t len = strlen(pattern->text);
	uint32_t other;

	if (len == 0 || textmap_has(matcher->texts, MARK_ALSO, pattern->text,
	    len, &other))
		return;
	textmap_add(matcher->texts, MARK_ALSO, number, pattern->text, 0, len);
	note_key(matcher, MARK_ALSO, len);
}

static uint32_t
add_block(struct matcher *matcher, const struct pattern *pattern)
{
	uint32_t fresh = (uint32_t)matcher->count;
	uint32_t number = iptree_add(matcher->blocks, &pattern->block, fresh);

	if (number == fresh)
		note(matcher, pattern, textmap_keep(matcher->texts,
		    pattern->source));
	add_also(matcher, pattern, number);
	return number;
}

static uint32_t
add_range(struct matcher *matcher, const struct pattern *pattern)
{
	size_t before = matcher->count;
	struct strbuf key = STRBUF_INIT;
	uint32_t number;

	strbuf_addf(&key, "%llu-%llu", (unsigned long long)pattern->low,
	    (unsigned long long)pattern->high);
	number = add_text(matcher, pattern, MARK_RANGE, key.text, 0);
	strbuf_release(&key);
	if (matcher->count > before)
		ranges_add(matcher->ranges, pattern->low, pattern->high,
		    number);
	add_also(matcher, pattern, number);
	return number;
}

static bool
has_list(const struct matcher *matcher, const struct pattern *pattern,
    uint32_t *number)
{
	const struct trials *lists = &matcher->lists;

	for (size_t i = 0; i < lists->count; i++)
		if (lists->rows[i].list == pattern->list) {
			*number = lists->rows[i].number;
			return true;
		}
	return false;
}

static uint32_t
add_list(struct matcher *matcher, const struct pattern *pattern)
{
	uint32_t number;

	if (has_list(matcher, pattern, &number))
		return number;
	number = note(matcher, pattern, textmap_keep(matcher->texts,
	    pattern->source));
	try_later(&matcher->lists, number, pattern);
	return number;
}

bool
matcher_has(const struct matcher *matcher, const struct pattern *pattern,
    uint32_t *number)
{
	return pattern->kind == PATTERN_REGEX ?
	    has_regex(matcher, pattern, number) :
	    pattern->kind == PATTERN_LIST &&
	    has_list(matcher, pattern, number);
}

uint32_t
matcher_add(struct matcher *matcher, const struct pattern *pattern)
{
	switch (pattern->kind) {
	case PATTERN_TEXT:
		return add_text(matcher, pattern, MARK_WHOLE, pattern->text,
		    0);
	case PATTERN_GLOB:
		return add_glob(matcher, pattern);
	case PATTERN_DOMAIN:
		return add_text(matcher, pattern, MARK_DOMAIN, pattern->text,
		    1);
	case PATTERN_REGEX:
		return add_regex(matcher, pattern);
	case PATTERN_BLOCK:
		return add_block(matcher, pattern);
	case PATTERN_RANGE:
		return add_range(matcher, pattern);
	case PATTERN_LIST:
		return add_list(matcher, pattern);
	}
	abort();
}

/* What each glob needs, and each regex behind them; how many need anything. */
static size_t
collect_needs(const struct matcher *matcher, struct arena *scratch,
    struct needs *needs)
{
	size_t globs = matcher->globs.count, known = 0;

	for (size_t i = 0; i < globs; i++)
		needs[i] = needs_of_glob(scratch, textmap_text(matcher->texts,
		    matcher->globs.rows[i].glob));
	for (size_t i = 0; i < matcher->regexes.count; i++)
		needs[globs + i] = *regex_needs(matcher->regexes.rows[i].regex);
	for (size_t i = 0; i < globs + matcher->regexes.count; i++)
		known += needs[i].count > 0;
	return known;
}

static void
prepare_trials(struct matcher *matcher)
{
	size_t count = matcher->globs.count + matcher->regexes.count;
	struct arena *scratch;
	struct needs *needs;

	if (count < PREFILTER_MIN)
		return;
	scratch = arena_new();
	needs = arena_alloc(scratch, count * sizeof(*needs));
	if (collect_needs(matcher, scratch, needs) >= PREFILTER_MIN)
		matcher->prefilter = prefilter_new(matcher->arena, needs,
		    (uint32_t)count);
	arena_free(scratch);
}

void
matcher_finish(struct matcher *matcher)
{
	prepare_trials(matcher);
	textmap_finish(matcher->texts);
	iptree_finish(matcher->blocks);
	ranges_finish(matcher->ranges);
	resize(matcher, matcher->count);
}

size_t
matcher_count(const struct matcher *matcher)
{
	return matcher->count;
}

const char *
matcher_source(const struct matcher *matcher, uint32_t number)
{
	return textmap_text(matcher->texts, matcher->sources[number]);
}

enum pattern_kind
matcher_kind(const struct matcher *matcher, uint32_t number)
{
	return (enum pattern_kind)matcher->kinds[number];
}

struct place
matcher_place(const struct matcher *matcher, uint32_t number)
{
	size_t low = 0, high = matcher->file_count;

	/* The last file whose first number is not above this one. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (matcher->files[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	return (struct place){
		.file = matcher->files[low].name,
		.line = matcher->lines[number],
	};
}
