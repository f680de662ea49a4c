/*
 * translate - what the verbs have in common that put replies of others into our
 * words: rewrite and audit.
 */
#ifndef TOOL_TRANSLATE_H
#define TOOL_TRANSLATE_H

#include "reply/rewrite.h"

struct rules;
struct tool;

/*
 * Fills *how with all that a configuration says, with the case to show, and
 * with --from.  Returns 0; or -1 after it said what is wrong with --from, and
 * which origins there are.
 */
int		 translate_how(struct tool *tool, const struct rules *rules,
		    struct rewrite_how *how);
/* "mta", ...; NULL where nothing tells who said it. */
const char	*translate_speaker(enum speaker speaker);

#endif
