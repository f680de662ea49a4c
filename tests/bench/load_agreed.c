/* Which macros a filter gets, and what Postfix would say for each. */
#include "load.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define MACROS_MAX	32	/* of one place */

/* A text of the envelope, or always the same one. */
struct macro {
	const char	*name;		/* without braces */
	size_t		 offset;	/* within struct envelope */
	const char	*fixed;		/* or this; NULL: offset counts */
};
#define OF(member)	offsetof(struct envelope, member), NULL

static const struct macro macros[] = {
	{ "_", OF(host_and_address) },
	{ "client_addr", OF(address) },
	{ "client_name", OF(host) },
	{ "client_port", 0, "40000" },
	{ "client_ptr", OF(host) },
	{ "daemon_addr", 0, "192.0.2.254" },
	{ "daemon_name", 0, "mx.example.com" },
	{ "daemon_port", 0, "25" },
	{ "i", OF(queue_id) },
	{ "if_addr", 0, "192.0.2.254" },
	{ "j", 0, "mx.example.com" },
	{ "mail_addr", OF(sender) },
	{ "mail_host", 0, "example.net" },
	{ "mail_mailer", 0, "smtp" },
	{ "rcpt_addr", OF(recipient) },
	{ "rcpt_host", 0, "example.com" },
	{ "rcpt_mailer", 0, "local" },
	{ "v", 0, "Postfix 3.7.11" },
};

/* postconf -d | grep 'milter_.*_macros' */
static const char *const postfix_default[MILTER_PLACE_COUNT] = {
	[MILTER_AT_CONNECT] = "j {daemon_name} {daemon_addr} v _",
	[MILTER_AT_HELO] = "{tls_version} {cipher} {cipher_bits} "
	    "{cert_subject} {cert_issuer}",
	[MILTER_AT_MAIL] = "i {auth_type} {auth_authen} {auth_author} "
	    "{mail_addr} {mail_host} {mail_mailer}",
	[MILTER_AT_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[MILTER_AT_DATA] = "i",
	[MILTER_AT_END] = "i",
	[MILTER_AT_END_OF_HEADERS] = "i",
};

const char *
place_name(enum milter_place place)
{
	static const char *const names[MILTER_PLACE_COUNT] = {
		[MILTER_AT_CONNECT] = "connect",
		[MILTER_AT_HELO] = "helo",
		[MILTER_AT_MAIL] = "mail",
		[MILTER_AT_RCPT] = "rcpt",
		[MILTER_AT_DATA] = "data",
		[MILTER_AT_END] = "eom",
		[MILTER_AT_END_OF_HEADERS] = "eoh",
	};

	return names[place];
}

/* The macros of a list that have a value at all. */
static size_t
choose(const struct macro *rows[MACROS_MAX], const char *list)
{
	size_t count = 0;

	while (*(list += strspn(list, " ,{}")) != '\0') {
		size_t len = strcspn(list, " ,{}");

		for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
			if (strlen(macros[i].name) == len &&
			    memcmp(macros[i].name, list, len) == 0 &&
			    count < MACROS_MAX)
				rows[count++] = &macros[i];
		list += len;
	}
	return count;
}

/*
 * Postfix asks m->macros->member[0] (src/milter/milter.c): a list that the
 * filter has set to nothing is as one that it has not set.
 */
static const char *
list_of(const struct milter_terms *terms, int place)
{
	const char *list = terms->symbols[place];

	return list != NULL && list[0] != '\0' ? list : postfix_default[place];
}

const struct agreed *
agreed_find(const struct milter_terms *terms)
{
	static struct agreed *all;
	struct agreed *agreed;

	for (agreed = all; agreed != NULL; agreed = agreed->next)
		if (milter_terms_equal(&agreed->terms, terms))
			return agreed;
	agreed = xcalloc(1, sizeof(*agreed));
	agreed->terms = *terms;
	for (int p = 0; p < MILTER_PLACE_COUNT; p++) {
		if (terms->symbols[p] != NULL)
			agreed->terms.symbols[p] = xstrdup(terms->symbols[p]);
		agreed->macros[p].rows = xcalloc(MACROS_MAX,
		    sizeof(*agreed->macros[p].rows));
		agreed->macros[p].count = choose(agreed->macros[p].rows,
		    list_of(terms, p));
	}
	agreed->next = all;
	all = agreed;
	return agreed;
}

void
agreed_write_macros(const struct agreed *agreed, struct strbuf *out,
    enum milter_place place, enum milter_command command,
    const struct envelope *envelope)
{
	struct milter_macro values[MACROS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < agreed->macros[place].count; i++) {
		const struct macro *macro = agreed->macros[place].rows[i];
		const char *value = macro->fixed != NULL ? macro->fixed :
		    (const char *)envelope + macro->offset;

		if (value[0] != '\0')
			values[count++] = (struct milter_macro){
				.name = macro->name, .value = value };
	}
	milter_write_macros(out, command, values, count);
}
