#include "reply/unwrap_forms.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* What follows the queue id in the lines about refusals. */
static const struct act {
	const char *word;
	enum speaker speaker;
} acts[] = {
	{ "reject: ", SPEAKER_MTA },
	{ "reject_warning: ", SPEAKER_MTA },
	{ "proxy-reject: ", SPEAKER_MTA },
	{ "milter-reject: ", SPEAKER_MILTER },
};

#define ACT_COUNT	(sizeof(acts) / sizeof(acts[0]))

/* What Postfix says of the step that a reply answered, and how SMTP does. */
static const struct step {
	const char *words;
	const char *stage;
} steps[] = {
	{ "MAIL FROM command", "MAIL" },
	{ "RCPT TO command", "RCPT" },
	{ "DATA command", "DATA" },
	{ "BDAT command", "end-of-data" },
	{ "end of DATA command", "end-of-data" },
	{ "EHLO command", "EHLO" },
	{ "HELO command", "HELO" },
	{ "AUTH command", "AUTH" },
	{ "STARTTLS command", "STARTTLS" },
	{ "initial server greeting", "CONNECT" },
};

#define STEP_COUNT	(sizeof(steps) / sizeof(steps[0]))

#define IN_REPLY	" (in reply to "
/* The queue says no code: that of RFC 3463 for "Delivery time expired". */
#define EXPIRED		"5.4.7 expired, returned to sender"

/* Cuts "(in reply to RCPT TO command)" off the end of len bytes. */
static size_t
step_cut(struct unwrapping *u, const char *text, size_t len)
{
	const size_t mark = strlen(IN_REPLY);

	if (len == 0 || text[len - 1] != ')')
		return len;
	for (size_t at = len - 1; at-- > 0;) {
		const char *step = text + at + mark;
		size_t step_len;

		if (text[at] != ' ' || strncmp(text + at, IN_REPLY, mark) != 0)
			continue;
		step_len = len - 1 - at - mark;
		for (size_t i = 0; i < STEP_COUNT; i++)
			if (strlen(steps[i].words) == step_len &&
			    memcmp(step, steps[i].words, step_len) == 0)
				u->out.stage = steps[i].stage;
		return at;
	}
	return len;
}

/* "host X[ip] said: REPLY (in reply to ...)" and its kin. */
static bool
said(struct unwrapping *u, const char *text)
{
	static const char *const befores[] = { "host ",
	    "SASL authentication failed; server " };
	static const char *const behinds[] = { " said: ",
	    " refused to talk to me: " };
	struct unwrap_host host;

	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++) {
		const char *p;

		if (strncmp(text, befores[i], strlen(befores[i])) != 0)
			continue;
		p = unwrap_host(text + strlen(befores[i]), &host);
		for (size_t n = 0; p != NULL && n < 2; n++) {
			const char *reply = p + strlen(behinds[n]);

			if (strncmp(p, behinds[n], strlen(behinds[n])) != 0)
				continue;
			unwrap_remote(u, &host);
			u->out.stage = i == 1 ? "AUTH" : n == 1 ? "CONNECT" :
			    "";
			unwrap_reply(u, SPEAKER_REMOTE, reply,
			    step_cut(u, reply, strlen(reply)));
			return true;
		}
	}
	return false;
}

/* How Postfix begins what it says itself of a failed delivery. */
static const char *const own_words[] = {
	"connect to ",
	"lost connection with ",
	"conversation with ",
	"message size ",
	"message requires SMTPUTF8",
	"mail for ",
	"Host or domain name not found",
	"Host not found",
	"unable to look up host ",
	"TLS is required",
	"Cannot start TLS: ",
	"Server certificate not ",
	"REQUIRETLS",
	"SASL authentication failed",
	"unknown user: ",
	"maildir delivery failed: ",
	"mailbox ",
	"cannot update mailbox ",
	"cannot find any ",
	"address resolver failure",
	"protocol error: ",
	"delivery temporarily suspended",
	"Command died with ",
	"temporary failure",
	"Command time limit exceeded",
	"user lookup error",
	"alias database unavailable",
	"mail transport unavailable",
	"bad address syntax",
	"too many hops",
	"mail forwarding loop",
	"Domain ",
};

#define OWN_COUNT	(sizeof(own_words) / sizeof(own_words[0]))

/* The last host of the words, "name[ip]", is the one that they speak of. */
static void
remote_find(struct unwrapping *u, const char *text)
{
	struct unwrap_host host;

	for (const char *p = text; p != NULL; p = strchr(p, ' ')) {
		p += strspn(p, " ");
		if (unwrap_host(p, &host) != NULL && host.name_len > 0 &&
		    memchr(host.name, '.', host.name_len) != NULL)
			unwrap_remote(u, &host);
	}
}

