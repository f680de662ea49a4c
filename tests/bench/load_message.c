/* What the load generator sends: fixed, plain, and of a bounded variety. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DEFAULT_SUBJECT	"Minutes of the meeting on Thursday"

/* Twelve fields, the ones that matter to filters before the others. */
static const struct {
	const char	*name;
	const char	*value;
} usual[] = {
	{ "Received", "from mail.example.net (mail.example.net [192.0.2.1])\n"
	    "\tby mx.example.com (Postfix) with ESMTPS id 4Vxyz12345z9rxM\n"
	    "\tfor <user@example.com>; Sun, 22 Nov 2026 10:00:00 +0000 (UTC)" },
	{ "From", "Ann Example <ann@example.net>" },
	{ "To", "Bob Example <bob@example.com>" },
	{ "Subject", DEFAULT_SUBJECT },
	{ "Date", "Sun, 22 Nov 2026 10:00:00 +0000" },
	{ "Message-ID", "<20261122100000.4711@mail.example.net>" },
	{ "MIME-Version", "1.0" },
	{ "Content-Type", "text/plain; charset=utf-8" },
	{ "Content-Transfer-Encoding", "7bit" },
	{ "User-Agent", "Example Mail 1.0" },
	{ "Reply-To", "Ann Example <ann@example.net>" },
	{ "List-Id", "Minutes <minutes.lists.example.net>" },
};
#define USUAL_COUNT	(sizeof(usual) / sizeof(usual[0]))

static char *
with_space(const char *text)
{
	size_t size = strlen(text) + 2;
	char *copy = xmalloc(size);

	snprintf(copy, size, " %s", text);
	return copy;
}

static void
add_header(struct content *content, const char *name, const char *value)
{
	content->headers[content->header_count].name = xstrdup(name);
	content->headers[content->header_count].value = with_space(value);
	content->header_count++;
}

void
content_init(struct content *content, const struct load_options *options)
{
	static const char line[] = "These are the words of a text that nobody "
	    "has to read to its end.  They go on.\r\n";

	*content = (struct content){ .body_bytes = options->body_bytes };
	while (content->header_count < options->headers) {
		size_t n = content->header_count;
		char name[32];

		if (n >= USUAL_COUNT) {
			snprintf(name, sizeof(name), "X-Example-%zu", n);
			add_header(content, name, "of no interest");
		} else if (strcmp(usual[n].name, "Subject") == 0 &&
		    options->subject != NULL)
			add_header(content, usual[n].name, options->subject);
		else
			add_header(content, usual[n].name, usual[n].value);
	}
	content->body = xmalloc(content->body_bytes + 1);
	for (size_t i = 0; i < content->body_bytes; i++)
		content->body[i] = line[i % (sizeof(line) - 1)];
}

void
content_release(struct content *content)
{
	for (size_t i = 0; i < content->header_count; i++) {
		free(content->headers[i].name);
		free(content->headers[i].value);
	}
	free(content->body);
}

void
envelope_client(struct envelope *envelope, unsigned long connection)
{
	unsigned n = (unsigned)(connection % 250);

	envelope->ip = (struct ip){ .family = 4,
	    .bytes = { 192, 0, 2, (unsigned char)(n + 1) } };
	ip_format(&envelope->ip, envelope->address);
	snprintf(envelope->host, sizeof(envelope->host),
	    "mail%u.example.net", n);
	snprintf(envelope->host_and_address, sizeof(envelope->host_and_address),
	    "%s [%s]", envelope->host, envelope->address);
	envelope->queue_id[0] = '\0';
}

void
envelope_sender(struct envelope *envelope, unsigned long message)
{
	snprintf(envelope->sender, sizeof(envelope->sender),
	    "sender%lu@example.net", message % 251);
	snprintf(envelope->sender_path, sizeof(envelope->sender_path), "<%s>",
	    envelope->sender);
	envelope->queue_id[0] = '\0';
}

/* Postfix opens its queue file once it has taken the first recipient. */
void
envelope_recipient(struct envelope *envelope, unsigned long message,
    unsigned long recipient)
{
	snprintf(envelope->recipient, sizeof(envelope->recipient),
	    "user%lu@example.com", (message + recipient) % 241);
	snprintf(envelope->recipient_path, sizeof(envelope->recipient_path),
	    "<%s>", envelope->recipient);
	if (recipient > 0)
		envelope_queued(envelope, message);
}

void
envelope_queued(struct envelope *envelope, unsigned long message)
{
	snprintf(envelope->queue_id, sizeof(envelope->queue_id),
	    "4Vxyz%05luz9rxM", message % 100000);
}
