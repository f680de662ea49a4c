#include "policy/matcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/glob.h"
#include "policy/iptree.h"
#include "policy/list.h"
#include "policy/ranges.h"
#include "policy/regex.h"
#include "policy/textmap.h"

/*
 * Under which marks the text map has what.  The first five are looked for in
 * the value; the others only tell whether a pattern was added before.
 */
enum mark {
	MARK_WHOLE,		/* the text itself */
	MARK_DOMAIN,		/* .example.com */
	MARK_BELOW,		/* *.example.com, without example.com itself */
	MARK_AT,		/* *@example.com */
	MARK_ALSO,		/* what a block or range is as text */
	MARK_GLOB,		/* other wildcards */
	MARK_REGEX,
	MARK_RANGE		/* written as "LOW-HIGH" */
};

#define BIT(mark)	(1u << (mark))

struct trial {			/* a pattern that is tried one by one */
	uint32_t		 number;
	uint32_t		 glob;	/* its place in texts */
	const struct regex	*regex;
	const struct list	*list;
};

struct trials {
	struct trial	*rows;
	size_t		 count;
	size_t		 room;
};

struct file {
	const char	*name;
	uint32_t	 first;		/* the first number that is from it */
};

/*
 * A list may have a million patterns, so there is no struct pattern for each,
 * only 9 bytes in the three arrays below, and what the structures need.  Texts
 * stand in the pool of the text map.  As patterns come file by file, a file's
 * name is kept where a new one begins.
 */
struct matcher {
	struct textmap	*texts;
	struct iptree	*blocks;
	struct ranges	*ranges;
	struct trials	 globs;
	struct trials	 regexes;
	struct trials	 lists;
	bool		 has_any;	/* "*" */
	uint32_t	 any;

	uint32_t	*sources;	/* by number: places in texts */
	uint32_t	*lines;
	unsigned char	*kinds;
	size_t		 count;
	size_t		 room;
	struct file	*files;
	size_t		 file_count;
	size_t		 file_room;
};

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
	free(matcher->sources);
	free(matcher->lines);
	free(matcher->kinds);
	free(matcher->files);
}

struct matcher *
matcher_new(struct arena *arena)
{
	struct matcher *matcher = arena_alloc(arena, sizeof(*matcher));

	matcher->texts = textmap_new();
	matcher->blocks = iptree_new();
	matcher->ranges = ranges_new();
	arena_defer(arena, matcher_release, matcher);
	return matcher;
}

