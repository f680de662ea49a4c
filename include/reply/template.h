/*
 * template - a text with variables, compiled when the configuration is loaded.
 *
 *   The address you wrote to does not exist[ at {recipient_domain}].
 *
 * {name} is replaced by the value.  A part in brackets is left out when one of
 * its variables is not known, or when the site wants no values in replies
 * (detail = "brief"); brackets do not nest, and each holds a variable.  "{{",
 * "}}", "[[" and "]]" are the characters themselves ("]]" outside of brackets
 * only).  Immutable once compiled: any thread may fill it.
 */
#ifndef REPLY_TEMPLATE_H
#define REPLY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/value.h"

struct arena;
struct diag;
struct strbuf;
struct template;

#define TEMPLATE_TEXT_MAX	1000	/* bytes of a template's source */

/* NULL with the reason in diag: unknown name, open brace, too long, ... */
const struct template	*template_compile(struct arena *arena,
			    const char *text, struct diag *diag);
/* The source it was made from. */
const char	*template_source(const struct template *template);
/* True if the variable stands in it; required: also outside of brackets. */
bool	template_uses(const struct template *template, enum variable variable);
bool	template_requires(const struct template *template,
	    enum variable variable);
/* True if it can be filled without any value. */
bool	template_stands_alone(const struct template *template);

/*
 * Adds the filled text to out.  values NULL fills it without values.  Returns
 * 0, or -1 and adds nothing where a variable outside of brackets is unknown.
 */
int	template_fill(const struct template *template,
	    const struct values *values, struct strbuf *out);

#endif
