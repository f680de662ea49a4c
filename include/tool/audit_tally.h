/*
 * audit_tally - what `audit' counts: refusals by reason and source, and the
 * texts that they had.
 *
 * However long the logs are, the memory is bounded: texts that differ only in
 * addresses, names in brackets, numbers and ids are one, and after
 * TALLY_TEXTS_MAX different ones further refusals count for their reason only.
 * After TALLY_CASES_MAX cases, further ones are no longer known again.
 */
#ifndef TOOL_AUDIT_TALLY_H
#define TOOL_AUDIT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "reply/lint.h"
#include "reply/recognise.h"

struct catalogue;
struct reason;
struct strbuf;

#define TALLY_TEXTS_MAX		10000
#define TALLY_SAMPLE_MAX	3000	/* bytes of a line that are kept */
#define TALLY_CASES_MAX		1000000

/* Who refused. */
enum refuser {
	REFUSER_POLICY,		/* one of ours */
	REFUSER_OURS,		/* a policy or a milter behind us: the case
				   of a reply alone does not say which */
	REFUSER_MILTER,
	REFUSER_MTA,
	REFUSER_REMOTE,
	REFUSER_DELIVERY,
	REFUSER_UNTOLD,
	REFUSER_COUNT
};

const char	*refuser_name(enum refuser refuser);	/* "policy", ... */
enum refuser	 refuser_of(enum speaker speaker);

/* Refusals of one reason and source. */
struct tally_row {
	const struct reason	*reason;	/* NULL: unclear */
	enum refuser		 source;
	uint64_t		 count;
	uint64_t		 uncoded;	/* without an enhanced code */
	uint64_t		 at_odds;	/* with codes that contradict */
	uint64_t		 helpful;	/* that say what to do */
};

/* What is wrong with a reply. */
struct text_verdict {
	enum sure	 sure;
	bool		 uncoded, at_odds, helpful;
	unsigned	 errors, warnings;
	bool		 broken[LINT_COUNT];	/* rules, but for mere hints */
};

struct tally_text {
	struct tally_text	*next;		/* of the same hash */
	const char		*text;		/* masked, with codes */
	struct text		 sample;	/* the first line that had it */
	struct tally_row	*row;
	struct text_verdict	 verdict;
	uint64_t		 count;
};

struct tally {
	uint64_t	 lines;
	uint64_t	 refusals;
	uint64_t	 recognised;	/* ours included */
	uint64_t	 ours;		/* in our words already */
	uint64_t	 mapped;	/* of the mail server's own, those that
					   our log says were rewritten */
	uint64_t	 others;	/* whose texts were too many to keep */
	uint64_t	 unnoted;	/* whose cases were */
	size_t		 text_count;
	struct tally_store *store;
};

void	tally_init(struct tally *tally, const struct catalogue *catalogue);
void	tally_release(struct tally *tally);

/*
 * Adds a text with all that differs from mail to mail masked: "<ADDRESS>",
 * "NUMBER", "ID".
 */
void	tally_mask(const char *text, struct strbuf *out);
/* The text as it was added, or NULL. */
struct tally_text	*tally_find(struct tally *tally, struct text masked);
/* Adds one without counting it.  NULL where there are too many. */
struct tally_text	*tally_add(struct tally *tally, struct text masked,
			    struct text sample);
struct tally_row	*tally_row(struct tally *tally,
			    const struct reason *reason, enum refuser source);
/* Counts one refusal; text NULL: it is not kept. */
void	tally_count(struct tally *tally, struct tally_row *row,
	    const struct text_verdict *verdict, struct tally_text *text);
/* Whose line tells of a refusal in our words. */
enum teller {
	TELLER_MTA,
	TELLER_OURSELVES	/* knows for sure who refused, and why */
};
/*
 * Counts one of ours.  case_id is that of its reply: two lines of a log that
 * have the same one are about one refusal, which is counted once, in whatever
 * order they come, with the reason and the source that our own line tells.
 */
void	tally_count_ours(struct tally *tally, enum teller teller,
	    const struct reason *reason, enum refuser source,
	    const char *case_id);

/*
 * The rows that are not empty, the largest first; the caller frees the array.
 */
const struct tally_row	**tally_rows(const struct tally *tally,
			    size_t *count);
/* At most max texts, the worst first; the caller frees the array. */
const struct tally_text	**tally_worst(const struct tally *tally, size_t max,
			    size_t *count);

#endif
