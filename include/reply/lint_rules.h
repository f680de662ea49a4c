/*
 * lint_rules - the checks behind the rules of lint.def, for lint.c only.
 *
 * A check looks at the whole reply and returns what is wrong and what to write
 * instead, as lint_say() makes it, or NULL.  They are in lint_codes.c (C),
 * lint_form.c (F), lint_text.c (T) and lint_privacy.c (R and P).
 */
#ifndef REPLY_LINT_RULES_H
#define REPLY_LINT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/lint.h"
#include "reply/raw.h"
#include "reply/status.h"

struct topic;

struct lint_job {
	struct arena			*arena;
	const struct raw_reply		*reply;
	const struct lint_context	*context;
	enum severity			 severity; /* a check may change it */
	unsigned			 class;		/* 4, 5; 0 unknown */
	const char			*text;	/* all lines, as they are */
	const char			*first;	/* line 1, plain */
	const char			*body;	/* plain, without a line of
						   help link and case */
	bool				 topic_known;	/* lint_topic() asks */
	const struct topic		*topic;
};

const char	*lint_say(struct lint_job *job, const char *format, ...)
		    __attribute__((format(printf, 2, 3)));
/* What the body is about, or NULL; looked for where a rule asks first. */
const struct topic	*lint_topic(struct lint_job *job);
/*
 * Fills status with the codes of line 1.  False where one is missing or their
 * classes differ, which other rules report.
 */
bool		 lint_status(const struct lint_job *job, struct status *status);
/* True for a line of ours that holds only help link, contact or case. */
bool		 lint_is_ways_on(const char *line);

#define DECLARE_LINT_SENT(id)	const char *lint_##id(struct lint_job *job);
#define DECLARE_LINT_LOADED(id)	const char *lint_##id(struct lint_job *job);
#define DECLARE_LINT_BUILT(id)
#define LINT(id, severity, when, wants)	DECLARE_##when(id)
#include "reply/lint.def"
#undef LINT
#undef DECLARE_LINT_BUILT
#undef DECLARE_LINT_LOADED
#undef DECLARE_LINT_SENT

#endif
