/* Rules T1 to T19: the text. */

#include "reply/lint_rules.h"

#include <string.h>

#include "base/text.h"
#include "reply/lint_words.h"
#include "reply/reason.h"
#include "reply/template.h"

#define FIRST_WORDS_MIN		5
#define TELLING_MIN		2	/* words that say something */
#define SENTENCE_GOOD		20
#define SENTENCE_MAX		25
#define SENTENCES_MAX		3
#define FLESCH_GOOD		60
#define FLESCH_WORDS_MIN	10	/* below, the figure means nothing */
#define FOREIGN_MIN		2

/* A verb by its ending: "closed", "exceeded"; not "red" or "need". */
static bool
is_past(struct token word)
{
	return word.len >= 5 && text_lower(word.start[word.len - 2]) == 'e' &&
	    text_lower(word.start[word.len - 1]) == 'd' &&
	    text_lower(word.start[word.len - 3]) != 'e';
}

/* "the server rests", but not "too many recipients". */
static bool
is_present(struct token before, struct token word)
{
	return word.len >= 4 && text_lower(word.start[word.len - 1]) == 's' &&
	    text_lower(word.start[word.len - 2]) != 's' &&
	    word_in(before, WORDS_SUBJECT);
}

const char *
lint_T1(struct lint_job *job)
{
	const char *text = job->first;
	struct token word, before = { .start = text, .len = 0 };
	size_t words = 0;
	bool verb = false;

	while (word_next(&text, &word)) {
		words++;
		verb = verb || is_past(word) || word_in(word, WORDS_VERB) ||
		    word_in(word, WORDS_ACTION) || is_present(before, word);
		before = word;
	}
	if (words < FIRST_WORDS_MIN)
		return lint_say(job, "line 1 has %zu words, and for many "
		    "readers it is all they get; say in a sentence what "
		    "happened", words);
	if (verb)
		return NULL;
	/* The list of verbs is not the language's: this may be wrong. */
	job->severity = SEVERITY_WARNING;
	return lint_say(job, "line 1 seems to have no verb, and for many "
	    "readers it is all they get; say in a sentence what happened");
}

const char *
lint_T2(struct lint_job *job)
{
	const char *p = job->body;
	struct token word, phrase = { .start = p, .len = 0 };
	size_t telling = 0;

	/* Word by word: a phrase that says nothing, or a word that counts. */
	while (telling < TELLING_MIN && word_next(&p, &word)) {
		size_t len = words_at(WORDS_EMPTY, word.start);

		if (len > 0) {
			if (phrase.len == 0)
				phrase = (struct token){ word.start, len };
			p = word.start + len;
		} else if (!word_in(word, WORDS_FILLER) &&
		    !word_in(word, WORDS_VERB))
			telling++;
	}
	if (phrase.len == 0 || telling >= TELLING_MIN)
		return NULL;
	return lint_say(job, "\"%.*s\" says that mail was refused, and not "
	    "why; say the cause", TOKEN_ARGS(phrase));
}

const char *
lint_T3(struct lint_job *job)
{
	if (words_have(WORDS_SIDE, job->body))
		return NULL;
	return lint_say(job, "the text does not say whose side it is; name "
	    "your message, the server that sent it, the mailbox or our mail "
	    "system");
}

const char *
lint_T4(struct lint_job *job)
{
	const struct topic *topic = lint_topic(job);
	struct status status;

	/* Subjects 0, 5 and 7 speak of no side; C7 and C8 look at them. */
	if (topic == NULL || !lint_status(job, &status) ||
	    topic->subject == status.subject || status.subject == 0 ||
	    status.subject == 5 || status.subject == 7)
		return NULL;
	return lint_say(job, "the code speaks of %s, the text of %s; write "
	    "%u.%u.%u", enhanced_subject_title(status.subject) != NULL ?
	    enhanced_subject_title(status.subject) : "something unknown",
	    enhanced_subject_title(topic->subject), status_class(status),
	    topic->subject, topic->detail);
}

