/*
 * attribute - what a policy can ask about a mail, and when it is known.
 *
 * One row of attribute.def each.  Pure; safe from any thread.
 */
#ifndef POLICY_ATTRIBUTE_H
#define POLICY_ATTRIBUTE_H

#include <stdbool.h>

#include "policy/pattern.h"
#include "policy/stage.h"
#include "reply/value.h"

struct diag;

enum attribute {
#define ATTRIBUTE(id, name, subject, stage, macro, variable, help) ATTRIBUTE_##id,
#include "policy/attribute.def"
#undef ATTRIBUTE
	ATTRIBUTE_COUNT
};

const char	*attribute_name(enum attribute attribute);
const char	*attribute_help(enum attribute attribute);
enum subject	 attribute_subject(enum attribute attribute);
enum stage	 attribute_stage(enum attribute attribute);
/* The macro that carries it, without braces; "" for none. */
const char	*attribute_macro(enum attribute attribute);
/* VARIABLE_COUNT where a reply never shows it. */
enum variable	 attribute_variable(enum attribute attribute);
/* header, header_raw and macro take a name beside the pattern. */
bool		 attribute_is_named(enum attribute attribute);
/* Returns 0; or -1 with an error and the nearest name in diag. */
int		 attribute_from_name(const char *name,
		    enum attribute *attribute, struct diag *diag);

/*
 * From which stage on an MTA's macro is known.  Macros that this program does
 * not know by name are asked for at MAIL.
 */
enum stage	 macro_stage(const char *macro);

#endif
