/*
 * regex - PCRE2 expressions, compiled when the configuration is loaded.
 *
 * Caseless; UTF-8 text with invalid bytes in it is looked at as it is
 * (PCRE2_MATCH_INVALID_UTF).  Just-in-time compiled where PCRE2 can; each
 * match is bounded in steps and memory, so that no mail can hold up a session;
 * in texts longer than 16 KiB, only matches up to 8 KiB are sure to be seen.
 * The only file that knows PCRE2.  Safe from any thread once compiled.
 */
#ifndef POLICY_REGEX_H
#define POLICY_REGEX_H

#include <stddef.h>

#include "policy/truth.h"

struct arena;
struct diag;
struct regex;

/*
 * Returns an expression that lives as long as arena, or NULL with PCRE2's
 * reason and the offset in diag.
 */
const struct regex	*regex_new(struct arena *arena, const char *expression,
			    struct diag *diag);
/* Unknown where the match met its limits. */
enum truth		 regex_match(const struct regex *regex,
			    const char *text, size_t len);

#endif
