/*
 * advice - what the codes of a reply say about cause and cure.
 *
 * For replies from anywhere: a few clear words count before the codes.  Pure.
 */
#ifndef TOOL_ADVICE_H
#define TOOL_ADVICE_H

#include <stddef.h>

#include "reply/status.h"

struct catalogue;
struct reason;
struct strbuf;

/*
 * The reason of the catalogue that the words of the reply name (wording.def)
 * and that has a form of this class; else the only one that has this status;
 * NULL where there is none, or where there are several.
 */
const struct reason *advice_reason(const struct catalogue *catalogue,
	    struct status status, const char *text);
/*
 * Adds what helps: the fix of that reason if it needs no values, else the row
 * of the table for the code, else that of its subject.
 */
void	advice_format(const struct catalogue *catalogue, struct status status,
	    const char *text, struct strbuf *out);

#endif
