/*
 * policy - when to do what: conditions, and the action that follows.
 *
 * A policy holds when its `when' holds and its `unless' does not.  A clause
 * holds when one of its groups does, a group when all its conditions do, a
 * condition when one of its patterns does.  Immutable once compiled; any
 * thread may ask with facts of its own.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "policy/attribute.h"
#include "policy/facts.h"
#include "policy/truth.h"
#include "reply/reason.h"
#include "reply/value.h"

struct arena;
struct lists;
struct matcher;

struct condition {
	enum attribute		 attribute;
	const char		*name;		/* of a field or macro; "" */
	size_t			 count;
	const struct pattern	*patterns;	/* as written */
	const struct matcher	*matcher;	/* made of them */
	struct place		 place;
};

struct group {
	size_t			 count;
	const struct condition	*conditions;
};

struct clause {
	size_t			 count;		/* 0: not written */
	const struct group	*groups;
};

enum action {
#define ACTION(id, name, help)	ACTION_##id,
#include "policy/action.def"
#undef ACTION
	ACTION_COUNT
};

const char	*action_name(enum action action);
/* A reply goes out: reject and defer. */
bool		 action_refuses(enum action action);

/* What happens where a policy could not be decided. */
enum on_error {
	ON_ERROR_ACCEPT,	/* go on as if it did not hold; log and count */
	ON_ERROR_DEFER		/* refuse for now: the fault is ours */
};

const char	*on_error_name(enum on_error on_error);	/* "accept", "defer" */

struct policy {
	const char		*name;
	struct place		 place;
	struct clause		 when, unless;
	enum action		 action;
	const struct reason	*reason;	/* of a refusal, else NULL */
	enum form		 form;		/* the form of reason to send */
	const char		*text;		/* of quarantine, else "" */
	struct values		 values;	/* given in the configuration */
	bool			 observe;
	enum on_error		 on_error;
	enum stage		 stage;		/* set by policy_finish() */
	unsigned		 number;	/* from 0, as in the file */
};

/*
 * Compiles one condition into *condition: attribute and name as written, its
 * patterns in any of the forms of policy/pattern.h.  Returns 0, or -1 with all
 * problems in diag, at place.
 */
int	condition_compile(struct condition *condition, struct arena *arena,
	    const char *attribute, const char *name,
	    const char *const patterns[], size_t count, struct place place,
	    const struct lists *lists, struct diag *diag);

/* Works out the stage from all that the policy names. */
void	policy_finish(struct policy *policy);
/* True if a condition of the policy asks about this attribute. */
bool	policy_names(const struct policy *policy, enum attribute attribute);

/* One condition that held: for the reply's values, and for people. */
struct evidence_item {
	const struct condition	*condition;
	struct text		 value;
	const char		*pattern;
	uint64_t		 number;	/* the value of a number */
	uint64_t		 low, high;	/* the range that held it */
};

#define EVIDENCE_MAX	16

struct evidence {
	size_t			 count;
	struct evidence_item	 items[EVIDENCE_MAX];
};

/*
 * Does the condition hold?  On yes, *item says by which value and pattern; it
 * may be NULL.
 */
enum truth	condition_match(const struct condition *condition,
		    struct facts *facts, struct evidence_item *item);
/*
 * Does the policy hold?  On yes, *evidence has the conditions of the group
 * that did.
 */
enum truth	policy_match(const struct policy *policy, struct facts *facts,
		    struct evidence *evidence);

#endif
