/*
 * audit_report - what `audit' prints of what it counted.
 */
#ifndef TOOL_AUDIT_REPORT_H
#define TOOL_AUDIT_REPORT_H

struct rewrite_how;
struct tally;
struct tool;

void	audit_report(struct tool *tool, const struct tally *tally,
	    const struct rewrite_how *how);

#endif