/* Words after which a clause may begin with what to do. */
static bool
begins_clause(struct token before)
{
	static const char *const joints[] = {
		"or", "and", "then", "please", "so", "also", "if", "not",
	};

	for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++)
		if (word_is(before, joints[i]))
			return true;
	return false;
}

/* Does a person who reads this know what to do? */
static bool
has_action(const char *plain)
{
	const char *p = plain;
	struct token word, before = { .start = plain, .len = 0 };
	bool mark = true;

	while (word_next(&p, &word)) {
		/* Any mark between two words may begin a clause. */
		for (const char *q = before.start + before.len; q < word.start;
		    q++)
			mark = mark || strchr(".,;:!?(-", *q) != NULL;
		if (word_in(word, WORDS_ACTION) &&
		    (mark || begins_clause(before)))
			return true;
		before = word;
		mark = false;
	}
	return words_have(WORDS_DUTY, plain);
}

/* A link that the text itself offers is a way on, too. */
static bool
offers_way(const struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *line = job->reply->lines[i].text;

		if ((i == 0 || !lint_is_ways_on(line)) &&
		    text_find(line, "https://") != NULL)
			return true;
	}
	return false;
}

const char *
lint_T5(struct lint_job *job)
{
	if (has_action(job->body) || offers_way(job))
		return NULL;
	return lint_say(job, "nobody learns what to do; add a sentence that "
	    "says who can do what: \"Ask your mail provider to ...\"");
}

const char *
lint_T6(struct lint_job *job)
{
	struct token fault = words_find(WORDS_SERVER_FAULT, job->body);
	struct token wrong = words_find(WORDS_HELPLESS, job->body);
	const struct topic *topic = lint_topic(job);

	if (fault.len > 0 && wrong.len > 0)
		return lint_say(job, "\"%.*s\" does not help where a server is "
		    "at fault (%.*s); send the reader to the mail provider",
		    TOKEN_ARGS(wrong), TOKEN_ARGS(fault));
	if (topic != NULL && topic->subject == 2 &&
	    topic->detail == 2 && has_action(job->body) &&
	    !words_have(WORDS_OWNER, job->body))
		return lint_say(job, "only the owner of the mailbox can make "
		    "room; say that the reader should tell that person");
	return NULL;
}

const char *
lint_T7(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_PROMISE, job->body);

	if (job->class != 4 || phrase.len == 0)
		return NULL;
	return lint_say(job, "\"%.*s\" is untrue in the notice that comes when "
	    "the sender's server has given up; write \"Mail servers retry by "
	    "themselves. If yours has given up, ...\"", TOKEN_ARGS(phrase));
}

/* The text that was filled in tells the limit where it is known. */
static bool
tells_limit(const struct lint_job *job)
{
	const struct reason *reason = job->context->reason;
	const struct reason_form *form;

	if (strpbrk(job->body, "0123456789") != NULL)
		return true;
	if (reason == NULL)
		return false;
	form = &reason->forms[job->class == 4 ? FORM_TEMPORARY :
	    FORM_PERMANENT];
	return form->present && (template_uses(form->what, VARIABLE_LIMIT) ||
	    template_uses(form->fix, VARIABLE_LIMIT));
}

const char *
lint_T8(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_LIMIT, job->body);

	if (phrase.len == 0 || tells_limit(job))
		return NULL;
	return lint_say(job, "\"%.*s\" does not say how much is allowed; write "
	    "the limit, and what there was", TOKEN_ARGS(phrase));
}

static bool
has_cause(const char *plain)
{
	return words_have(WORDS_EMPTY, plain) ||
	    words_have(WORDS_SUSPECT, plain) ||
	    topic_find(plain) != NULL;
}

const char *
lint_T9(struct lint_job *job)
{
	const char *joint = text_find(job->first, " or ");
	const char *before;

	if (joint == NULL)
		return NULL;
	before = lint_say(job, "%.*s", (int)(joint - job->first), job->first);
	if (!has_cause(before) || !has_cause(joint))
		return NULL;
	return lint_say(job, "line 1 names one cause \"or\" another; find out "
	    "which it is, and write that one");
}

