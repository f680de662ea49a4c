/*
 * rewrite - what somebody else says, in our words and with the right codes.
 *
 * A reply that was recognised is rendered from the catalogue.  Of one that is
 * unclear the original words stay, clean and in one line, and only the form is
 * mended: codes that agree, help and case.  So rewrite() never fails and never
 * invents a cause.  Pure; safe from any thread with an arena of its own.
 *
 * The class is kept, because whoever refused decided whether to try again can
 * help; but a reason that only has a temporary form (a fault of the refusing
 * side's own, such as no disk, or a wait) is made temporary where class_stays
 * does not forbid it and nobody acted on it yet, as our server did on what
 * another one said.  A class for which a reason has no form borrows the text of
 * the other.  421 closes the connection: it is said where it was said before.
 * So are the basic codes that the sending program itself acts on: 500 to 504
 * and 555, 530 to 538.
 *
 * What another server said to ours speaks of "us" and means itself: then the
 * texts are turned to the third person ("our spam filter" becomes "their spam
 * filter"), line 1 names that server, and its own words follow ours in the
 * last line, behind help and case.  The same goes for what our server says of
 * a delivery to another one.
 *
 * A reply of a milter-reply stays as it is: one that names a case, has the
 * words of a reason as the renderer makes them, or is a bounce of ours.  So
 * nothing is said twice, and no value is lost.  Where another server that runs
 * one said it, its lines follow "The server mx.example.net said: " in the first
 * person that they were written in, and help and case of ours come behind.
 */
#ifndef REPLY_REWRITE_H
#define REPLY_REWRITE_H

#include "reply/recognise.h"
#include "reply/render.h"

struct arena;
struct catalogue;
struct reply;
struct strbuf;

struct rewriting {
	struct recognition	 recognition;
	const struct reply	*reply;		/* never NULL; in the arena */
	const char		*words;		/* the original ones, clean */
	const char		*lint;		/* rule for which values were
						   left out; "" */
};

/* How to rewrite; all but values must be set. */
struct rewrite_how {
	const struct catalogue	*catalogue;
	const struct knowledge	*knowledge;
	const struct letterhead	*letterhead;
	const struct values	*values;	/* of the session, for what the
						   reply itself leaves out;
						   NULL */
	const char		*case_id;	/* "" for none */
	const char		*origin;	/* "" unknown */
	bool			 class_stays;
};

struct rewriting	rewrite(struct arena *arena,
			    const struct rewrite_how *how,
			    const struct unwrapped *unwrapped);

/*
 * For smtpd_reject_footer_maps(5): adds what is missing behind the server's
 * own lines, a line each: what happened in plain words unless the server's
 * first line already passes the lint for that (T1, T2, T10, T13), what to do,
 * help, case.  As Postfix wants it: "\n" as two characters between lines, a
 * "$" doubled.  Adds nothing where nothing is missing.
 */
void			rewriting_footer(struct arena *arena,
			    const struct rewriting *rewriting,
			    const struct unwrapped *unwrapped,
			    struct strbuf *out);
/*
 * For *_delivery_status_filter: "5.1.1 " and all lines in one, at most 1000
 * bytes.
 */
void			rewriting_delivery(const struct rewriting *rewriting,
			    struct strbuf *out);

#endif
