#include "policy/matcher.h"

#include <string.h>

#include "policy/glob.h"
#include "policy/iptree.h"
#include "policy/list.h"
#include "policy/matcher_inside.h"
#include "policy/prefilter.h"
#include "policy/ranges.h"
#include "policy/regex.h"
#include "policy/textmap.h"

/* One question to a matcher on its way through the structures. */
struct question {
	const struct matcher	*matcher;
	const struct operand	*operand;
	size_t			 len;	/* without a trailing dot */
	bool			 first_only;
	bool			 possible;	/* expressions are not run */
	void			(*hit)(void *arg, uint32_t number);
	void			*arg;
	bool			 yes;
	bool			 unknown;
};

static void
answer(void *arg, uint32_t number)
{
	struct question *question = arg;

	question->yes = true;
	question->hit(question->arg, number);
}

static bool
is_answered(const struct question *question)
{
	return question->yes && question->first_only;
}

static void
look_up(struct question *question, uint64_t hash, size_t from, unsigned marks)
{
	textmap_find(question->matcher->texts, hash,
	    question->operand->text + from, question->len - from, marks,
	    answer, question);
}

/*
 * Walks the text backwards, and at each "." and at the last "@" looks up what
 * is behind it: for "user@mail.example.com" this is com, example.com,
 * mail.example.com, and at last the whole text.  The hash grows on the way, so
 * all costs one pass, of at most the bytes that the longest key has.
 */
static void
ask_texts(struct question *question)
{
	const char *text = question->operand->text;
	size_t len = question->len;
	size_t longest = question->matcher->longest_key;
	size_t stop = len > longest ? len - longest : 0;
	uint64_t hash = TEXTMAP_HASH_EMPTY;
	bool behind_at = true;
	unsigned domain = BIT(MARK_DOMAIN);

	/* An address without "@" has no domain. */
	if (question->operand->subject == SUBJECT_ADDRESS &&
	    (len == 0 || memrchr(text, '@', len) == NULL))
		domain = 0;
	for (size_t at = len; at > 0; at--) {
		char c = text[at - 1];

		if (c == '.' && behind_at)
			look_up(question, hash, at, domain | BIT(MARK_BELOW));
		else if (c == '@' && behind_at) {
			look_up(question, hash, at, domain | BIT(MARK_AT));
			behind_at = false;
		}
		if (at == stop || is_answered(question))
			return;
		hash = textmap_hash_before(hash, c);
	}
	if (!behind_at)
		domain = 0;
	look_up(question, hash, 0, domain | BIT(MARK_WHOLE) | BIT(MARK_ALSO));
}

/* What became of a pattern that is tried. */
static void
note_truth(struct question *question, uint32_t number, enum truth truth)
{
	switch (truth) {
	case TRUTH_YES:
		answer(question, number);
		break;
	case TRUTH_UNKNOWN:
		question->unknown = true;
		break;
	case TRUTH_NO:
		break;
	}
}

static void
ask_lists(struct question *question)
{
	const struct trials *lists = &question->matcher->lists;

	for (size_t i = 0; i < lists->count && !is_answered(question); i++) {
		uint32_t entry;

		note_truth(question, lists->rows[i].number,
		    matcher_match(lists->rows[i].list->matcher,
		    question->operand, &entry));
	}
}

static void
ask_glob(struct question *question, const struct trial *trial)
{
	const char *glob = textmap_text(question->matcher->texts,
	    trial->glob);

	if (glob_match(glob, question->operand->text, question->len))
		answer(question, trial->number);
}

static void
ask_regex(struct question *question, const struct trial *trial)
{
	note_truth(question, trial->number, question->possible ? TRUTH_YES :
	    regex_match(trial->regex, question->operand->text,
	    question->len));
}

static void
ask_trial(struct question *question, size_t n)
{
	const struct matcher *matcher = question->matcher;

	if (n < matcher->globs.count)
		ask_glob(question, &matcher->globs.rows[n]);
	else
		ask_regex(question,
		    &matcher->regexes.rows[n - matcher->globs.count]);
}

/* In their order, but only those for which there is what they need. */
static void
ask_trials(struct question *question)
{
	const struct matcher *matcher = question->matcher;
	size_t count = matcher->globs.count + matcher->regexes.count;
	struct marks marks;

	if (matcher->prefilter == NULL) {
		for (size_t i = 0; i < count && !is_answered(question); i++)
			ask_trial(question, i);
		return;
	}
	if (is_answered(question))
		return;
	prefilter_find(matcher->prefilter, question->operand->text,
	    question->len, &marks);
	for (uint32_t i = marks_next(&marks, 0);
	    i < count && !is_answered(question); i = marks_next(&marks, i + 1))
		ask_trial(question, i);
}

/* From what costs least to what costs most. */
static void
ask(struct question *question)
{
	const struct matcher *matcher = question->matcher;
	const struct operand *operand = question->operand;
	bool text = false;

	if (matcher->has_any)
		answer(question, matcher->any);
	if (is_answered(question))
		return;
	switch (operand->subject) {
	case SUBJECT_IP:
		iptree_find(matcher->blocks, &operand->ip, answer, question);
		break;
	case SUBJECT_NUMBER:
	case SUBJECT_DAY:
	case SUBJECT_TIME:
		ranges_find(matcher->ranges, operand->number, answer,
		    question);
		break;
	case SUBJECT_HOST:
	case SUBJECT_ADDRESS:
	case SUBJECT_TEXT:
	case SUBJECT_ANY:
		text = true;
		if (matcher->has_keys)
			ask_texts(question);
		break;
	}
	ask_lists(question);
	if (text)
		ask_trials(question);
}

static struct question
question_new(const struct matcher *matcher, const struct operand *operand)
{
	size_t len = operand->len;

	if ((operand->subject == SUBJECT_HOST ||
	    operand->subject == SUBJECT_ADDRESS) &&
	    len > 0 && operand->text[len - 1] == '.')
		len--;
	return (struct question){
		.matcher = matcher, .operand = operand, .len = len
	};
}

static void
keep_number(void *arg, uint32_t number)
{
	uint32_t *kept = arg;

	*kept = number;
}

enum truth
matcher_match(const struct matcher *matcher, const struct operand *operand,
    uint32_t *number)
{
	struct question question = question_new(matcher, operand);

	question.first_only = true;
	question.hit = keep_number;
	question.arg = number;
	ask(&question);
	if (question.yes)
		return TRUTH_YES;
	return question.unknown ? TRUTH_UNKNOWN : TRUTH_NO;
}

enum truth
matcher_possible(const struct matcher *matcher, const struct operand *operand,
    void (*hit)(void *arg, uint32_t number), void *arg)
{
	struct question question = question_new(matcher, operand);

	question.possible = true;
	question.hit = hit;
	question.arg = arg;
	ask(&question);
	if (question.unknown)
		return TRUTH_UNKNOWN;
	return question.yes ? TRUTH_YES : TRUTH_NO;
}
