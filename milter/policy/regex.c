#include "policy/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "policy/needs.h"

/*
 * CASELESS, UTF: letters of all scripts without case.
 * MATCH_INVALID_UTF: mail is not always UTF-8.  An invalid byte matches
 *	nothing and divides the text; the JIT compiler supports this since
 *	PCRE2 10.34 - but not \C, hence NEVER_BACKSLASH_C.
 * DOLLAR_ENDONLY: "$" is the end, not also before a last line feed: a value
 *	that ends in "example.com\n" does not end in "example.com".
 *
 * "." stops at CR and LF, "^" and "$" are the ends of the whole text: an
 * expression for bodies may begin with (?m) or (?s).  \w, \d and \b mean ASCII
 * (no UCP): expressions are about names and codes more often than about prose.
 */
#define OPTIONS	(PCRE2_CASELESS | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | \
	PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY | \
	PCRE2_USE_OFFSET_LIMIT)

/*
 * PCRE2 bounds the steps from one place at which a match could begin, not those
 * of all places, and does not count characters: from each place, [a-z]+: may
 * run over a megabyte of letters without one step.  Hence, for longer texts:
 *
 * They are looked at in windows, of which all but the last answer for the
 * places in their first half.  PARTIAL_HARD tells where the answer would need
 * what is behind the window; such a place is tried again with more of the text
 * in sight, until that is enough.  So a window never makes a wrong answer.
 *
 * All places together may take WORK steps, and each its share of them.  Those
 * that need more are tried one by one, and with them those that need more than
 * the window, at the expense of BUDGET, of steps and characters.  Where that is
 * spent, the answer is unknown.
 */
#define WINDOW_BYTES	4096
#define STEPS		100000	/* for one place in a short text */
#define STEPS_LEAST	50	/* for one of many places */
#define WORK		200000000
#define BUDGET		400000000
#define INTERPRETED	16	/* times as long as compiled */
#define RUN		256	/* characters that take as long as a step */
#define HEAP_KIB	4096	/* of the interpreter */
#define POCKET_BYTES	1024	/* of what PCRE2 allocates for a match */

struct regex {
	pcre2_code		*code;
	pcre2_match_context	*context;	/* the limits; only read */
	struct needs		 needs;		/* of those behind as well */
	const struct regex	*next;		/* found behind this one */
};

static void
regex_release(void *what)
{
	struct regex *regex = what;

	pcre2_match_context_free(regex->context);
	pcre2_code_free(regex->code);
}

static pcre2_code *
compile(const char *expression, struct diag *diag)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	int error;
	size_t offset;
	unsigned char reason[256];

	if (context == NULL)
		abort();
	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	code = pcre2_compile((PCRE2_SPTR)expression, strlen(expression),
	    OPTIONS, &error, &offset, context);
	if (code == NULL) {
		pcre2_get_error_message(error, reason, sizeof(reason));
		diag_error(diag, "regular expression: %s, at offset %zu",
		    (const char *)reason, offset);
	}
	pcre2_compile_context_free(context);
	return code;
}

