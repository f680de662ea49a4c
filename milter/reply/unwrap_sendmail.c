#include "reply/unwrap_forms.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* How Sendmail calls the steps in its logs, and how SMTP does. */
static const struct step {
	const char *word;
	const char *stage;
} steps[] = {
	{ "check_relay", "CONNECT" },
	{ "check_mail", "MAIL" },
	{ "check_rcpt", "RCPT" },
	{ "check_compat", "RCPT" },
	{ "check_data", "DATA" },
	{ "check_eom", "end-of-data" },
	{ "connect", "CONNECT" },
	{ "helo", "EHLO" },
	{ "from", "MAIL" },
	{ "mail", "MAIL" },
	{ "to", "RCPT" },
	{ "rcpt", "RCPT" },
	{ "data", "DATA" },
	{ "eoh", "end-of-data" },
	{ "header", "end-of-data" },
	{ "body", "end-of-data" },
	{ "eom", "end-of-data" },
};

#define STEP_COUNT	(sizeof(steps) / sizeof(steps[0]))

static const char *
stage_of(const char *word, size_t len)
{
	const struct text text = { .bytes = word, .len = len };

	for (size_t i = 0; i < STEP_COUNT; i++)
		if (text_is(text, steps[i].word))
			return steps[i].stage;
	return "";
}

/*
 * The value of "key=" at the start of text or behind ", "; NULL where there is
 * none.  It goes to the next ", ", or for an address in <> behind that.
 */
static const char *
field_find(const char *text, const char *key, size_t *len)
{
	const size_t key_len = strlen(key);
	const char *p = text, *address;

	for (;;) {
		if (strncmp(p, key, key_len) == 0 && p[key_len] == '=')
			break;
		p = strstr(p, ", ");
		if (p == NULL)
			return NULL;
		p += 2;
	}
	p += key_len + 1;
	if (unwrap_address(p, &address, len) != NULL) {
		*len += 2;
		return p;
	}
	address = strstr(p, ", ");
	*len = address != NULL ? (size_t)(address - p) : strlen(p);
	return p;
}

static void
address_keep(struct unwrapping *u, enum variable variable, const char *text,
    const char *key)
{
	size_t len;
	const char *p = field_find(text, key, &len);

	if (p == NULL)
		return;
	if (len >= 2 && *p == '<' && p[len - 1] == '>') {
		p++;
		len -= 2;
	}
	unwrap_value(u, variable, p, len);
}

static void
relay_keep(struct unwrapping *u, const char *text,
    void (*keep)(struct unwrapping *, const struct unwrap_host *))
{
	struct unwrap_host host;
	size_t len;
	const char *p = field_find(text, "relay", &len);

	if (p != NULL && unwrap_host(p, &host) != NULL)
		keep(u, &host);
}

/* "ruleset=check_rcpt, arg1=<...>, relay=name [ip], reject=REPLY" */
static bool
ruleset(struct unwrapping *u, const char *text)
{
	const char *reject, *rule;
	size_t len;

	if (!text_starts(text, "ruleset="))
		return false;
	reject = strstr(text, ", reject=");
	if (reject == NULL)
		return *u->out.program != '\0';
	rule = field_find(text, "ruleset", &len);
	u->out.stage = stage_of(rule, len);
	if (strcmp(u->out.stage, "RCPT") == 0)
		address_keep(u, VARIABLE_RECIPIENT, text, "arg1");
	else if (strcmp(u->out.stage, "MAIL") == 0)
		address_keep(u, VARIABLE_SENDER, text, "arg1");
	relay_keep(u, text, unwrap_client);
	reject += strlen(", reject=");
	unwrap_reply(u, SPEAKER_MTA, reject, strlen(reject));
	return true;
}

