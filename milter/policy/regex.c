#include "policy/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"

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
	PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY)

/*
 * PCRE2 counts its steps anew for each place at which a match could begin, and
 * does not count characters: [a-z]+: over a megabyte of letters is 5 * 10^11
 * of them without one step.  So a long text is looked at in windows, each
 * beginning half a window behind the one before: time grows with the length of
 * the text, not with its square.  The price: in a text longer than a window, a
 * match longer than half of one may go unseen.
 */
#define WINDOW_BYTES	16384
#define STEPS		100000	/* for one place */
#define HEAP_KIB	4096	/* of the interpreter */

struct regex {
	pcre2_code		*code;
	pcre2_match_context	*context;	/* the limits; only read */
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

const struct regex *
regex_new(struct arena *arena, const char *expression, struct diag *diag)
{
	pcre2_code *code = compile(expression, diag);
	struct regex *regex;

	if (code == NULL)
		return NULL;
	/* Where this fails, pcre2_match() interprets. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	regex = arena_alloc(arena, sizeof(*regex));
	regex->code = code;
	regex->context = pcre2_match_context_create(NULL);
	if (regex->context == NULL)
		abort();
	pcre2_set_match_limit(regex->context, STEPS);
	pcre2_set_heap_limit(regex->context, HEAP_KIB);
	arena_defer(arena, regex_release, regex);
	return regex;
}

/*
 * Compiled code runs within 32 KiB of the machine stack.  What needs more, for
 * example (a|b)* over a long text, is left to the interpreter, whose memory on
 * the heap is bounded by HEAP_KIB.
 */
static int
match(const struct regex *regex, const char *text, size_t len, size_t start,
    uint32_t options, pcre2_match_data *data)
{
	int rc = pcre2_match(regex->code, (PCRE2_SPTR)text, len, start,
	    options, data, regex->context);

	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(regex->code, (PCRE2_SPTR)text, len, start,
		    options | PCRE2_NO_JIT, data, regex->context);
	return rc;
}

/*
 * One window, from start up to end, of which the expression sees all that is
 * before.  A match that stops at the end of the window may owe itself to
 * that (\z, \b): then the place where it begins is tried again on all the text.
 */
static int
match_window(const struct regex *regex, const char *text, size_t len,
    size_t start, size_t end, pcre2_match_data *data)
{
	const size_t *place = pcre2_get_ovector_pointer(data);
	int rc;

	if (end == len)
		return match(regex, text, len, start, 0, data);
	rc = match(regex, text, end, start, PCRE2_NOTEOL, data);
	if (rc >= 0 && place[1] == end)
		rc = match(regex, text, len, place[0], PCRE2_ANCHORED, data);
	return rc;
}

/*
 * The match data holds where the match is, and the interpreter's memory.  It
 * belongs to one call: one malloc() and free() are little beside a match
 * (25 ns in all for a short one), and so nothing is shared.
 */
enum truth
regex_match(const struct regex *regex, const char *text, size_t len)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t start = 0, end;
	int rc;

	if (data == NULL)
		abort();
	for (;;) {
		end = len - start <= WINDOW_BYTES ? len : start + WINDOW_BYTES;
		rc = match_window(regex, text, len, start, end, data);
		if (rc != PCRE2_ERROR_NOMATCH || end == len)
			break;
		start += WINDOW_BYTES / 2;
		/* Not within a character. */
		while (start < end && (text[start] & 0xc0) == 0x80)
			start++;
	}
	pcre2_match_data_free(data);
	if (rc >= 0)
		return TRUTH_YES;
	return rc == PCRE2_ERROR_NOMATCH ? TRUTH_NO : TRUTH_UNKNOWN;
}
