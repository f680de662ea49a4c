/*
 * render - a reason and its values become a reply.
 *
 * Line 1 says what happened, line 2 what helps, line 3 where to learn more and
 * the case.  After the values are in, the cheap lint rules run; where one
 * fails, the same status goes out with the text that needs no values, and at
 * last with the text of its subject, which always passes.  So render() cannot
 * fail.  Pure; safe from any thread, with an arena of its own.
 */
#ifndef REPLY_RENDER_H
#define REPLY_RENDER_H

#include "reply/reason.h"
#include "reply/value.h"

struct arena;
struct reply;
struct strbuf;
struct template;

enum detail {
	DETAIL_FULL,		/* with values */
	DETAIL_BRIEF,		/* the same texts without values */
	DETAIL_MINIMAL,		/* only what the subject of the status says */
	DETAIL_COUNT
};

const char	*detail_name(enum detail detail);
int		 detail_from_name(const char *name, enum detail *detail,
		    struct diag *diag);

/* What a site puts into each of its replies; lives as long as the config. */
struct letterhead {
	const struct template	*help;	/* link; NULL for none */
	const struct template	*contact; /* NULL for none */
	const char		*name;	/* of the site; NULL for none */
	const char		*host;	/* first word of a 421; never "" */
	enum detail		 detail;
};

struct rendering {
	const struct reply	*reply;		/* never NULL; in the arena */
	enum detail		 detail;	/* the one that passed */
	const char		*lint;		/* rule that failed first; "" */
};

/*
 * reason must have the form.  case_id is shown in the last line; "" for none.
 * values, or NULL, need not live longer than the call.
 *
 * Two things are the renderer's: the text of a 421 begins with the host, and a
 * 551 without <address> in line 1 goes out as 550 (RFC 5321 section 3.4).
 */
struct rendering	render(struct arena *arena,
			    const struct reason *reason, enum form form,
			    const struct values *values,
			    const struct letterhead *letterhead,
			    const char *case_id);

/*
 * Adds the last line of every reply to an empty line: "More help: LINK Case:
 * ID", or "Contact SITE: ADDRESS Case: ID", or as much of it as there is.
 * reason is a name, for the link.
 */
void	render_ways_on(const struct letterhead *letterhead, const char *reason,
	    const char *case_id, struct strbuf *line);
/*
 * For line 1 of a 421: programs take its first word for the name of the
 * server, so the host comes in front of it, unless it stands there.
 */
void	render_host(const struct letterhead *letterhead, struct strbuf *line);

#endif
