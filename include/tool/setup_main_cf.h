/*
 * setup_main_cf - main.cf as postconf shows it, and the lists in its values.
 */
#ifndef TOOL_SETUP_MAIN_CF_H
#define TOOL_SETUP_MAIN_CF_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/text.h"

struct arena;
struct diag;

struct main_cf {
	struct strbuf	 plain;		/* "name = value\n" of all parameters */
	struct strbuf	 expanded;	/* the same without $names */
	struct strbuf	 services;	/* "smtp/inet/name = value\n" of
					   master.cf */
};
#define MAIN_CF_INIT	{ STRBUF_INIT, STRBUF_INIT, STRBUF_INIT }

enum main_cf_result {
	MAIN_CF_READ,
	MAIN_CF_NO_POSTFIX,
	MAIN_CF_UNREADABLE
};

/*
 * Asks postconf; folder NULL is its own default.  Unless it is read, the
 * reason is in diag.  The caller, who gave it MAIN_CF_INIT, releases.
 */
enum main_cf_result	main_cf_read(struct main_cf *main_cf,
			    const char *folder, struct diag *diag);
void			main_cf_release(struct main_cf *main_cf);

/* The value of a parameter, in arena; "" where Postfix does not know it. */
const char	*main_cf_get(struct arena *arena, const struct strbuf *text,
		    const char *name);

/*
 * The next entry of a list of Postfix, and *at behind it: apart by commas and
 * blanks; one in braces is whole, with them.  Returns false behind the last.
 */
bool		 list_entry(const char **at, struct text *entry);
/* In braces: the first word; else all of it. */
struct text	 entry_word(struct text entry);
/*
 * What NAME=VALUE in braces has for value, in arena; NULL where it is not
 * there.
 */
const char	*entry_attribute(struct arena *arena, struct text entry,
		    const char *name);
/* The list with one more entry at its end. */
const char	*list_with(struct arena *arena, const char *list,
		    const char *entry);

#endif
