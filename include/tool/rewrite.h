/*
 * rewrite - what the verbs that rewrite replies have in common.
 */
#ifndef TOOL_REWRITE_H
#define TOOL_REWRITE_H

#include <stdbool.h>

#include "reply/rewrite.h"

struct arena;
struct raw_reply;
struct rules;
struct strbuf;
struct tool;
struct unwrapped;

/* With all that a configuration says, and the case to show. */
struct rewrite_how	rewrite_how_of(const struct tool *tool,
			    const struct rules *rules);
/* origin is that of --from; "" for what the wrapping tells. */
struct rewriting	rewrite_unwrapped(struct arena *arena,
			    const struct rewrite_how *how,
			    const char *origin,
			    const struct unwrapped *unwrapped);

/* False for a 2xx or 3xx reply, and where there is none. */
bool		 raw_refuses(const struct raw_reply *reply);
/*
 * Adds the first codes as they are: "550 4.7.1", "550", "5.1.1".  False where
 * there is none.
 */
bool		 raw_status_format(const struct raw_reply *reply,
		    struct strbuf *out);
/* "mta", ...; NULL where nothing tells who said it. */
const char	*speaker_told(enum speaker speaker);

#endif
