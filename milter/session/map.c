#include "session/map.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/origin.h"
#include "reply/reply.h"
#include "reply/rewrite.h"
#include "session/case.h"
#include "session/env.h"
#include "session/record.h"
#include "session/refused.h"
#include "session/rules.h"

#define NAME_MAX_SHOWN	40	/* of an unknown name, in the answer */
#define ORIGINAL_MAX	1000	/* bytes of a key that a record keeps */

enum table { TABLE_FILTER, TABLE_FOOTER, TABLE_DELIVERY, TABLE_COUNT };

static const char *const names[TABLE_COUNT] = {
	[TABLE_FILTER] = "filter",
	[TABLE_FOOTER] = "footer",
	[TABLE_DELIVERY] = "delivery",
};

_Static_assert(REPLY_LINES_MAX * (REPLY_LINE_MAX + sizeof("550-5.999.999 \r\n"))
    < 100000, "a reply is never too long for an answer");

/* One refusal on its way. */
struct job {
	enum table		 table;
	const struct rules	*rules;
	const struct env	*env;
	struct arena		*arena;
	struct unwrapped	 unwrapped;
	struct values		 values;	/* of its session */
	struct rewriting	 rewriting;
	char			 case_id[CASE_TEXT_MAX];
};

/* "550 text" or "550-text"; of a delivery "5.1.1 text". */
static bool
is_refusal(enum table table, const char *key, size_t len)
{
	if (len < 5 || (key[0] != '4' && key[0] != '5'))
		return false;
	if (table == TABLE_DELIVERY)
		return key[1] == '.' && text_is_digit(key[2]);
	return text_is_digit(key[1]) && text_is_digit(key[2]) &&
	    (key[3] == ' ' || key[3] == '-');
}

/* Where our replies show a case, they are known without any note. */
static bool
is_ours(const char *key, size_t len)
{
	while (len > 0 && (key[len - 1] == '\r' || key[len - 1] == '\n'))
		len--;
	return case_ends(key, len);
}

/*
 * The name of the mail server that asks.  Where we do not know its session, a
 * 421 says it in its first word (RFC 5321 section 4.2.2).
 */
static const char *
host_of(struct job *job)
{
	const struct raw_reply *raw = &job->unwrapped.reply;
	const char *known = job->values.text[VARIABLE_HOST], *said;
	struct strbuf clean = STRBUF_INIT;

	if (known == NULL && raw->count > 0 && raw->lines[0].code == 421) {
		said = arena_memdup(job->arena, raw->lines[0].text,
		    strcspn(raw->lines[0].text, " "));
		if (text_is_letter(*said) && strchr(said, '.') != NULL &&
		    value_clean(VALUE_DOMAIN, said, &clean) &&
		    strcmp(clean.text, said) == 0)
			known = said;
	}
	strbuf_release(&clean);
	return known != NULL ? known : job->rules->letterhead.host;
}

static void
reword(struct job *job)
{
	const struct rules *rules = job->rules;
	struct letterhead letterhead = rules->letterhead;

	letterhead.host = host_of(job);
	case_new(job->env, job->case_id);
	job->rewriting = rewrite(job->arena, &(struct rewrite_how){
		.catalogue = rules->catalogue,
		.knowledge = rules->knowledge,
		.letterhead = &letterhead,
		.values = &job->values,
		.case_id = rules->show_case ? job->case_id : "",
		/* What another server said is not in the words of ours. */
		.origin = job->unwrapped.speaker == SPEAKER_REMOTE ? "" :
		    ORIGIN_POSTFIX,
		.class_stays = job->table != TABLE_FILTER,
	}, &job->unwrapped);
}

/*
 * Adds the value of the table.  What the filter answers goes to the client as
 * it is, with a CRLF behind: so its lines end with a real CRLF, as those of the
 * key do, and Postfix takes no part in the codes but to refuse those of two
 * classes.  (Written out as "\r\n" they would be one unfinished line, and the
 * client waits for the next.)
 */
static void
add_value(const struct job *job, struct strbuf *text)
{
	switch (job->table) {
	case TABLE_FILTER:
		reply_format(job->rewriting.reply, text);
		strbuf_cut(text, text->len - strlen("\r\n"));
		break;
	case TABLE_FOOTER:
		rewriting_footer(job->arena, &job->rewriting, &job->unwrapped,
		    text);
		break;
	case TABLE_DELIVERY:
		rewriting_delivery(&job->rewriting, text);
		break;
	case TABLE_COUNT:
		break;
	}
}

