#include "inside_mails.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "session/refused.h"

static const struct judged_field usual_fields[12] = {
	{ "Received", " from mail.example.net (mail.example.net [192.0.2.1])\n"
	    "\tby mx.example.com (Postfix) with ESMTPS id 4XyZ12345z6789\n"
	    "\tfor <bob@example.com>; Sun, 22 Nov 2026 10:00:00 +0000" },
	{ "Received", " by mail.example.net (Postfix, from userid 1000)\n"
	    "\tid 4XyZ00001z1; Sun, 22 Nov 2026 09:59:58 +0000 (UTC)" },
	{ "From", " Ann Lee <ann.lee@example.net>" },
	{ "To", " Bob <bob@example.com>" },
	{ "Subject", NULL },
	{ "Date", " Sun, 22 Nov 2026 10:00:00 +0000" },
	{ "Message-ID", " <20261122100000.4711@mail.example.net>" },
	{ "MIME-Version", " 1.0" },
	{ "Content-Type", " text/plain; charset=utf-8" },
	{ "Content-Transfer-Encoding", " quoted-printable" },
	{ "X-Mailer", " Some Mailer 1.2.3" },
	{ "List-Id", " Garden <garden.lists.example.net>" },
};

static const char body[] = "Hello Bob,\r\nsome words of a text.\r\n";

void
mails_init(struct mails *mails, size_t subject_len)
{
	struct strbuf text = STRBUF_INIT;

	memset(mails, 0, sizeof(*mails));
	mails->refused = refused_new();
	mails->env = judged_env(mails->refused);
	for (size_t n = 0; n < MAILS; n++) {
		char **texts = mails->texts[n];

		strbuf_addf(&text, "192.0.2.%zu", n);
		texts[0] = strbuf_detach(&text);
		strbuf_addf(&text, "mail%zu.example.net", n * 7);
		texts[1] = strbuf_detach(&text);
		strbuf_addf(&text, "ann.lee%zu@news%zu.example.net", n, n % 7);
		texts[2] = strbuf_detach(&text);
		inside_add_subject(&text, subject_len, n);
		texts[3] = strbuf_detach(&text);
		memcpy(mails->fields[n], usual_fields, sizeof(usual_fields));
		mails->fields[n][4].value = texts[3];
		mails->mail[n] = (struct judged_mail){
			.host = texts[1], .ip = texts[0], .helo = texts[1],
			.sender = texts[2], .recipient = "bob@example.com",
			.field_count = 12, .fields = mails->fields[n],
			.body = body, .body_len = sizeof(body) - 1,
		};
	}
}

void
mails_release(struct mails *mails)
{
	for (size_t n = 0; n < MAILS; n++)
		for (size_t i = 0; i < 4; i++)
			free(mails->texts[n][i]);
	refused_free(mails->refused);
}
