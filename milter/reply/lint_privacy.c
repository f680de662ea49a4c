/* Rules R1 to R4 and P1 to P7: ways on, and what must not be told. */

#include "reply/lint_rules.h"

#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "reply/lint_words.h"
#include "reply/reason.h"

#define VALUE_SHOWN_MAX	110	/* the longest value, with <> and marks */
#define NAME_SHOWN_MAX	80	/* room for an address on the stack */

static bool
has_link(const struct lint_job *job)
{
	return strstr(job->text, "://") != NULL;
}

/* A mail address that a reader may write to; the sender's is in "<>". */
static bool
has_contact(const struct lint_job *job)
{
	const char *text = job->text;
	struct token token;

	while (token_next(&text, &token))
		if (token_is_address(token_core(token)) &&
		    token.start[0] != '<')
			return true;
	return false;
}

const char *
lint_R1(struct lint_job *job)
{
	if (job->context->has_help || has_link(job) || has_contact(job))
		return NULL;
	return lint_say(job, "there is neither a link nor a contact; set help "
	    "or contact, so that the reader can learn more");
}

const char *
lint_R2(struct lint_job *job)
{
	if (job->context->has_case || strstr(job->text, "Case: ") != NULL ||
	    words_have(WORDS_CASE, job->body))
		return NULL;
	return lint_say(job, "there is no number by which staff find the "
	    "story; add a case");
}

/* "postmaster@..." and "abuse@..." are never refused (RFC 5321 4.5.1). */
static bool
is_open_address(struct token core)
{
	return text_starts(core.start, "postmaster@") ||
	    text_starts(core.start, "abuse@");
}

const char *
lint_R3(struct lint_job *job)
{
	for (size_t i = 0; i < job->reply->count; i++) {
		const char *text = job->reply->lines[i].text;
		struct token token, core;

		if (!text_starts(text, "Contact: "))
			continue;
		while (token_next(&text, &token)) {
			core = token_core(token);
			if (!token_is_address(core) || is_open_address(core))
				continue;
			return lint_say(job, "mail to %.*s may be refused for "
			    "the same reason; name postmaster, abuse, a web "
			    "form or a telephone number", TOKEN_ARGS(core));
		}
	}
	return NULL;
}

const char *
lint_R4(struct lint_job *job)
{
	struct token suspect = words_find(WORDS_SUSPECT, job->body);

	if (suspect.len == 0 || has_link(job) ||
	    words_have(WORDS_OBJECT, job->body))
		return NULL;
	return lint_say(job, "whoever is wrongly taken for \"%.*s\" "
	    "cannot object; say whom to contact", TOKEN_ARGS(suspect));
}

/* RFC 1918 and the loopback block; the IPv6 ones of RFC 4193 and ::1. */
static bool
is_private_ip(struct token core)
{
	char text[NAME_SHOWN_MAX];
	struct ip ip;

	if (core.len >= sizeof(text))
		return false;
	memcpy(text, core.start, core.len);
	text[core.len] = '\0';
	if (ip_parse(&ip, text) == -1)
		return false;
	if (ip.family == 6)
		return (ip.bytes[0] & 0xfe) == 0xfc || strcmp(text, "::1") == 0;
	return ip.bytes[0] == 10 || ip.bytes[0] == 127 ||
	    (ip.bytes[0] == 172 && (ip.bytes[1] & 0xf0) == 16) ||
	    (ip.bytes[0] == 192 && ip.bytes[1] == 168);
}

static bool
token_ends(struct token core, const char *with)
{
	size_t len = strlen(with);

	return core.len > len && text_starts(core.start + core.len - len, with);
}

/*
 * In a reply of ours that goes out, an inner name or address can only be a
 * value, since the templates were checked at load: it is what the client is or
 * wrote, and the client may read it.
 */
static bool
values_are_in(const struct lint_job *job)
{
	return job->context->reason != NULL && !job->context->templates;
}

/* A host of a network of our own. */
static bool
is_inner_host(struct token core)
{
	return !token_is_address(core) && (token_ends(core, ".local") ||
	    token_ends(core, ".internal") || token_ends(core, ".lan") ||
	    token_ends(core, ".localdomain") || token_ends(core, ".intranet"));
}

static bool
is_path(struct token core)
{
	return *core.start == '/' && (text_starts(core.start, "/etc/") ||
	    text_starts(core.start, "/var/") ||
	    text_starts(core.start, "/usr/") ||
	    text_starts(core.start, "/opt/") ||
	    text_starts(core.start, "/home/"));
}

static bool
is_table(struct token core)
{
	return memchr(core.start, ':', core.len) != NULL &&
	    (token_has(core, "ldap:") || token_has(core, "mysql:") ||
	    token_has(core, "pgsql:") || token_has(core, "hash:") ||
	    token_has(core, "regexp:") || token_has(core, "pcre:") ||
	    token_has(core, "proxy:"));
}

/*
 * The next word that may tell something of the inside.  Paths and tables have
 * one of these marks, which few words have.
 */
static bool
suspect_next(const struct lint_job *job, const char **text,
    struct token *token)
{
	if (values_are_in(job)) {
		const char *mark = strpbrk(*text, "/:");

		if (mark == NULL)
			return false;
		while (mark > *text && !text_is_space(mark[-1]))
			mark--;
		*text = mark;
	}
	return token_next(text, token);
}

