#include "config/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "policy/message.h"
#include "reply/reply.h"
#include "session/demand.h"
#include "session/session.h"

#define BOUNDARY	"=_parts"

struct sending {
	const struct mail *mail;
	struct session *session;
	struct mail_result result;
	bool refused;		/* the first refusal is in result */
};

/* Returns true if the conversation goes on. */
static bool
goes_on(struct sending *s, struct answer answer)
{
	if (answer.kind != ANSWER_REFUSE)
		return true;
	if (!s->refused) {
		s->result.end = MAIL_REFUSED;
		s->result.status = answer.reply->status;
	}
	s->refused = true;
	return false;
}

static void
send_macros(struct sending *s, enum stage stage)
{
	const struct mail *mail = s->mail;

	for (int a = 0; a < ATTRIBUTE_COUNT; a++) {
		enum attribute attribute = (enum attribute)a;

		if (*attribute_macro(attribute) != '\0' &&
		    attribute_stage(attribute) == stage &&
		    mail->text[a] != NULL)
			session_macro(s->session, demand_place(stage),
			    attribute_macro(attribute), mail->text[a]);
	}
	for (size_t i = 0; i < mail->macros.count; i++)
		if (macro_stage(mail->macros.items[i].name) == stage)
			session_macro(s->session, demand_place(stage),
			    mail->macros.items[i].name,
			    mail->macros.items[i].value);
}

/* Returns the number of recipients that were taken. */
static size_t
send_recipients(struct sending *s)
{
	const struct words *recipients = &s->mail->recipients;
	size_t count = s->mail->number[ATTRIBUTE_RECIPIENTS];
	struct strbuf more = STRBUF_INIT;
	size_t taken = 0;

	if (count < recipients->count)
		count = recipients->count;
	for (size_t i = 0; i < count; i++) {
		const char *address = more.text;

		strbuf_reset(&more);
		if (i < recipients->count)
			address = recipients->items[i];
		else {
			strbuf_addf(&more, "recipient%zu@example.com", i + 1);
			address = more.text;
		}
		send_macros(s, STAGE_RCPT);
		taken += goes_on(s, session_rcpt(s->session, address));
	}
	strbuf_release(&more);
	return taken;
}

static void
send_fields(struct sending *s)
{
	const struct mail *mail = s->mail;

	for (uint64_t i = 0; i < mail->number[ATTRIBUTE_HOPS]; i++)
		session_header(s->session, "Received",
		    "from mail.example.net by mx.example.com with ESMTP");
	if (mail->text[ATTRIBUTE_SUBJECT] != NULL)
		session_header(s->session, "Subject",
		    mail->text[ATTRIBUTE_SUBJECT]);
	for (size_t i = 0; i < mail->fields.count; i++)
		session_header(s->session, mail->fields.items[i].name,
		    mail->fields.items[i].value);
	if (mail->attachments.count == 0)
		return;
	session_header(s->session, "MIME-Version", "1.0");
	session_header(s->session, "Content-Type",
	    "multipart/mixed; boundary=\"" BOUNDARY "\"");
}

/* A file name in quotes, as in a header field. */
static void
add_name(struct strbuf *body, const char *name)
{
	strbuf_adds(body, "filename=\"");
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			strbuf_addch(body, '\\');
		strbuf_addch(body, *name);
	}
	strbuf_adds(body, "\"\r\n");
}

static void
add_parts(struct strbuf *body, const struct mail *mail, const char *text)
{
	strbuf_addf(body, "--" BOUNDARY "\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", text);
	for (size_t i = 0; i < mail->attachments.count; i++) {
		strbuf_adds(body, "--" BOUNDARY "\r\n"
		    "Content-Type: application/octet-stream\r\n"
		    "Content-Disposition: attachment; ");
		add_name(body, mail->attachments.items[i]);
		strbuf_adds(body, "\r\n\r\n");
	}
	strbuf_adds(body, "--" BOUNDARY "--\r\n");
}

/* Lines of nothing, until the message has the size that is given. */
static void
send_padding(struct sending *s)
{
	static const char lines[] =
	    "                                                            \r\n"
	    "                                                            \r\n";
	uint64_t wanted = s->mail->number[ATTRIBUTE_SIZE];
	const struct message *message = session_facts(s->session)->message;
	uint64_t size;

	while ((size = message_size_bytes(message)) < wanted) {
		uint64_t len = wanted - size;

		if (len > sizeof(lines) - 1)
			len = sizeof(lines) - 1;
		session_body(s->session, lines, (size_t)len);
	}
}

static void
send_body(struct sending *s)
{
	const char *text = s->mail->text[ATTRIBUTE_BODY];
	struct strbuf body = STRBUF_INIT;

	if (text == NULL)
		text = "";
	if (s->mail->attachments.count > 0)
		add_parts(&body, s->mail, text);
	else if (*text != '\0')
		strbuf_addf(&body, "%s\r\n", text);
	if (body.len > 0)
		session_body(s->session, body.text, body.len);
	strbuf_release(&body);
	send_padding(s);
}

static void
send_message(struct sending *s)
{
	struct answer answer;

	send_fields(s);
	send_body(s);
	send_macros(s, STAGE_EOM);
	answer = session_end(s->session);
	if (!goes_on(s, answer) || s->refused)
		return;
	if (answer.kind == ANSWER_DISCARD || answer.drop_count > 0)
		s->result.end = MAIL_DISCARDED;
	else if (answer.quarantine != NULL)
		s->result.end = MAIL_HELD;
}

struct mail_result
mail_send(const struct mail *mail, struct session *session)
{
	struct sending s = {
		.mail = mail,
		.session = session,
		.result = { .end = MAIL_ACCEPTED },
	};
	const struct ip *ip = mail->client_ip.family != 0 ?
	    &mail->client_ip : NULL;
	const char *helo = mail->text[ATTRIBUTE_HELO];

	send_macros(&s, STAGE_CONNECT);
	if (!goes_on(&s, session_connect(session,
	    mail->text[ATTRIBUTE_CLIENT_NAME], ip,
	    (unsigned)mail->number[ATTRIBUTE_CLIENT_PORT])))
		return s.result;
	send_macros(&s, STAGE_HELO);
	if (helo != NULL && !goes_on(&s, session_helo(session, helo)))
		return s.result;
	send_macros(&s, STAGE_MAIL);
	if (!goes_on(&s, session_mail(session, mail->text[ATTRIBUTE_SENDER])))
		return s.result;
	if (send_recipients(&s) > 0)
		send_message(&s);
	return s.result;
}