static const char *
say_instead(struct lint_job *job, enum instead list, const char *why)
{
	const char *instead;
	struct token phrase = instead_find(list, job->body, &instead);

	if (phrase.len == 0)
		return NULL;
	return lint_say(job, "\"%.*s\" %s; write \"%s\" instead",
	    TOKEN_ARGS(phrase), why, instead);
}

const char *
lint_T10(struct lint_job *job)
{
	return say_instead(job, INSTEAD_BLAME, "blames or alarms the reader");
}

/* Two capitals or more, and no name of a technique. */
static bool
is_shouted(struct token word)
{
	size_t capitals = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (text_is_letter(word.start[i])) {
			if (text_lower(word.start[i]) == word.start[i])
				return false;
			capitals++;
		}
	}
	return capitals >= 2 && !word_in(word, WORDS_ACRONYM) &&
	    !word_in(word, WORDS_CAPITALS);
}

const char *
lint_T11(struct lint_job *job)
{
	struct token insult = words_find(WORDS_INSULT, job->body);
	const char *text = job->body;
	struct token word;
	size_t shouted = 0;

	if (insult.len > 0)
		return lint_say(job, "\"%.*s\" insults or jokes, and the "
		    "reader may be innocent; say the cause",
		    TOKEN_ARGS(insult));
	if (strchr(job->body, '!') != NULL)
		return lint_say(job, "an exclamation mark shouts; write a full "
		    "stop");
	while (word_next(&text, &word))
		shouted += is_shouted(word);
	if (shouted >= 2)
		return lint_say(job, "%zu words in capitals shout; write small "
		    "letters", shouted);
	return NULL;
}

const char *
lint_T12(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_POLITE, job->body);

	if (phrase.len == 0)
		return NULL;
	return lint_say(job, "\"%.*s\" takes room and tells nothing; leave it "
	    "out", TOKEN_ARGS(phrase));
}

const char *
lint_T13(struct lint_job *job)
{
	const char *text = job->body;
	struct token word;

	if (word_next(&text, &word) && word_in(word, WORDS_ACRONYM))
		return lint_say(job, "the text begins with the term \"%.*s\"; "
		    "say it in plain words first, and the term in brackets",
		    TOKEN_ARGS(word));
	return say_instead(job, INSTEAD_TERM,
	    "is a term that few readers know");
}

const char *
lint_T14(struct lint_job *job)
{
	struct reading reading = reading_of(job->body);

	if (reading.longest > SENTENCE_MAX)
		job->severity = SEVERITY_ERROR;
	if (reading.longest > SENTENCE_GOOD)
		return lint_say(job, "a sentence has %zu words; write at most "
		    "%d", reading.longest, SENTENCE_GOOD);
	if (reading.sentences > SENTENCES_MAX)
		return lint_say(job, "the text has %zu sentences; write at "
		    "most %d, and put the rest on a page", reading.sentences,
		    SENTENCES_MAX);
	return NULL;
}

const char *
lint_T15(struct lint_job *job)
{
	struct reading reading = reading_of(job->body);

	if (reading.words < FLESCH_WORDS_MIN || reading.flesch >= FLESCH_GOOD)
		return NULL;
	return lint_say(job, "the text is hard to read (Flesch %d, good is "
	    "%d); write shorter words and sentences",
	    reading.flesch, FLESCH_GOOD);
}

const char *
lint_T16(struct lint_job *job)
{
	return say_instead(job, INSTEAD_PASSIVE,
	    "hides who acts, or says no twice");
}

const char *
lint_T17(struct lint_job *job)
{
	return say_instead(job, INSTEAD_SYNONYM,
	    "is another word for the same thing");
}

const char *
lint_T18(struct lint_job *job)
{
	if (words_count(WORDS_FOREIGN, job->first) < FOREIGN_MIN)
		return NULL;
	return lint_say(job, "line 1 is not in English, which most senders of "
	    "mail can read; write English first, and other languages on the "
	    "page");
}

const char *
lint_T19(struct lint_job *job)
{
	return say_instead(job, INSTEAD_YOURS,
	    "means nothing to a reader, who has none");
}
