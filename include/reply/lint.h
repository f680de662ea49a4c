/*
 * lint - the rules that make a reply true, consistent and useful.
 *
 * One table (lint.def) holds all rules from C1 (classes agree) to P7 (a new
 * address only by consent), each with its severity, what it wants and how it
 * is upheld: by a check of the reply, or by the way the program is built.
 * Checks marked cheap run again on each reply that leaves.  Pure; safe from
 * any thread.
 */
#ifndef REPLY_LINT_H
#define REPLY_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct arena;
struct raw_reply;
struct reason;

enum lint_rule {
#define LINT(id, severity, when, wants)	LINT_##id,
#include "reply/lint.def"
#undef LINT
	LINT_COUNT
};

/* When a rule is looked at. */
enum lint_when {
	LINT_SENT,	/* cheap: at load and on each reply that leaves */
	LINT_LOADED,	/* at load, and by explain */
	LINT_BUILT	/* the way the program is built keeps it */
};

const char	*lint_name(enum lint_rule rule);	/* "C1" */
enum severity	 lint_severity(enum lint_rule rule);
enum lint_when	 lint_when(enum lint_rule rule);
const char	*lint_wants(enum lint_rule rule);	/* one sentence */

/* What is known about the reply; all may be left out. */
struct lint_context {
	const struct reason	*reason;	/* NULL: a foreign reply */
	const char		*stage;		/* "RCPT", ...; "" unknown */
	bool			 has_help;	/* a link or contact is set */
	bool			 has_case;
	bool			 templates;	/* filled with samples */
};

struct lint_finding {
	enum lint_rule	 rule;
	enum severity	 severity;	/* some rules have two limits */
	const char	*what;		/* in the arena: what is wrong, and
					   what to write instead */
};

struct lint_findings {
	size_t			 count;
	struct lint_finding	 items[LINT_COUNT];
};

/*
 * Looks at the reply by all rules up to when (LINT_SENT: only the cheap ones)
 * and fills findings, one per rule at most, in the order of the table.
 * Returns true if no finding is an error.
 */
bool	lint_check(struct arena *arena, const struct raw_reply *reply,
	    const struct lint_context *context, enum lint_when when,
	    struct lint_findings *findings);
/*
 * Does a foreign reply break one of these rules?  No other one is looked at,
 * so this is cheap enough for each reply that comes.
 */
bool	lint_breaks(struct arena *arena, const struct raw_reply *reply,
	    const enum lint_rule which[], size_t count);

#endif
