#include "tool/given.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/facts.h"
#include "policy/interval.h"
#include "policy/message.h"
#include "session/demand.h"
#include "session/session.h"
#include "tool/options.h"
#include "world/errno_text.h"

#define BODY_CHUNK	65535	/* what one packet of an MTA holds */

/* Facts that are the plain text of an option. */
static const struct {
	enum opt	opt;
	enum attribute	attribute;
} texts[] = {
	{ OPT_CLIENT_NAME, ATTRIBUTE_CLIENT_NAME },
	{ OPT_DAEMON_NAME, ATTRIBUTE_DAEMON_NAME },
	{ OPT_HELO, ATTRIBUTE_HELO },
	{ OPT_AUTH, ATTRIBUTE_AUTH_USER },
	{ OPT_AUTH_MECH, ATTRIBUTE_AUTH_MECH },
	{ OPT_TLS, ATTRIBUTE_TLS },
	{ OPT_CIPHER, ATTRIBUTE_CIPHER },
	{ OPT_QUEUE_ID, ATTRIBUTE_QUEUE_ID },
};

#define TEXT_COUNT	(sizeof(texts) / sizeof(texts[0]))

static int
read_client(struct given *given, struct diag *diag)
{
	const char *ip = options_get(given->options, OPT_CLIENT_IP);
	const char *port = options_get(given->options, OPT_CLIENT_PORT);
	uint64_t number = 0;

	if (ip != NULL && ip_parse(&given->client_ip, ip) == -1) {
		diag_error(diag, "the client's address is written as "
		    "192.0.2.1 or 2001:db8::1, not \"%s\"", ip);
		return -1;
	}
	if (port != NULL && text_number(port, 65535, &number) == -1) {
		diag_error(diag, "a TCP port is a number up to 65535, not "
		    "\"%s\"", port);
		return -1;
	}
	given->client_port = (unsigned)number;
	return 0;
}

static int
read_clock(struct given *given, struct diag *diag)
{
	const char *day = options_get(given->options, OPT_DAY);
	const char *time = options_get(given->options, OPT_TIME);

	if (day != NULL && day_parse(&given->now.weekday, day) == -1) {
		diag_error(diag, "a day of the week is written mon or monday, "
		    "not \"%s\"", day);
		return -1;
	}
	if (time != NULL && minute_parse(&given->now.minute, time) == -1) {
		diag_error(diag, "a time of day is written from 00:00 to "
		    "23:59, not \"%s\"", time);
		return -1;
	}
	return 0;
}

static int
read_file(struct given *given, struct arena *arena, const char *message,
    FILE *in, struct diag *diag)
{
	FILE *file = strcmp(message, "-") == 0 ? in : fopen(message, "r");
	char why[ERRNO_TEXT_MAX];
	int result;

	if (file == NULL) {
		diag_error(diag, "the message \"%s\" cannot be opened: %s",
		    message, errno_text(errno, why));
		return -1;
	}
	result = letter_read(&given->letter, arena, file, diag);
	if (file != in)
		(void)fclose(file);
	return result;
}

/* The body as an argument of the shell has it: its lines end in LF. */
static void
add_body(struct given *given, struct arena *arena, const char *body)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "\n%s", body);
	letter_parse(&given->letter, arena, text.text, text.len);
	strbuf_release(&text);
}

static enum given_result
read_letter(struct given *given, struct arena *arena, const char *message,
    FILE *in, struct diag *diag)
{
	const char *body = options_get(given->options, OPT_BODY);

	given->has_body = message != NULL || body != NULL;
	given->has_letter = given->has_body ||
	    options_has(given->options, OPT_HEADER);
	if (message != NULL && body != NULL) {
		diag_error(diag, "give the body either in the message or "
		    "with --body");
		return GIVEN_WRONG;
	}
	if (message != NULL &&
	    read_file(given, arena, message, in, diag) == -1)
		return GIVEN_UNREADABLE;
	for (size_t i = 0; i < given->options->count; i++) {
		const struct opt_given *opt = &given->options->given[i];

		if (opt->opt == OPT_HEADER && letter_add_field(
		    &given->letter, arena, opt->value, diag) == -1)
			return GIVEN_WRONG;
	}
	if (body != NULL)
		add_body(given, arena, body);
	return GIVEN_FINE;
}

/*
 * Splits NAME=VALUE of --macro; the name may stand in braces, as mail servers
 * write it.  Returns NULL where it has no name, else the value, and a *name
 * that the caller frees.
 */
static const char *
macro_split(const char *macro, char **name)
{
	const char *equals = strchr(macro, '=');
	size_t len;

	if (equals == NULL)
		return NULL;
	len = (size_t)(equals - macro);
	if (len >= 2 && macro[0] == '{' && equals[-1] == '}') {
		macro++;
		len -= 2;
	}
	if (len == 0)
		return NULL;
	*name = xstrndup(macro, len);
	return equals + 1;
}

static int
check_macros(const struct given *given, struct diag *diag)
{
	for (size_t i = 0; i < given->options->count; i++) {
		const struct opt_given *opt = &given->options->given[i];
		char *name;

		if (opt->opt != OPT_MACRO)
			continue;
		if (macro_split(opt->value, &name) == NULL) {
			diag_error(diag, "a macro is written NAME=VALUE, not "
			    "\"%s\"", opt->value);
			return -1;
		}
		free(name);
	}
	return 0;
}

