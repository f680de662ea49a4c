/*
 * setup - what attaches this configuration to a mail server, and what of it is
 * there already.
 *
 * Whoever knows a mail server fills a list of settings; setup.c prints it, as
 * lines to paste or as a comparison.  Texts live in the arena.
 */
#ifndef TOOL_SETUP_H
#define TOOL_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/socket_name.h"
#include "tool/setup_times.h"

struct arena;
struct daemon_settings;
struct milter;
struct rules;
struct tool;

#define SETUP_ITEMS_MAX	24

enum setup_state {
	SETUP_FINE,
	SETUP_MISSING,		/* nothing of the kind is set */
	SETUP_DIFFERS,
	SETUP_STATE_COUNT
};

struct setup_item {
	const char		*name;
	const char		*line;	/* all of it, to paste; "" */
	const char		*wanted;
	const char		*found;
	enum setup_state	 state;
	const char		*why;	/* what it is for, or what is wrong */
};

struct setup {
	struct tool			*tool;
	struct arena			*arena;
	const struct daemon_settings	*daemon;
	const struct rules		*rules;
	struct setup_times		 times;	/* of milters behind us */
	const char			*config;	/* where it is from */
	const char			*folder;	/* of --config-dir, or
							   NULL */
	bool				 compare;	/* --check */
	struct socket_name		 milter;	/* where we listen */
	const char			*comment;	/* begins one: "#" */
	const char			*mta;		/* "Postfix 3.7.11" */
	const char			*file;		/* to paste it in */
	const char			*then;		/* what to do then */
	size_t				 count;
	struct setup_item		 items[SETUP_ITEMS_MAX];
	size_t				 note_count;
	const char			*notes[SETUP_ITEMS_MAX];
};

/* Both stop at SETUP_ITEMS_MAX, which is more than there are. */
void	setup_add(struct setup *setup, struct setup_item item);
void	setup_note(struct setup *setup, const char *text);

/* Is mail to be put off while we do not run? */
bool		 setup_defers(const struct setup *setup);
/* The setting that this follows from, in the arena: "on_error = ...". */
const char	*setup_defers_why(const struct setup *setup);
/* What happens to mail then, as the first half of a sentence. */
const char	*setup_defers_what(const struct setup *setup);

/*
 * The milter behind us that listens there and is obeyed; NULL for none.  One
 * that only observes has its say with the mail server alone.
 */
const struct milter	*setup_behind_us(const struct setup *setup,
			    const struct socket_name *name);
/* Why those, named as a list, are not to be asked by the mail server, too. */
const char		*setup_twice_why(const struct setup *setup,
			    const char *names);

/* "3.7.11" is at least 3.4; false for what is no version. */
bool	setup_version_is(const char *version, unsigned major,
	    unsigned minor);

/* Fill the list.  Return 0; or an exit status after they said what is wrong. */
int	setup_postfix(struct setup *setup);
int	setup_sendmail(struct setup *setup);

#endif