static bool
own(struct unwrapping *u, const char *text, const char *enhanced)
{
	bool known = *enhanced != '\0';

	for (size_t i = 0; i < OWN_COUNT; i++)
		known = known || strncmp(text, own_words[i],
		    strlen(own_words[i])) == 0;
	if (!known)
		return false;
	remote_find(u, text);
	if (*enhanced != '\0')
		text = arena_format(u->arena, "%s %s", enhanced, text);
	unwrap_reply(u, SPEAKER_DELIVERY, text, strlen(text));
	return true;
}

bool
unwrap_delivery(struct unwrapping *u, const char *text, const char *enhanced)
{
	const char *suspended = "delivery temporarily suspended: ";
	const char *p = text;

	if (strncmp(p, suspended, strlen(suspended)) == 0)
		p += strlen(suspended);
	return said(u, p) || own(u, p, enhanced);
}

/* Where an ID= field ends: at a blank or a comma. */
static size_t
word_len(const char *text)
{
	return strcspn(text, " ,;");
}

/* "from=<a> to=<b>, proto=ESMTP helo=<c>": the place behind the last. */
static const char *
fields(struct unwrapping *u, const char *p)
{
	static const struct {
		const char *key;
		enum variable variable;
	} keys[] = {
		{ "from=", VARIABLE_SENDER },
		{ "to=", VARIABLE_RECIPIENT },
		{ "proto=", VARIABLE_NONE },
		{ "helo=", VARIABLE_HELO },
		{ "sasl_method=", VARIABLE_NONE },
		{ "sasl_username=", VARIABLE_AUTH_USER },
		{ "sasl_sender=", VARIABLE_NONE },
	};
	const char *end = p;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]);) {
		const char *value = p + strlen(keys[i].key), *behind;
		size_t len;

		if (strncmp(p, keys[i].key, strlen(keys[i].key)) != 0) {
			i++;
			continue;
		}
		behind = unwrap_address(value, &value, &len);
		/* The last field may be cut at the end of the line. */
		if (behind == NULL && *value == '<' &&
		    value[strlen(value) - 1] == '>') {
			value++;
			len = strlen(value) - 1;
			behind = value + len + 1;
		} else if (behind == NULL) {
			len = word_len(value);
			behind = value + len;
		}
		if (keys[i].variable != VARIABLE_NONE)
			unwrap_value(u, keys[i].variable, value, len);
		end = behind;
		p = end + strspn(end, ", ");
		i = 0;
	}
	return end;
}

/*
 * The "; from=<...>" behind a reply.  An address at the start of the reply is
 * passed over: whoever chose it may have written the same into it.
 */
static const char *
fields_find(const char *text)
{
	static const char *const firsts[] = { "; from=<", "; to=<",
	    "; proto=" };
	const char *best = NULL, *address, *behind;
	size_t len;

	text += strspn(text, "0123456789. -");
	behind = unwrap_address(text, &address, &len);
	if (behind != NULL)
		text = behind;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		const char *found = strstr(text, firsts[i]);

		if (found != NULL && (best == NULL || found < best))
			best = found;
	}
	return best;
}

/* "header Subject: ... from x[ip]; from=<> to=<> proto= helo=<>: REPLY" */
static bool
checked(struct unwrapping *u, const char *text)
{
	const char *p, *last = NULL;
	struct unwrap_host host;

	if (strncmp(text, "header ", 7) != 0 &&
	    strncmp(text, "body ", 5) != 0 &&
	    strncmp(text, "mime-header ", 12) != 0 &&
	    strncmp(text, "nested-header ", 14) != 0)
		return false;
	/* What was refused stands in front; so the last one is ours. */
	for (p = text; (p = strstr(p, "; from=<")) != NULL; p++)
		last = p;
	if (last == NULL)
		return false;
	for (p = last; p > text; p--)
		if (strncmp(p, " from ", 6) == 0)
			break;
	if (strncmp(p, " from ", 6) == 0 && unwrap_host(p + 6, &host) != NULL)
		unwrap_client(u, &host);
	p = fields(u, last + 2);
	if (p[0] == ':' && p[1] == ' ') {
		u->out.stage = "end-of-data";
		unwrap_reply(u, SPEAKER_MTA, p + 2, strlen(p + 2));
	}
	return true;
}