/* What the session knows, or else what the words told; "" for neither. */
static const char *
known(const struct job *job, enum variable variable)
{
	const char *text = job->values.text[variable];

	if (text == NULL)
		text = job->rewriting.recognition.values.text[variable];
	if (text == NULL)
		return "";
	return variable == VARIABLE_SENDER && *text == '\0' ? "<>" : text;
}

/*
 * The reply as it goes out: a footer cannot change the codes in front of it.
 */
static const struct reply *
sent_reply(const struct job *job)
{
	const struct reply *reply = job->rewriting.reply, *sent = NULL;
	const struct raw_reply *raw = &job->unwrapped.reply;
	struct diag diag = DIAG_INIT;

	if (job->table == TABLE_FOOTER && raw->count > 0 &&
	    raw->lines[0].enhanced)
		sent = reply_new(job->arena, (struct status){
			.code = raw->lines[0].code,
			.subject = raw->lines[0].subject,
			.detail = raw->lines[0].detail,
		}, reply->lines, reply->count, &diag);
	diag_release(&diag);
	return sent != NULL ? sent : reply;
}

static void
record(const struct job *job, const char *key, size_t len)
{
	const struct rewriting *rewriting = &job->rewriting;
	const char *queue_id = known(job, VARIABLE_QUEUE_ID);

	job->env->record(job->env->world, &(struct record){
		.outcome = job->rules->observe ? OUTCOME_OBSERVED :
		    OUTCOME_DONE,
		.action = status_class(rewriting->reply->status) == 4 ?
		    ACTION_DEFER : ACTION_REJECT,
		.source = SOURCE_MTA,
		.milter = "",
		.map = names[job->table],
		.original = arena_memdup(job->arena, key,
		    len < ORIGINAL_MAX ? len : ORIGINAL_MAX),
		.sure = sure_name(rewriting->recognition.sure),
		.reason = rewriting->recognition.reason,
		.stage = STAGE_RCPT,
		.case_id = job->case_id,
		.reply = sent_reply(job),
		.lint = rewriting->lint,
		.client_ip = known(job, VARIABLE_CLIENT_IP),
		.client_name = known(job, VARIABLE_CLIENT_NAME),
		.helo = known(job, VARIABLE_HELO),
		.sender = known(job, VARIABLE_SENDER),
		.recipient = known(job, VARIABLE_RECIPIENT),
		.queue_id = *queue_id != '\0' ? queue_id :
		    job->unwrapped.queue_id,
	});
}

static enum socketmap_answer
answer_unknown(const struct socketmap_request *request, struct arena *arena,
    struct strbuf *text)
{
	size_t len = request->name_len;

	strbuf_adds(text, "no table ");
	names_quote(text, arena_memdup(arena, request->name,
	    len < NAME_MAX_SHOWN ? len : NAME_MAX_SHOWN));
	strbuf_adds(text, " here; there are \"filter\", \"footer\" and "
	    "\"delivery\"");
	return SOCKETMAP_PERM;
}

enum socketmap_answer
map_answer(const struct rules *rules, const struct env *env,
    struct refused *refused, struct arena *arena,
    const struct socketmap_request *request, struct strbuf *text)
{
	struct job job = { .rules = rules, .env = env, .arena = arena };
	const char *key = request->key;
	size_t len = request->key_len;
	int table = -1;

	for (int t = 0; t < TABLE_COUNT; t++)
		if (strlen(names[t]) == request->name_len &&
		    memcmp(names[t], request->name, request->name_len) == 0)
			table = t;
	if (table == -1)
		return answer_unknown(request, arena, text);
	job.table = (enum table)table;
	if (!is_refusal(job.table, key, len))
		return SOCKETMAP_NOTFOUND;
	if (job.table != TABLE_DELIVERY) {
		if (is_ours(key, len))
			return SOCKETMAP_NOTFOUND;
		if (refused_find(refused, arena, key, len, &job.values) ==
		    REFUSED_OWN)
			return SOCKETMAP_NOTFOUND;
	}
	job.unwrapped = unwrap_said(arena, key, len);
	reword(&job);
	add_value(&job, text);
	if (text->len > 0)
		record(&job, key, len);
	if (text->len > 0 && !rules->observe)
		return SOCKETMAP_OK;
	/* After a TEMP or PERM Postfix keeps its words, too, but complains. */
	strbuf_reset(text);
	return SOCKETMAP_NOTFOUND;
}
