/*
 * cue - a pattern by which the words of a refusal are known again.
 *
 *   * Relay access denied*
 *   * client host [{client_ip}] blocked using {list};*
 *
 * Letter case apart (ASCII); "*" stands for any characters, "?" for one, and
 * {name} for a value of the variable (value.h): the longest run of characters
 * that can stand in one of its kind, at least one.  No value holds a blank, a
 * bracket of any kind, a comma or a semicolon, or ends in one of . : ' ! ? -;
 * an IP address must be one.  "{{" and "}}" are the characters themselves.  The
 * whole text must match.  Pure; immutable once compiled.
 */
#ifndef REPLY_CUE_H
#define REPLY_CUE_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/value.h"

struct arena;
struct cue;
struct diag;

#define CUE_TEXT_MAX	500	/* bytes of one pattern */
#define CUE_CAPTURES_MAX 8

/*
 * NULL with the reason in diag: an unknown variable, an open brace, too long,
 * no four plain characters in a row to find it by, something that no reply
 * holds (a byte that is not printable ASCII, two blanks).
 */
const struct cue	*cue_compile(struct arena *arena, const char *pattern,
			    struct diag *diag);
/* One of the program itself, that the tests prove; aborts if it is wrong. */
const struct cue	*cue_compile_own(struct arena *arena,
			    const char *pattern);
const char		*cue_source(const struct cue *cue);
/*
 * Its longest run of plain characters, in lower case: a text without it cannot
 * match.
 */
const char		*cue_literal(const struct cue *cue);
/* The longest one besides, without which it cannot match either; or "". */
const char		*cue_other(const struct cue *cue);
/* True of "*literal*": any text with the literal matches. */
bool			 cue_is_literal(const struct cue *cue);

/*
 * May the character stand in a value of this kind, as replies write them?
 * What often stands around one (<> [] () ; , and blanks) ends it.
 */
bool			 cue_may_hold(enum value_kind kind, char c);
/*
 * True if text, one line of single blanks, matches.  lower is the same text in
 * lower case; both are strings of len bytes.  The values that were found are
 * added to values, copied to the arena; those set before stay.  values NULL:
 * only asked.
 */
bool			 cue_match(const struct cue *cue,
			    struct arena *arena, const char *text,
			    const char *lower, size_t len,
			    struct values *values);

#endif