/* "RCPT from name[ip]:port: REPLY; from=<> to=<> proto=ESMTP helo=<>" */
static bool
refused(struct unwrapping *u, const char *text, enum speaker speaker)
{
	const size_t stage = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
	const char *p = text + stage, *end;
	struct unwrap_host host;

	if (stage == 0)
		return false;
	if (strncmp(p, " from ", 6) == 0) {
		p = unwrap_host(p + 6, &host);
		if (p == NULL)
			return false;
		unwrap_client(u, &host);
	}
	if (p[0] != ':' || p[1] != ' ')
		return false;
	p += 2;
	u->out.stage = text_starts(text, "END-OF-MESSAGE") ? "end-of-data" :
	    unwrap_keep(u, text, stage);
	end = fields_find(p);
	if (end != NULL)
		fields(u, end + 2);
	unwrap_reply(u, speaker, p, end != NULL ? (size_t)(end - p) :
	    strlen(p));
	return true;
}

/* Behind the field of this name in "to=<...>, relay=..., dsn=..."; or NULL. */
static const char *
field(const char *text, const char *key)
{
	const char *p = text, *address;
	size_t len;

	for (;;) {
		const char *behind = strchr(p, '=');

		if (strncmp(p, key, strlen(key)) == 0)
			return p + strlen(key);
		if (behind == NULL)
			return NULL;
		p = unwrap_address(behind + 1, &address, &len);
		p = strstr(p != NULL ? p : behind, ", ");
		if (p == NULL)
			return NULL;
		p += 2;
	}
}

/* "to=<...>, relay=..., dsn=5.1.1, status=bounced (...)" */
static bool
delivered(struct unwrapping *u, const char *text)
{
	static const char *const failures[] = { "bounced (", "deferred (",
	    "undeliverable (", "softbounce (", "expired (" };
	const char *status, *dsn, *address, *p = NULL;
	size_t len;

	if (strncmp(text, "to=", 3) == 0)
		status = field(text, "status=");
	else if (strncmp(text, "status=", 7) == 0)
		status = text + 7;
	else
		return false;
	if (status == NULL)
		return false;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (text_starts(status, failures[i]))
			p = status + strlen(failures[i]);
	if (p == NULL || (len = strlen(p)) == 0 || p[len - 1] != ')')
		return true;
	dsn = field(text, "dsn=");
	unwrap_delivery(u, unwrap_keep(u, p, len - 1), dsn != NULL ?
	    unwrap_keep(u, dsn, word_len(dsn)) : "4.0.0");
	if (unwrap_address(text + 3, &address, &len) != NULL)
		unwrap_value(u, VARIABLE_RECIPIENT, address, len);
	return true;
}

/* "from=<...>, status=expired, returned to sender", also "force-expired" */
static bool
expired(struct unwrapping *u, const char *text)
{
	static const char *const outcomes[] = { "expired, returned to sender",
	    "force-expired, returned to sender" };
	const char *status, *address;
	size_t len;

	if (strncmp(text, "from=", 5) != 0 ||
	    (status = field(text, "status=")) == NULL ||
	    (strcmp(status, outcomes[0]) != 0 &&
	    strcmp(status, outcomes[1]) != 0))
		return false;
	unwrap_reply(u, SPEAKER_DELIVERY, EXPIRED, strlen(EXPIRED));
	if (unwrap_address(text + 5, &address, &len) != NULL)
		unwrap_value(u, VARIABLE_SENDER, address, len);
	return true;
}

/* "warning: name[ip]: SASL LOGIN authentication failed: why" */
static bool
sign_in_refused(struct unwrapping *u, const char *text)
{
	static const char *const before = "warning: ", *const sasl = ": SASL ";
	struct unwrap_host host;
	const char *p;

	if (strncmp(text, before, strlen(before)) != 0)
		return false;
	p = unwrap_host(text + strlen(before), &host);
	if (p == NULL || strncmp(p, sasl, strlen(sasl)) != 0 ||
	    strstr(p, " authentication failed: ") == NULL)
		return false;
	unwrap_client(u, &host);
	u->out.stage = "AUTH";
	p += strlen(": ");
	unwrap_reply(u, SPEAKER_MTA, p, strlen(p));
	return true;
}

bool
unwrap_postfix(struct unwrapping *u, const char *text)
{
	const char *p;

	if (sign_in_refused(u, text))
		return true;
	p = unwrap_queue_id(u, text);
	for (size_t i = 0; i < ACT_COUNT; i++) {
		const size_t len = strlen(acts[i].word);

		if (strncmp(p, acts[i].word, len) == 0)
			return checked(u, p + len) ||
			    refused(u, p + len, acts[i].speaker);
	}
	return delivered(u, p) || expired(u, p) || (p != text && said(u, p));
}
