/*
 * rewrite_parts - what the sources of rewrite share; nobody else uses it.
 */
#ifndef REPLY_REWRITE_PARTS_H
#define REPLY_REWRITE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "reply/reason.h"
#include "reply/rewrite.h"
#include "reply/status.h"

#define LINE_TEXT_MAX	235	/* with the longest codes 250: rule F3 */

/* What we say of another server, and how its words are given. */
#define REWRITE_SERVER	"The server "
#define REWRITE_OTHER_SERVER "The other server"
#define REWRITE_REFUSED	" refused your message: "
#define REWRITE_NOT_YET	" does not take your message yet: "
#define REWRITE_NOT_GIVEN " could not be given your message: "
#define REWRITE_SAID	" said: "
#define REWRITE_WORDS_SAID "The server said: "
#define REWRITE_WORDS_OWN "Details: "

/* One rewriting while it is worked on. */
struct rewrite_job {
	struct arena			*arena;
	const struct rewrite_how	*how;
	const struct unwrapped		*unwrapped;
	struct values			 values;
	struct rewriting		 out;
};

/* 4 or 5 as the reply says, or 0 where it has no codes of a refusal. */
unsigned	rewrite_class_said(const struct rewrite_job *job);
/* Somebody else refused, or could not be reached: the third person. */
bool		rewrite_is_remote(const struct rewrite_job *job);
/*
 * Adds at most max characters of the original words, fit for a reply: cut
 * before a word, a percent sign and other bytes that mean something on the
 * way become "?".
 */
void		rewrite_words(const char *words, size_t max,
		    struct strbuf *out);
/* "The server mx.example.net", or what stands for an unknown one. */
void		rewrite_server(const struct rewrite_job *job,
		    struct strbuf *out);

/*
 * Is it a reply of a milter-reply, ours or that of another server?  It has a
 * case, or the words that the renderer made of a reason, or those of a bounce.
 */
bool		rewrite_is_own(const struct rewrite_job *job);
/* The reason whose words it has; NULL where it is known by its case alone. */
const struct reason	*rewrite_own_reason(const struct rewrite_job *job);
/* Such a reply as it was; NULL where it is not sound. */
const struct reply	*rewrite_own(const struct rewrite_job *job,
			    struct status status);

/* The original words, in a sound form. */
const struct reply	*rewrite_unclear(const struct rewrite_job *job);

/*
 * The reason with the form that is to be rendered, whose class is that of
 * form: borrowed from the other form where it has none of its own.
 */
const struct reason	*rewrite_reason(const struct rewrite_job *job,
			    enum form *form);
/* One form of it, borrowed likewise, with a fix that tells so. */
struct reason_form	rewrite_form(const struct rewrite_job *job,
			    const struct reason *reason, enum form form);
const char		*rewrite_borrowed_fix(enum form form);
/* The same reason, told of another server. */
const struct reason	*rewrite_third_person(const struct rewrite_job *job,
			    const struct reason *reason, enum form form);
/* The rendered reply with the original words behind its last line. */
const struct reply	*rewrite_add_words(const struct rewrite_job *job,
			    const struct reply *reply);

#endif
