#include "daemon/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "reply/reply.h"
#include "session/session.h"
#include "world/log.h"

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

sfsistat
answer_give_end(SMFICTX *ctx, const struct answer *answer)
{
	if (answer->kind == ANSWER_CONTINUE) {
		for (size_t i = 0; i < answer->drop_count; i++)
			if (drop_recipient(ctx, answer->drop[i]) == -1)
				return SMFIS_TEMPFAIL;
		if (answer->quarantine != NULL &&
		    quarantine(ctx, answer->quarantine) == -1)
			return SMFIS_TEMPFAIL;
	}
	return answer_give(ctx, answer);
}