static struct regex *
build(struct arena *arena, const char *expression, struct diag *diag)
{
	pcre2_code *code = compile(expression, diag);
	struct regex *regex;

	if (code == NULL)
		return NULL;
	/* Where this fails, pcre2_match() interprets. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
	regex = arena_alloc(arena, sizeof(*regex));
	regex->code = code;
	regex->needs = needs_of_expression(arena, expression);
	regex->next = NULL;
	regex->context = pcre2_match_context_create(NULL);
	if (regex->context == NULL)
		abort();
	pcre2_set_match_limit(regex->context, STEPS);
	pcre2_set_heap_limit(regex->context, HEAP_KIB);
	arena_defer(arena, regex_release, regex);
	return regex;
}

const struct regex *
regex_new(struct arena *arena, const char *expression, struct diag *diag)
{
	const char *const row[] = { expression };

	return regex_new_row(arena, row, 1, diag);
}

const struct needs *
regex_needs(const struct regex *regex)
{
	return &regex->needs;
}

/* Any text that a row matches has what each expression of it needs. */
static struct needs
needs_of_both(struct arena *arena, const struct needs *a,
    const struct needs *b)
{
	struct choice *choices;

	if (a->count == 0 || b->count == 0)
		return a->count == 0 ? *b : *a;
	choices = arena_alloc(arena,
	    (a->count + b->count) * sizeof(*choices));
	memcpy(choices, a->choices, a->count * sizeof(*choices));
	memcpy(choices + a->count, b->choices, b->count * sizeof(*choices));
	return (struct needs){ a->count + b->count, choices };
}

const struct regex *
regex_new_row(struct arena *arena, const char *const expressions[],
    size_t count, struct diag *diag)
{
	const struct regex *first = NULL;

	while (count > 0) {
		struct regex *regex = build(arena, expressions[--count], diag);

		if (regex == NULL)
			return NULL;
		if (first != NULL)
			regex->needs = needs_of_both(arena, &regex->needs,
			    &first->needs);
		regex->next = first;
		first = regex;
	}
	return first;
}

/*
 * Compiled code runs within 32 KiB of the machine stack.  What needs more, for
 * example (a|b)* over a long text, is left to the interpreter, whose memory on
 * the heap is bounded by HEAP_KIB.
 */
static int
match_short(const struct regex *regex, const char *text, size_t len,
    size_t start, pcre2_match_data *data)
{
	int rc = pcre2_match(regex->code, (PCRE2_SPTR)text, len, start, 0,
	    data, regex->context);

	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(regex->code, (PCRE2_SPTR)text, len, start,
		    PCRE2_NO_JIT, data, regex->context);
	return rc;
}

/* What is left to do in one long text, and with what. */
struct search {
	const struct regex	*regex;
	const char		*text;
	size_t			 len;
	pcre2_match_data	*data;
	pcre2_match_context	*context;
	size_t			 share;		/* of WORK, for one place */
	size_t			 budget;
	bool			 unsure;	/* a place was given up */
};

/* Here or behind, but not within a character. */
static size_t
boundary(const struct search *search, size_t at)
{
	if (at > search->len)
		return search->len;
	while (at < search->len && (search->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* The places behind "at" begin here; behind the last one is len + 1. */
static size_t
place_after(const struct search *search, size_t at)
{
	return at == search->len ? at + 1 : boundary(search, at + 1);
}

/* Tries the places from first to last, with the text up to end in sight. */
static int
try(struct search *search, size_t first, size_t last, size_t end,
    size_t steps, uint32_t options)
{
	int rc;

	/* PCRE2_ANCHORED would be left to the interpreter; a limit is not. */
	pcre2_set_offset_limit(search->context, last);
	pcre2_set_match_limit(search->context, (uint32_t)steps);
	if (end < search->len)
		options |= PCRE2_PARTIAL_HARD;
	rc = pcre2_match(search->regex->code, (PCRE2_SPTR)search->text, end,
	    first, options, search->data, search->context);
	/* From the start of a line, PCRE2 tries one place too many. */
	if (rc == PCRE2_ERROR_PARTIAL &&
	    pcre2_get_startchar(search->data) > last)
		rc = PCRE2_ERROR_NOMATCH;
	return rc;
}

/* Tries one place with ever more text in sight and steps, as it needs. */
static enum truth
try_place(struct search *search, size_t place, size_t end)
{
	size_t steps = search->share, most;
	bool first = true;
	uint32_t options = 0;
	int rc;

	for (;;) {
		size_t cost = steps * (options == 0 ? 1 : INTERPRETED);

		/* Only the end of all the text may be run to many times. */
		if (end == search->len)
			cost += cost * (end - place) / RUN;
		cost += end - place;
		if (cost > search->budget) {
			/* Others may need less, but not than a first try. */
			if (first)
				search->budget = 0;
			break;
		}
		search->budget -= cost;
		first = false;
		rc = try(search, place, place, end, steps, options);
		if (rc >= 0)
			return TRUTH_YES;
		if (rc == PCRE2_ERROR_NOMATCH)
			return TRUTH_NO;
		/* What takes few steps for each character is not at fault. */
		most = STEPS + 4 * (end - place);
		if (rc == PCRE2_ERROR_PARTIAL)
			end = boundary(search, place + 4 * (end - place));
		else if (rc == PCRE2_ERROR_JIT_STACKLIMIT && options == 0)
			options = PCRE2_NO_JIT;
		else if (rc == PCRE2_ERROR_MATCHLIMIT && steps < most)
			steps = steps * 4 < most ? steps * 4 : most;
		else
			break;
	}
	search->unsure = true;
	return TRUTH_UNKNOWN;
}

/*
 * Tries the places from first up to behind with the text up to end in sight.
 * PCRE2 does not tell which place met the limit: it is found by halving.  Then
 * the row of places grows again from one, so that places tried twice are never
 * more than some times the places passed.
 */
static enum truth
try_places(struct search *search, size_t first, size_t behind, size_t end)
{
	size_t row = behind - first;

	while (first < behind && search->budget > 0) {
		size_t next = behind - first <= row ? behind :
		    boundary(search, first + row);
		int rc;

		if (next > behind)
			next = behind;
		rc = try(search, first, next - 1, end, search->share, 0);
		if (rc >= 0)
			return TRUTH_YES;
		if (rc == PCRE2_ERROR_NOMATCH) {
			first = next;
			row *= 2;
			continue;
		}
		if (rc == PCRE2_ERROR_PARTIAL)
			first = pcre2_get_startchar(search->data);
		else if (next > place_after(search, first)) {
			row = (next - first) / 2;
			continue;
		} else
			row = 1;
		if (try_place(search, first, end) == TRUTH_YES)
			return TRUTH_YES;
		first = place_after(search, first);
	}
	return TRUTH_NO;
}

/*
 * PCRE2 knows a character without which nothing matches, and does not look for
 * it where the text may go on: so windows would be tried for nothing.
 */
static bool
lacks_needed(const struct search *search, size_t start)
{
	const char *text = search->text + start;
	size_t len = search->len - start;
	uint32_t type = 0, needed = 0;

	pcre2_pattern_info(search->regex->code, PCRE2_INFO_LASTCODETYPE,
	    &type);
	pcre2_pattern_info(search->regex->code, PCRE2_INFO_LASTCODEUNIT,
	    &needed);
	if (type != 1 || needed >= 0x80)
		return false;
	if (text_is_letter((char)needed) &&
	    memchr(text, (int)(needed ^ 0x20), len) != NULL)
		return false;
	return memchr(text, (int)needed, len) == NULL;
}

static enum truth
search_from(struct search *search, size_t start)
{
	if (lacks_needed(search, start))
		return TRUTH_NO;
	while (search->len - start > WINDOW_BYTES && search->budget > 0) {
		size_t middle = boundary(search, start + WINDOW_BYTES / 2);

		if (try_places(search, start, middle, boundary(search,
		    start + WINDOW_BYTES)) == TRUTH_YES)
			return TRUTH_YES;
		start = middle;
	}
	return try_places(search, start, search->len + 1, search->len);
}

/*
 * What one call needs: the match data, which holds where the match is, and for
 * a long text limits of its own.  It is on the stack, so that nothing is shared
 * and nothing allocated; but what the interpreter needs beyond that is on the
 * heap.
 */
struct pocket {
	pcre2_general_context	*general;	/* hands out the bytes */
	pcre2_match_data	*data;
	size_t			 used;
	alignas(max_align_t) unsigned char bytes[POCKET_BYTES];
};

static void *
pocket_take(size_t size, void *arg)
{
	const size_t unit = alignof(max_align_t);
	struct pocket *pocket = arg;
	void *piece = pocket->bytes + pocket->used;

	if (size > sizeof(pocket->bytes) - pocket->used)
		return malloc(size);
	pocket->used += (size + unit - 1) / unit * unit;
	return piece;
}

static void
pocket_give(void *piece, void *arg)
{
	const struct pocket *pocket = arg;
	uintptr_t first = (uintptr_t)pocket->bytes;

	if ((uintptr_t)piece - first >= sizeof(pocket->bytes))
		free(piece);
}

static void
pocket_init(struct pocket *pocket)
{
	pocket->used = 0;
	pocket->general = pcre2_general_context_create(pocket_take,
	    pocket_give, pocket);
	if (pocket->general == NULL)
		abort();
	pocket->data = pcre2_match_data_create(1, pocket->general);
	if (pocket->data == NULL)
		abort();
}

static void
pocket_release(struct pocket *pocket)
{
	pcre2_match_data_free(pocket->data);
	pcre2_general_context_free(pocket->general);
}

static enum truth
match_long(const struct regex *regex, const char *text, size_t len,
    struct pocket *pocket)
{
	struct search search = {
		.text = text,
		.len = len,
		.data = pocket->data,
		.context = pcre2_match_context_create(pocket->general),
		.share = WORK / len < STEPS_LEAST ? STEPS_LEAST : WORK / len,
		.budget = BUDGET,
	};
	size_t start = 0;
	enum truth truth = TRUTH_YES;

	if (search.context == NULL)
		abort();
	pcre2_set_heap_limit(search.context, HEAP_KIB);
	for (; regex != NULL && truth == TRUTH_YES; regex = regex->next) {
		search.regex = regex;
		truth = search_from(&search, start);
		if (truth == TRUTH_YES)
			start = pcre2_get_ovector_pointer(search.data)[1];
	}
	pcre2_match_context_free(search.context);
	if (truth == TRUTH_NO && (search.unsure || search.budget == 0))
		return TRUTH_UNKNOWN;
	return truth;
}

enum truth
regex_match(const struct regex *regex, const char *text, size_t len)
{
	struct pocket pocket;
	enum truth truth = TRUTH_YES;
	size_t start = 0;

	pocket_init(&pocket);
	if (len > WORK / STEPS)
		truth = match_long(regex, text, len, &pocket);
	else
		for (; regex != NULL && truth == TRUTH_YES;
		    regex = regex->next) {
			int rc = match_short(regex, text, len, start,
			    pocket.data);

			if (rc >= 0)
				start = pcre2_get_ovector_pointer(
				    pocket.data)[1];
			else
				truth = rc == PCRE2_ERROR_NOMATCH ? TRUTH_NO :
				    TRUTH_UNKNOWN;
		}
	pocket_release(&pocket);
	return truth;
}