enum given_result
given_read(struct given *given, struct arena *arena,
    const struct options *options, struct local_time now,
    const char *message, FILE *in, struct diag *diag)
{
	enum given_result result = GIVEN_WRONG;

	*given = (struct given){
		.options = options,
		.now = now,
		.letter = LETTER_INIT,
	};
	if (read_client(given, diag) == 0 && read_clock(given, diag) == 0 &&
	    check_macros(given, diag) == 0)
		result = read_letter(given, arena, message, in, diag);
	if (result != GIVEN_FINE)
		given_release(given);
	return result;
}

void
given_release(struct given *given)
{
	letter_release(&given->letter);
}

const char *
given_client_name(const struct given *given)
{
	return options_get(given->options, OPT_CLIENT_NAME);
}

const char *
given_helo(const struct given *given)
{
	return options_get(given->options, OPT_HELO);
}

const char *
given_sender(const struct given *given)
{
	return options_get(given->options, OPT_FROM);
}

const char *
given_recipient(const struct given *given, size_t n)
{
	for (size_t i = 0; i < given->options->count; i++)
		if (given->options->given[i].opt == OPT_RCPT && n-- == 0)
			return given->options->given[i].value;
	return NULL;
}

/* Calls tell(arg, stage, name, value) for each macro that was given. */
static void
each_macro(const struct given *given,
    void (*tell)(void *arg, enum stage stage, const char *name,
    const char *value), void *arg)
{
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		enum attribute attribute = texts[i].attribute;
		const char *value = options_get(given->options, texts[i].opt);

		if (value != NULL && *attribute_macro(attribute) != '\0')
			tell(arg, attribute_stage(attribute),
			    attribute_macro(attribute), value);
	}
	for (size_t i = 0; i < given->options->count; i++) {
		const struct opt_given *opt = &given->options->given[i];
		const char *value;
		char *name;

		if (opt->opt != OPT_MACRO)
			continue;
		value = macro_split(opt->value, &name);
		tell(arg, macro_stage(name), name, value);
		free(name);
	}
}

struct listener {
	struct session	*session;
	enum stage	 stage;
};

static void
tell_session(void *arg, enum stage stage, const char *name, const char *value)
{
	const struct listener *listener = arg;

	if (stage == listener->stage)
		session_macro(listener->session, demand_place(stage), name,
		    value);
}

void
given_tell_macros(const struct given *given, struct session *session,
    enum stage stage)
{
	struct listener listener = { session, stage };

	each_macro(given, tell_session, &listener);
}

void
given_tell_letter(const struct given *given, struct session *session)
{
	const struct letter *letter = &given->letter;

	for (size_t i = 0; i < letter->count; i++)
		session_header(session, letter->fields[i].name,
		    letter->fields[i].value);
	for (size_t at = 0; at < letter->body.len;) {
		size_t len = letter->body.len - at;

		if (len > BODY_CHUNK)
			len = BODY_CHUNK;
		session_body(session, letter->body.text + at, len);
		at += len;
	}
}

struct scene {
	struct facts	*facts;
	struct arena	*arena;
};

static void
tell_facts(void *arg, enum stage stage, const char *name, const char *value)
{
	const struct scene *scene = arg;

	facts_set_macro(scene->facts, scene->arena, stage, name, value);
}

static void
set_message(const struct given *given, struct arena *arena,
    struct facts *facts)
{
	static const struct message_limits limits;
	const struct letter *letter = &given->letter;

	facts->message = message_new(arena, &limits);
	facts->has_fields = true;
	facts->has_body = given->has_body;
	for (size_t i = 0; i < letter->count; i++)
		message_add_field(facts->message, letter->fields[i].name,
		    letter->fields[i].value);
	message_add_body(facts->message, letter->body.text, letter->body.len,
	    false);
	facts->stage = STAGE_EOM;
}

void
given_set_facts(const struct given *given, struct arena *arena,
    struct facts *facts)
{
	struct scene scene = { facts, arena };
	const char *recipient;
	size_t recipients = 0;

	facts_init(facts);
	facts_set_ip(facts, ATTRIBUTE_CLIENT_IP, &given->client_ip);
	if (options_has(given->options, OPT_CLIENT_PORT))
		facts_set_number(facts, ATTRIBUTE_CLIENT_PORT,
		    given->client_port);
	each_macro(given, tell_facts, &scene);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		facts_set_text(facts, arena, texts[i].attribute,
		    options_get(given->options, texts[i].opt));
	if (given_sender(given) != NULL)
		facts_set_address(facts, arena, ATTRIBUTE_SENDER,
		    ATTRIBUTE_SENDER_DOMAIN, given_sender(given));
	while ((recipient = given_recipient(given, recipients)) != NULL) {
		facts_set_address(facts, arena, ATTRIBUTE_RECIPIENT,
		    ATTRIBUTE_RECIPIENT_DOMAIN, recipient);
		facts_set_number(facts, ATTRIBUTE_RECIPIENTS, ++recipients);
	}
	if (given->has_letter)
		set_message(given, arena, facts);
}

void
given_absent(const struct given *given, struct strbuf *out)
{
	size_t count = 0;

	if (given->client_ip.family == 0) {
		strbuf_addf(out, "Not given, so absent: %s",
		    attribute_name(ATTRIBUTE_CLIENT_IP));
		count++;
	}
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		if (options_has(given->options, texts[i].opt))
			continue;
		strbuf_addf(out, "%s%s", count++ == 0 ?
		    "Not given, so absent: " : ", ",
		    attribute_name(texts[i].attribute));
	}
	if (count > 0)
		strbuf_addch(out, '.');
}