const char *
lint_P1(struct lint_job *job)
{
	struct token product = words_find(WORDS_PRODUCT, job->body);
	const char *text = job->text;
	struct token token, core;

	if (product.len > 0)
		return lint_say(job, "\"%.*s\" tells what runs here; leave it "
		    "out, the case leads to it", TOKEN_ARGS(product));
	while (suspect_next(job, &text, &token)) {
		const char *what = NULL;

		core = token_core(token);
		if (token_is_link(core))
			continue;
		if (!values_are_in(job) && is_private_ip(core))
			what = "a private address";
		else if (!values_are_in(job) && is_inner_host(core))
			what = "an inner host";
		else if (is_path(core))
			what = "a path";
		else if (is_table(core))
			what = "a table";
		if (what != NULL)
			return lint_say(job, "\"%.*s\" is %s; leave it out, "
			    "the case leads to it", TOKEN_ARGS(core),
			    what);
	}
	return NULL;
}

/* "BAYES_99", but no cipher such as TLS_AES_256_GCM_SHA384. */
static bool
is_rule_name(struct token core)
{
	size_t bars = 0;

	if (core.len > 4 && text_starts(core.start, "TLS_"))
		return false;
	for (size_t i = 0; i < core.len; i++) {
		char c = core.start[i];

		if (c == '_')
			bars++;
		else if (!text_is_digit(c) && !(c >= 'A' && c <= 'Z'))
			return false;
	}
	return bars > 0;
}

const char *
lint_P2(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_SCORE, job->body);
	const char *text = job->text;
	struct token token, core;

	if (phrase.len > 0)
		return lint_say(job, "\"%.*s\" helps senders of spam to do "
		    "better; write \"because of its content\"",
		    TOKEN_ARGS(phrase));
	while (token_next(&text, &token)) {
		core = token_core(token);
		if (is_rule_name(core))
			return lint_say(job, "\"%.*s\" is the name of a rule, "
			    "which helps senders of spam to do better; leave "
			    "it out", TOKEN_ARGS(core));
	}
	return NULL;
}

const char *
lint_P3(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_PRIVATE, job->body);

	if (phrase.len == 0)
		return NULL;
	return lint_say(job, "\"%.*s\" is nobody's business but the "
	    "recipient's; write that the mailbox is closed",
	    TOKEN_ARGS(phrase));
}

/* The first word of a line is no word: an address, a name or a number. */
static bool
begins_with_value(const struct raw_line *line, size_t n, struct token *token)
{
	const char *text = line->text;

	if (!token_next(&text, token) || (n == 0 && line->code == 421))
		return false;
	return token->start[0] == '<' || (token_is_name(token_core(*token)) &&
	    !token_is_link(token_core(*token)));
}

const char *
lint_P4(struct lint_job *job)
{
	const bool commands = strpbrk(job->text, "`$") != NULL;
	const char *text = job->text;
	struct token token;

	for (size_t i = 0; i < job->reply->count; i++)
		if (begins_with_value(&job->reply->lines[i], i, &token))
			return lint_say(job, "line %zu begins with \"%.*s\", a "
			    "value and no word; begin with words of your own",
			    i + 1, TOKEN_ARGS(token));
	while (token_next(&text, &token)) {
		if (commands && (token_has(token, "${") ||
		    token_has(token, "`")))
			return lint_say(job, "\"%.*s\" is a command to some "
			    "programs; leave it out", TOKEN_ARGS(token));
		if (token.len > VALUE_SHOWN_MAX && !token_is_link(token))
			return lint_say(job, "a value has %zu characters; cut "
			    "it to 100", token.len);
	}
	return NULL;
}

const char *
lint_P5(struct lint_job *job)
{
	struct token phrase = words_find(WORDS_HALF, job->body);
	const char *stage = job->context->stage;
	struct status status;

	if (phrase.len == 0 || text_find(job->body, "or the password") != NULL)
		return NULL;
	if (!(lint_status(job, &status) && status.code == 535) &&
	    !(stage != NULL && text_equal(stage, "AUTH")))
		return NULL;
	return lint_say(job, "\"%.*s\" tells which half of the sign-in was "
	    "right; write \"the user name or the password is wrong\"",
	    TOKEN_ARGS(phrase));
}

/* A lookup that a list answered with an error, taken for a listing. */
static bool
is_list_error(const struct lint_job *job)
{
	return text_find(job->text, "127.255.255.") != NULL ||
	    text_find(job->text, "open resolver") != NULL;
}

static bool
is_listing(const struct lint_job *job)
{
	return words_have(WORDS_SUSPECT, job->body) &&
	    (text_find(job->body, "blocklist") != NULL ||
	    text_find(job->body, "blacklist") != NULL ||
	    text_find(job->body, "rbl") != NULL ||
	    text_find(job->body, "dnsbl") != NULL);
}

const char *
lint_P6(struct lint_job *job)
{
	if (is_list_error(job))
		return lint_say(job, "the blocklist gave an error and no "
		    "listing; accept, or write 451 4.4.3");
	/* Our own texts have the link where the list has one. */
	if (job->context->reason != NULL || !is_listing(job) || has_link(job))
		return NULL;
	job->severity = SEVERITY_WARNING;
	return lint_say(job, "the text names a blocklist and not where to look "
	    "the address up; write the link of the list");
}

const char *
lint_P7(struct lint_job *job)
{
	struct status status;

	/* A reason of a site with a 551 is that site's consent. */
	if (job->context->reason != NULL)
		return NULL;
	if (!words_have(WORDS_MOVED, job->body) &&
	    !(lint_status(job, &status) && status.code == 551 &&
	    strchr(job->text, '@') != NULL))
		return NULL;
	return lint_say(job, "the text tells where somebody has moved; write "
	    "550 5.1.6 without the address, unless its owner agreed");
}
