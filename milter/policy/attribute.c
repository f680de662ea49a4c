#include "policy/attribute.h"

#include <string.h>

#include "base/names.h"

struct row {
	const char	*name;
	enum subject	 subject;
	enum stage	 stage;
	enum fact_source source;
	const char	*carrier;
	enum variable	 variable;
	enum variable	 tells;
	const char	*help;
};

static const struct row rows[ATTRIBUTE_COUNT] = {
#define ATTRIBUTE(id, name_, subject_, stage_, source_, carrier_, variable_, \
    tells_, help_)							\
	[ATTRIBUTE_##id] = {						\
		.name = name_,						\
		.subject = SUBJECT_##subject_,				\
		.stage = STAGE_##stage_,				\
		.source = FACT_SOURCE_##source_,			\
		.carrier = carrier_,					\
		.variable = VARIABLE_##variable_,			\
		.tells = VARIABLE_##tells_,				\
		.help = help_,						\
	},
#include "policy/attribute.def"
#undef ATTRIBUTE
};

const char *
attribute_name(enum attribute attribute)
{
	return rows[attribute].name;
}

const char *
attribute_help(enum attribute attribute)
{
	return rows[attribute].help;
}

enum subject
attribute_subject(enum attribute attribute)
{
	return rows[attribute].subject;
}

enum stage
attribute_stage(enum attribute attribute)
{
	return rows[attribute].stage;
}

enum fact_source
attribute_source(enum attribute attribute)
{
	return rows[attribute].source;
}

const char *
attribute_macro(enum attribute attribute)
{
	return rows[attribute].source == FACT_SOURCE_MACRO ?
	    rows[attribute].carrier : "";
}

/* The rows of attribute.def whose source is MACRO, picked by its name. */
#define CARRIED_EVENT(id)
#define CARRIED_MACRO(id)		ATTRIBUTE_##id,
#define CARRIED_ANY_MACRO(id)
#define CARRIED_FIELD(id)
#define CARRIED_FIELD_COUNT(id)
#define CARRIED_ANY_FIELD(id)
#define CARRIED_ANY_FIELD_RAW(id)
#define CARRIED_SIZE(id)
#define CARRIED_BODY(id)
#define CARRIED_FILE_NAMES(id)

const enum attribute *
attribute_carried(size_t *count)
{
	static const enum attribute carried[] = {
#define ATTRIBUTE(id, name, subject, stage, source, ...) CARRIED_##source(id)
#include "policy/attribute.def"
#undef ATTRIBUTE
	};

	*count = sizeof(carried) / sizeof(carried[0]);
	return carried;
}

const char *
attribute_field(enum attribute attribute)
{
	return rows[attribute].source == FACT_SOURCE_FIELD ||
	    rows[attribute].source == FACT_SOURCE_FIELD_COUNT ?
	    rows[attribute].carrier : "";
}

enum variable
attribute_variable(enum attribute attribute)
{
	return rows[attribute].variable;
}

enum variable
attribute_tells(enum attribute attribute)
{
	return rows[attribute].tells;
}

bool
attribute_is_named(enum attribute attribute)
{
	return rows[attribute].source == FACT_SOURCE_ANY_MACRO ||
	    rows[attribute].source == FACT_SOURCE_ANY_FIELD ||
	    rows[attribute].source == FACT_SOURCE_ANY_FIELD_RAW;
}

bool
attribute_needs_header(enum attribute attribute)
{
	return rows[attribute].source >= FACT_SOURCE_FIELD;
}

bool
attribute_needs_body(enum attribute attribute)
{
	return rows[attribute].source >= FACT_SOURCE_SIZE;
}

int
attribute_from_name(const char *name, enum attribute *attribute,
    struct diag *diag)
{
	static const char *const names[ATTRIBUTE_COUNT] = {
#define ATTRIBUTE(id, name_, ...) [ATTRIBUTE_##id] = name_,
#include "policy/attribute.def"
#undef ATTRIBUTE
	};
	int found = names_find(names, ATTRIBUTE_COUNT, name);

