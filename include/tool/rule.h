/*
 * rule - what a rule of good writing wants, for `explain RULE'.
 *
 * Problems name their rule as (C9): here it can be looked up.
 */
#ifndef TOOL_RULE_H
#define TOOL_RULE_H

#include <stdbool.h>

#include "reply/lint.h"

struct tool;

/* Finds "C9" or "c9".  Returns false where there is no such rule. */
bool	rule_find(const char *name, enum lint_rule *rule);
/* Says its sentence, its severity and when it is looked at. */
void	rule_explain(struct tool *tool, enum lint_rule rule);

#endif
