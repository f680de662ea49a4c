/*
 * regex - PCRE2 expressions, compiled when the configuration is loaded.
 *
 * Caseless; UTF-8 text with invalid bytes in it is looked at as it is
 * (PCRE2_MATCH_INVALID_UTF).  Just-in-time compiled where PCRE2 can.  Each
 * match is bounded in memory, and for the whole text in steps, so that no mail
 * can hold up a session: about a second for a megabyte.  Where that is not
 * enough the answer is unknown; a no is sure, however long text and match are.
 * The only file that knows PCRE2.  Safe from any thread once compiled.
 */
#ifndef POLICY_REGEX_H
#define POLICY_REGEX_H

#include <stddef.h>

#include "policy/truth.h"

struct arena;
struct diag;
struct needs;
struct regex;

/*
 * Returns an expression that lives as long as arena, or NULL with PCRE2's
 * reason and the offset in diag.
 */
const struct regex	*regex_new(struct arena *arena, const char *expression,
			    struct diag *diag);
/*
 * The same for count (1 or more) expressions that stand in a text one behind
 * the other: each is looked for behind the first match of the one before, so
 * none of them should match now more and now less of the same text.
 */
const struct regex	*regex_new_row(struct arena *arena,
			    const char *const expressions[], size_t count,
			    struct diag *diag);
/* The literals without which it matches no text. */
const struct needs	*regex_needs(const struct regex *regex);
/* Unknown where the match met its limits and none was found elsewhere. */
enum truth		 regex_match(const struct regex *regex,
			    const char *text, size_t len);

#endif