static void
resize(struct matcher *matcher, size_t room)
{
	matcher->room = room;
	matcher->sources = xreallocarray(matcher->sources, room,
	    sizeof(*matcher->sources));
	matcher->lines = xreallocarray(matcher->lines, room,
	    sizeof(*matcher->lines));
	matcher->kinds = xreallocarray(matcher->kinds, room,
	    sizeof(*matcher->kinds));
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
static uint32_t
add_regex(struct matcher *matcher, const struct pattern *pattern)
{
	const char *source = pattern->source;
	size_t len = strlen(source);
	struct twin twin = { .matcher = matcher, .source = source };
	uint32_t number = (uint32_t)matcher->count;

	textmap_find(matcher->texts, textmap_hash(source, len), source, len,
	    BIT(MARK_REGEX), compare_source, &twin);
	if (twin.found)
		return twin.number;
	note(matcher, pattern, textmap_add(matcher->texts, MARK_REGEX, number,
	    source, 0, len));
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

	if (len > 0 && !textmap_has(matcher->texts, MARK_ALSO, pattern->text,
	    len, &other))
		textmap_add(matcher->texts, MARK_ALSO, number, pattern->text,
		    0, len);
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

static uint32_t
add_list(struct matcher *matcher, const struct pattern *pattern)
{
	const struct trials *lists = &matcher->lists;
	uint32_t number;

	for (size_t i = 0; i < lists->count; i++)
		if (lists->rows[i].list == pattern->list)
			return lists->rows[i].number;
	number = note(matcher, pattern, textmap_keep(matcher->texts,
	    pattern->source));
	try_later(&matcher->lists, number, pattern);
	return number;
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

void
matcher_finish(struct matcher *matcher)
{
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

/* One question to a matcher on its way through the structures. */
struct question {
	const struct matcher	*matcher;
	const struct operand	*operand;
	size_t			 len;	/* without a trailing dot */
	bool			 first_only;
	void			(*hit)(void *arg, uint32_t number);
	void			*arg;
	bool			 yes;
	bool			 unknown;
};

static void
answer(void *arg, uint32_t number)
{
	struct question *question = arg;

	question->yes = true;
	question->hit(question->arg, number);
}

static bool
is_answered(const struct question *question)
{
	return question->yes && question->first_only;
}

static void
look_up(struct question *question, uint64_t hash, size_t from, unsigned marks)
{
	textmap_find(question->matcher->texts, hash,
	    question->operand->text + from, question->len - from, marks,
	    answer, question);
}

/*
 * Walks the text backwards, and at each "." and at the last "@" looks up what
 * is behind it: for "user@mail.example.com" this is com, example.com,
 * mail.example.com, and at last the whole text.  The hash grows on the way, so
 * all costs one pass, of at most the bytes that the longest key has.
 */
static void
ask_texts(struct question *question)
{
	const char *text = question->operand->text;
	size_t len = question->len;
	size_t longest = textmap_longest(question->matcher->texts);
	size_t stop = len > longest ? len - longest : 0;
	uint64_t hash = TEXTMAP_HASH_EMPTY;
	bool behind_at = true;
	unsigned domain = BIT(MARK_DOMAIN);

	/* An address without "@" has no domain. */
	if (question->operand->subject == SUBJECT_ADDRESS &&
	    (len == 0 || memrchr(text, '@', len) == NULL))
		domain = 0;
	for (size_t at = len; at > 0; at--) {
		char c = text[at - 1];

		if (c == '.' && behind_at)
			look_up(question, hash, at, domain | BIT(MARK_BELOW));
		else if (c == '@' && behind_at) {
			look_up(question, hash, at, domain | BIT(MARK_AT));
			behind_at = false;
		}
		if (at == stop || is_answered(question))
			return;
		hash = textmap_hash_before(hash, c);
	}
	if (!behind_at)
		domain = 0;
	look_up(question, hash, 0, domain | BIT(MARK_WHOLE) | BIT(MARK_ALSO));
}

static void
ask_lists(struct question *question)
{
	const struct trials *lists = &question->matcher->lists;

	for (size_t i = 0; i < lists->count && !is_answered(question); i++) {
		uint32_t entry;

		switch (matcher_match(lists->rows[i].list->matcher,
		    question->operand, &entry)) {
		case TRUTH_YES:
			answer(question, lists->rows[i].number);
			break;
		case TRUTH_UNKNOWN:
			question->unknown = true;
			break;
		case TRUTH_NO:
			break;
		}
	}
}

static void
ask_globs(struct question *question)
{
	const struct matcher *matcher = question->matcher;
	const struct trials *globs = &matcher->globs;

	for (size_t i = 0; i < globs->count && !is_answered(question); i++) {
		const struct trial *trial = &globs->rows[i];
		const char *glob = textmap_text(matcher->texts, trial->glob);

		if (glob_match(glob, question->operand->text, question->len))
			answer(question, trial->number);
	}
}

static void
ask_regexes(struct question *question)
{
	const struct trials *regexes = &question->matcher->regexes;

	for (size_t i = 0; i < regexes->count && !is_answered(question); i++)
		switch (regex_match(regexes->rows[i].regex,
		    question->operand->text, question->len)) {
		case TRUTH_YES:
			answer(question, regexes->rows[i].number);
			break;
		case TRUTH_UNKNOWN:
			question->unknown = true;
			break;
		case TRUTH_NO:
			break;
		}
}

/* From what costs least to what costs most. */
static void
ask(struct question *question)
{
	const struct matcher *matcher = question->matcher;
	const struct operand *operand = question->operand;
	bool text = false;

	if (matcher->has_any)
		answer(question, matcher->any);
	if (is_answered(question))
		return;
	switch (operand->subject) {
	case SUBJECT_IP:
		iptree_find(matcher->blocks, &operand->ip, answer, question);
		break;
	case SUBJECT_NUMBER:
	case SUBJECT_DAY:
	case SUBJECT_TIME:
		ranges_find(matcher->ranges, operand->number, answer,
		    question);
		break;
	case SUBJECT_HOST:
	case SUBJECT_ADDRESS:
	case SUBJECT_TEXT:
	case SUBJECT_ANY:
		text = true;
		ask_texts(question);
		break;
	}
	ask_lists(question);
	if (text) {
		ask_globs(question);
		ask_regexes(question);
	}
}

static struct question
question_new(const struct matcher *matcher, const struct operand *operand)
{
	size_t len = operand->len;

	if ((operand->subject == SUBJECT_HOST ||
	    operand->subject == SUBJECT_ADDRESS) &&
	    len > 0 && operand->text[len - 1] == '.')
		len--;
	return (struct question){
		.matcher = matcher, .operand = operand, .len = len
	};
}

static void
keep_number(void *arg, uint32_t number)
{
	uint32_t *kept = arg;

	*kept = number;
}

enum truth
matcher_match(const struct matcher *matcher, const struct operand *operand,
    uint32_t *number)
{
	struct question question = question_new(matcher, operand);

	question.first_only = true;
	question.hit = keep_number;
	question.arg = number;
	ask(&question);
	if (question.yes)
		return TRUTH_YES;
	return question.unknown ? TRUTH_UNKNOWN : TRUTH_NO;
}

enum truth
matcher_each(const struct matcher *matcher, const struct operand *operand,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	struct question question = question_new(matcher, operand);

	question.hit = hit;
	question.arg = arg;
	ask(&question);
	if (question.unknown)
		return TRUTH_UNKNOWN;
	return question.yes ? TRUTH_YES : TRUTH_NO;
}