/* "Milter: to=<...>, reject=REPLY", "milter=x, action=mail, reject=REPLY" */
static bool
milter(struct unwrapping *u, const char *text)
{
	const char *reject, *step;
	size_t len;

	if (text_starts(text, "Milter") && strstr(text, ": ") != NULL) {
		step = strstr(text, ": ") + 2;
		len = strcspn(step, "=,:");
		text = step;
	} else if (text_starts(text, "milter=")) {
		step = field_find(text, "action", &len);
		if (step == NULL)
			len = 0;
	} else {
		return false;
	}
	reject = strstr(text, ", reject=");
	if (reject == NULL)
		return *u->out.program != '\0';
	u->out.stage = stage_of(step, len);
	address_keep(u, VARIABLE_SENDER, text, "from");
	address_keep(u, VARIABLE_RECIPIENT, text, "to");
	reject += strlen(", reject=");
	unwrap_reply(u, SPEAKER_MILTER, reject, strlen(reject));
	return true;
}

static bool
is_reply(const char *text)
{
	return (*text == '4' || *text == '5') && text_is_digit(text[1]) &&
	    text_is_digit(text[2]) && (text[3] == ' ' || text[3] == '-');
}

/* Sendmail's own words, with the status that stands beside them. */
static void
own_words(struct unwrapping *u, const char *text, const char *words)
{
	size_t len;
	const char *dsn = field_find(text, "dsn", &len);
	const char *said = dsn == NULL ? words :
	    arena_format(u->arena, "%.*s %s", (int)(len < 16 ? len : 16), dsn,
	    words);

	unwrap_reply(u, SPEAKER_DELIVERY, said, strlen(said));
}

/* "to=<...>, ..., relay=..., dsn=5.1.1, [reply=REPLY,] stat=..." */
static bool
delivery(struct unwrapping *u, const char *text)
{
	const char *stat, *reply, *end;

	if (!text_starts(text, "to=") ||
	    (stat = strstr(text, ", stat=")) == NULL)
		return false;
	stat += strlen(", stat=");
	/* RSET: the client gave the message up. */
	if (text_starts(stat, "Sent") || text_starts(stat, "queued") ||
	    text_equal(stat, "RSET"))
		return true;
	address_keep(u, VARIABLE_RECIPIENT, text, "to");
	relay_keep(u, text, unwrap_remote);
	u->out.stage = "RCPT";
	reply = strstr(text, ", reply=");
	if (reply != NULL && reply < stat) {
		reply += strlen(", reply=");
		end = stat - strlen(", stat=");
		/* "read error from mx." is no reply. */
		if (is_reply(reply)) {
			unwrap_reply(u, SPEAKER_REMOTE, reply,
			    (size_t)(end - reply));
			return true;
		}
	}
	if (text_starts(stat, "Deferred: "))
		stat += strlen("Deferred: ");
	if (is_reply(stat))
		unwrap_reply(u, SPEAKER_REMOTE, stat, strlen(stat));
	else
		own_words(u, text, stat);
	return true;
}

/* "<ann@example.net>... User unknown" */
static bool
refused_address(struct unwrapping *u, const char *text)
{
	const char *address, *p;
	size_t len;

	p = unwrap_address(text, &address, &len);
	if (p == NULL || !text_starts(p, "... "))
		return false;
	unwrap_value(u, VARIABLE_RECIPIENT, address, len);
	u->out.stage = "RCPT";
	unwrap_reply(u, SPEAKER_MTA, text, strlen(text));
	return true;
}

/* "rejecting commands from name [ip] due to pre-greeting traffic after ..." */
static bool
early_talker(struct unwrapping *u, const char *text)
{
	static const char *const before = "rejecting commands from ";
	struct unwrap_host host;
	const char *p;

	if (!text_starts(text, before))
		return false;
	p = text + strlen(before);
	p += strspn(p, " ");
	p = unwrap_host(p, &host);
	if (p == NULL || !text_starts(p, " due to pre-greeting traffic"))
		return false;
	unwrap_client(u, &host);
	u->out.stage = "CONNECT";
	unwrap_reply(u, SPEAKER_MTA, text, strlen(text));
	return true;
}

bool
unwrap_sendmail(struct unwrapping *u, const char *text)
{
	const char *p = unwrap_queue_id(u, text);

	return ruleset(u, p) || milter(u, p) || delivery(u, p) ||
	    early_talker(u, p) ||
	    (*u->out.program != '\0' && refused_address(u, p));
}
