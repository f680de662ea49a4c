/*
 * audit_line - what a line of a log is for `audit': looked at before, and
 * without, taking it apart, because most lines are no refusals.
 */
#ifndef TOOL_AUDIT_LINE_H
#define TOOL_AUDIT_LINE_H

#include <stdbool.h>

#include "base/text.h"
#include "reply/case_form.h"

struct arena;
struct raw_reply;
struct strbuf;

/*
 * False for a line that surely holds no refusal; true for all others, of which
 * unwrap() knows more.
 */
bool	line_may_refuse(struct text line);

/*
 * Cuts off the head of a line that our own daemon logged.  Returns false for a
 * line of another program, whatever it quotes.
 */
bool	line_is_ours(struct text *line);

/* A refusal as our own daemon logged it; texts in the arena, "" for none. */
struct own_line {
	char	*reason;
	char	*source;	/* "policy NAME", "milter NAME", "mta" */
	char	*map;		/* that asked: "footer", "delivery" */
	char	*original;	/* the words that ours stand for */
	char	*case_id;
};

/* said is a line without its head.  Returns false where it tells of none. */
bool	line_read_own(struct arena *arena, struct text said,
	    struct own_line *own);

/*
 * Finds the case in a reply of ours, and the name of the reason that the help
 * link before it ends in ("" for none).  There may be words behind: what
 * another server said, or what ours adds.  Returns false for a reply of
 * somebody else.
 */
bool	reply_read_own(const struct raw_reply *reply,
	    char case_id[CASE_TEXT_MAX], struct strbuf *reason);

#endif
