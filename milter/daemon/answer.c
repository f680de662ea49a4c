#include "daemon/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "reply/reply.h"
#include "session/session.h"
#include "world/log.h"

#define BODY_PIECE_BYTES	(1024 * 1024)
#define CODE_TEXT_MAX	8	/* "550" and the NUL, and gcc content */

/*
 * Sendmail hands the text to printf() and drops the whole of it over a single
 * `%', Postfix takes single ones out: the only place where they are doubled.
 */
static char *
line_protect(const char *line)
{
	struct strbuf out = STRBUF_INIT;

	for (; *line != '\0'; line++) {
		if (*line == '%')
			strbuf_addch(&out, '%');
		strbuf_addch(&out, *line);
	}
	return strbuf_detach(&out);
}

/* smfi_setmlreply() reads up to the first NULL: the unused lines are NULL. */
static int
set_reply(SMFICTX *ctx, const struct reply *reply)
{
	char code[CODE_TEXT_MAX], enhanced[STATUS_TEXT_MAX];
	char *l[REPLY_LINES_MAX] = { NULL };
	int rc;

	snprintf(code, sizeof(code), "%u", reply->status.code);
	status_format_enhanced(reply->status, enhanced);
	for (size_t i = 0; i < reply->count; i++)
		l[i] = line_protect(reply->lines[i]);
	rc = smfi_setmlreply(ctx, code, enhanced,
	    l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7],
	    l[8], l[9], l[10], l[11], l[12], l[13], l[14], l[15],
	    l[16], l[17], l[18], l[19], l[20], l[21], l[22], l[23],
	    l[24], l[25], l[26], l[27], l[28], l[29], l[30], l[31],
	    (char *)NULL);
	for (size_t i = 0; i < reply->count; i++)
		free(l[i]);
	return rc == MI_SUCCESS ? 0 : -1;
}

/*
 * libmilter drops a reply without a word where its class is not that of the
 * return value.  If it takes no text at all, the MTA's own has to do: it
 * says less, but refuses as well.
 */
static sfsistat
refuse(SMFICTX *ctx, const struct reply *reply)
{
	if (set_reply(ctx, reply) == -1) {
		struct strbuf text = STRBUF_INIT;

		reply_format_line(reply, 0, &text);
		log_event(LEVEL_ERROR, "answer", "libmilter did not take the "
		    "reply, the mail server refuses in its own words: "
		    "%s", text.text);
		strbuf_release(&text);
	}
	return status_class(reply->status) == 4 ? SMFIS_TEMPFAIL :
	    SMFIS_REJECT;
}

sfsistat
answer_give(SMFICTX *ctx, const struct answer *answer)
{
	switch (answer->kind) {
	case ANSWER_CONTINUE:
		return SMFIS_CONTINUE;
	case ANSWER_REFUSE:
		return refuse(ctx, answer->reply);
	case ANSWER_DISCARD:
		return SMFIS_DISCARD;
	}
	return SMFIS_TEMPFAIL;
}

/*
 * Fails where the MTA did not offer the action, or is gone.  Then the client
 * keeps the mail: accepted as it is, it would reach whom it should not.
 */
static int
quarantine(SMFICTX *ctx, const char *reason)
{
	char *copy = xstrdup(reason);
	int rc = smfi_quarantine(ctx, copy);

	free(copy);
	if (rc == MI_SUCCESS)
		return 0;
	log_event(LEVEL_ERROR, "answer", "the mail server did not "
	    "quarantine the "
	    "message, it is deferred: %s", reason);
	return -1;
}

static int
drop_recipient(SMFICTX *ctx, const char *recipient)
{
	char *copy = xstrdup(recipient);
	int rc = smfi_delrcpt(ctx, copy);

	free(copy);
	if (rc == MI_SUCCESS)
		return 0;
	log_event(LEVEL_ERROR, "answer", "the mail server did not take out a "
	    "recipient, the message is deferred: %s", recipient);
	return -1;
}

/* libmilter's functions take no const, and change nothing. */
struct copied {
	char	*name, *value;
};

static int
carry_out(SMFICTX *ctx, const struct change *change,
    const struct copied *copied)
{
	switch (change->kind) {
	case CHANGE_ADD_HEADER:
		return smfi_addheader(ctx, copied->name, copied->value);
	case CHANGE_INSERT_HEADER:
		return smfi_insheader(ctx, (int)change->index, copied->name,
		    copied->value);
	case CHANGE_HEADER:
		return smfi_chgheader(ctx, copied->name, (int)change->index,
		    copied->value);
	case CHANGE_SENDER:
		return smfi_chgfrom(ctx, copied->name,
		    *copied->value != '\0' ? copied->value : NULL);
	case CHANGE_ADD_RCPT:
		return *copied->value != '\0' ?
		    smfi_addrcpt_par(ctx, copied->name, copied->value) :
		    smfi_addrcpt(ctx, copied->name);
	case CHANGE_DELETE_RCPT:
		return smfi_delrcpt(ctx, copied->name);
	case CHANGE_QUARANTINE:
		return smfi_quarantine(ctx, copied->name);
	case CHANGE_BODY:
		break;
	}
	return MI_FAILURE;
}

static int
replace_body(SMFICTX *ctx, const struct change *change)
{
	unsigned char *bytes = xmalloc(change->len + 1);
	size_t done = 0;
	int rc = MI_SUCCESS;

	memcpy(bytes, change->bytes, change->len);
	/* An empty body is a new body, too: at least one piece. */
	do {
		size_t len = change->len - done < BODY_PIECE_BYTES ?
		    change->len - done : BODY_PIECE_BYTES;

		rc = smfi_replacebody(ctx, bytes + done, (int)len);
		done += len;
	} while (rc == MI_SUCCESS && done < change->len);
	free(bytes);
	return rc;
}

/* What the milters behind us want changed, in their order; then the body. */
static int
change_message(SMFICTX *ctx, const struct changes *changes)
{
	const struct change *change = changes->first;
	int rc = MI_SUCCESS;

	for (; change != NULL && rc == MI_SUCCESS; change = change->next) {
		const struct copied copied = {
			.name = xstrdup(change->name),
			.value = xstrdup(change->value),
		};

		rc = carry_out(ctx, change, &copied);
		free(copied.name);
		free(copied.value);
	}
	if (rc == MI_SUCCESS && changes->body != NULL)
		rc = replace_body(ctx, changes->body);
	if (rc == MI_SUCCESS)
		return 0;
	log_event(LEVEL_ERROR, "answer", "the mail server did not take a "
	    "change that a milter made, the message is deferred");
	return -1;
}

sfsistat
answer_give_end(SMFICTX *ctx, const struct answer *answer)
{
	if (answer->kind == ANSWER_CONTINUE) {
		if (change_message(ctx, &answer->changes) == -1)
			return SMFIS_TEMPFAIL;
		for (size_t i = 0; i < answer->drop_count; i++)
			if (drop_recipient(ctx, answer->drop[i]) == -1)
				return SMFIS_TEMPFAIL;
		if (answer->quarantine != NULL &&
		    quarantine(ctx, answer->quarantine) == -1)
			return SMFIS_TEMPFAIL;
	}
	return answer_give(ctx, answer);
}