	if (found == -1) {
		names_unknown(diag, "attribute", name, names, ATTRIBUTE_COUNT);
		return -1;
	}
	*attribute = (enum attribute)found;
	return 0;
}

/*
 * The earliest stage at which a macro has its last value, in Postfix (3.7
 * to 3.12) and Sendmail (8.17), whichever is later.  Both answer whatever a
 * milter asks for at any stage (SMFIR_SETSYMLIST), so it is the values that
 * count:
 * - TLS and sign-in can still change between HELO and MAIL: a client says EHLO,
 *   STARTTLS, EHLO, AUTH.
 * - Postfix has the queue id "i" at MAIL only with
 *   smtpd_delay_open_until_valid_rcpt = no, else from the first recipient on.
 */
static const struct macro {
	const char	*name;
	enum stage	 stage;
} macros[] = {
	{ "_", STAGE_CONNECT },
	{ "b", STAGE_CONNECT },
	{ "client_addr", STAGE_CONNECT },
	{ "client_connections", STAGE_CONNECT },
	{ "client_name", STAGE_CONNECT },
	{ "client_port", STAGE_CONNECT },
	{ "client_ptr", STAGE_CONNECT },
	{ "client_rate", STAGE_CONNECT },
	{ "client_resolve", STAGE_CONNECT },
	{ "daemon_addr", STAGE_CONNECT },
	{ "daemon_family", STAGE_CONNECT },
	{ "daemon_flags", STAGE_CONNECT },
	{ "daemon_info", STAGE_CONNECT },
	{ "daemon_name", STAGE_CONNECT },
	{ "daemon_port", STAGE_CONNECT },
	{ "if_addr", STAGE_CONNECT },
	{ "if_family", STAGE_CONNECT },
	{ "if_name", STAGE_CONNECT },
	{ "j", STAGE_CONNECT },
	{ "t", STAGE_CONNECT },
	{ "v", STAGE_CONNECT },
	{ "Z", STAGE_CONNECT },

	{ "r", STAGE_HELO },
	{ "s", STAGE_HELO },

	{ "auth_authen", STAGE_MAIL },
	{ "auth_author", STAGE_MAIL },
	{ "auth_ssf", STAGE_MAIL },
	{ "auth_type", STAGE_MAIL },
	{ "cert_issuer", STAGE_MAIL },
	{ "cert_md5", STAGE_MAIL },
	{ "cert_subject", STAGE_MAIL },
	{ "cipher", STAGE_MAIL },
	{ "cipher_bits", STAGE_MAIL },
	{ "cn_issuer", STAGE_MAIL },
	{ "cn_subject", STAGE_MAIL },
	{ "dsn_envid", STAGE_MAIL },
	{ "dsn_ret", STAGE_MAIL },
	{ "f", STAGE_MAIL },
	{ "mail_addr", STAGE_MAIL },
	{ "mail_host", STAGE_MAIL },
	{ "mail_mailer", STAGE_MAIL },
	{ "ntries", STAGE_MAIL },
	{ "tls_version", STAGE_MAIL },
	{ "verify", STAGE_MAIL },

	{ "dsn_notify", STAGE_RCPT },
	{ "nbadrcpts", STAGE_RCPT },
	{ "nrcpts", STAGE_RCPT },
	{ "rcpt_addr", STAGE_RCPT },
	{ "rcpt_host", STAGE_RCPT },
	{ "rcpt_mailer", STAGE_RCPT },

	{ "i", STAGE_EOM },
	{ "msg_id", STAGE_EOM },
	{ "msg_size", STAGE_EOM },
};

enum stage
macro_stage(const char *macro)
{
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
		if (strcmp(macros[i].name, macro) == 0)
			return macros[i].stage;
	return STAGE_MAIL;
}
