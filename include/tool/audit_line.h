/*
 * audit_line - what a line of a log is for `audit': looked at before, and
 * without, taking it apart, because most lines are no refusals.
 */
#ifndef TOOL_AUDIT_LINE_H
#define TOOL_AUDIT_LINE_H

#include <stdbool.h>

#include "base/text.h"
#include "session/case.h"

struct arena;
struct raw_reply;
struct strbuf;

/*
 * False for a line that surely holds no refusal; true for all others, of which
 * unwrap() knows more.
 */
bool	line_may_refuse(struct text line);

/* A refusal as our own daemon logged it. */
struct own_line {
	char	*reason;	/* in the arena; "" none */
	char	*source;	/* "policy NAME", "milter NAME", "mta"; "" */
	char	*case_id;	/* "" */
};

/* Returns false where the line is none of them. */
bool	line_read_own(struct arena *arena, struct text line,
	    struct own_line *own);

/*
 * Finds the case at the end of a reply of ours, and the name of the reason that
 * its help link ends in ("" for none).  Returns false for a reply of somebody
 * else.
 */
bool	reply_read_own(const struct raw_reply *reply,
	    char case_id[CASE_TEXT_MAX], struct strbuf *reason);

#endif
