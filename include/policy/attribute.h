/*
 * attribute - what a policy can ask about a mail, and when it is known.
 *
 * One row of attribute.def each.  Pure; safe from any thread.
 */
#ifndef POLICY_ATTRIBUTE_H
#define POLICY_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/pattern.h"
#include "policy/stage.h"
#include "reply/value.h"

struct diag;

enum attribute {
#define ATTRIBUTE(id, ...) ATTRIBUTE_##id,
#include "policy/attribute.def"
#undef ATTRIBUTE
	ATTRIBUTE_COUNT
};

/*
 * Where the value of an attribute comes from.  In the order of need: from
 * FIELD on the header of the message, from SIZE on its body as well.
 */
enum fact_source {
	FACT_SOURCE_EVENT,		/* connect, a command, or the clock */
	FACT_SOURCE_MACRO,		/* one macro of the MTA */
	FACT_SOURCE_ANY_MACRO,		/* the one that the policy names */
	FACT_SOURCE_FIELD,		/* header fields of one name, decoded */
	FACT_SOURCE_FIELD_COUNT,	/* how many of one name there are */
	FACT_SOURCE_ANY_FIELD,		/* those that the policy names */
	FACT_SOURCE_ANY_FIELD_RAW,	/* the same, not decoded */
	FACT_SOURCE_SIZE,		/* the bytes of header and body */
	FACT_SOURCE_BODY,		/* the texts in it */
	FACT_SOURCE_FILE_NAMES		/* of all its parts */
};

const char	*attribute_name(enum attribute attribute);
const char	*attribute_help(enum attribute attribute);
enum subject	 attribute_subject(enum attribute attribute);
enum stage	 attribute_stage(enum attribute attribute);
enum fact_source attribute_source(enum attribute attribute);
/* The macro that carries it, without braces; "" for none. */
const char	*attribute_macro(enum attribute attribute);
/* All that a macro carries, in the order of their stages; *count of them. */
const enum attribute *attribute_carried(size_t *count);
/* The header field that it is of; "" for none, or any. */
const char	*attribute_field(enum attribute attribute);
/* VARIABLE_NONE where a reply never shows it. */
enum variable	 attribute_variable(enum attribute attribute);
/* What a condition on it tells where it holds, or VARIABLE_NONE. */
enum variable	 attribute_tells(enum attribute attribute);
/* header, header_raw and macro take a name beside the pattern. */
bool		 attribute_is_named(enum attribute attribute);
bool		 attribute_needs_header(enum attribute attribute);
bool		 attribute_needs_body(enum attribute attribute);
/* Returns 0; or -1 with an error and the nearest name in diag. */
int		 attribute_from_name(const char *name,
		    enum attribute *attribute, struct diag *diag);

/*
 * From which stage on an MTA's macro is known.  Macros that this program does
 * not know by name are asked for at MAIL.
 */
enum stage	 macro_stage(const char *macro);

#endif
