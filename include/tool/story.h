/*
 * story - what `try' tells: stages, policies tried, and decisions.
 *
 * The one place that knows both forms, lines for people and rows of JSON.
 */
#ifndef TOOL_STORY_H
#define TOOL_STORY_H

#include <stddef.h>

#include "policy/stage.h"
#include "policy/truth.h"
#include "reply/value.h"
#include "session/case.h"
#include "session/record.h"

struct arena;
struct facts;
struct policy;
struct strbuf;
struct tool;

/* A copy of a record that outlives the call; the reply is the session's. */
struct note {
	enum outcome outcome;
	enum action action;
	const struct policy *policy;
	const struct reason *reason;	/* of a refusal, else NULL */
	enum form form;
	char case_id[CASE_TEXT_MAX];
	const struct reply *reply;	/* of a refusal, else NULL */
	const char *lint;		/* "" unless values were left out */
	struct values values;		/* clean, of those in the reply */
};

/* Copies the record; texts go to arena.  facts are those of the session. */
void	note_take(struct note *note, struct arena *arena,
	    const struct record *record, struct facts *facts);
/*
 * True for a policy that only observes, or could not be decided and let the
 * mail go on: story_policy() has told that, and nothing follows from it.
 */
bool	note_is_aside(const struct note *note);

/* An event of the conversation, with what it brings: "helo", "localhost". */
void	story_event(struct tool *tool, enum stage stage, const char *what);
/* A remark between the lines; not for programs. */
void	story_remark(struct tool *tool, const char *format, ...)
	    __attribute__((format(printf, 2, 3)));
/* A policy was tried; recipient is NULL where it is not about one. */
void	story_policy(struct tool *tool, enum stage stage,
	    const char *recipient, const struct policy *policy,
	    enum truth truth, const char *why);
/* Policies that were not tried because the one numbered before has decided. */
void	story_skipped(struct tool *tool, size_t count,
	    const struct policy *decided);
/* A decision, and its reply as on the wire. */
void	story_decision(struct tool *tool, enum stage stage,
	    const char *recipient, const struct note *note);
/* Nothing was decided: the MTA goes on. */
void	story_continue(struct tool *tool, enum stage stage,
	    const char *recipient, const char *text);

#endif
