#include "reply/value.h"

#include <string.h>

#include "base/diag.h"
#include "base/ip.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"

#define ADDRESS_MAX	100
#define LINK_MAX	150	/* half a link helps nobody */
#define OTHERS_MAX	64
#define RAW_MAX		4096	/* more of a raw value is not looked at */

static const struct variable_row {
	const char *name;
	const char *sample;
	const char *help;
	enum value_kind kind;
} variables[VARIABLE_COUNT] = {
#define VARIABLE(id, text, type, example, about)	\
	[VARIABLE_##id] = {	\
		.name = (text),	\
		.sample = (example),	\
		.help = (about),	\
		.kind = (type),	\
	},
#include "reply/variable.def"
#undef VARIABLE
};

/* Short names for what is written most. */
static const struct alias {
	const char *name;
	enum variable variable;
} aliases[] = {
	{ .name = "ip", .variable = VARIABLE_CLIENT_IP },
	{ .name = "rcpt_domain", .variable = VARIABLE_RECIPIENT_DOMAIN },
};

#define ALIAS_COUNT	(sizeof(aliases) / sizeof(aliases[0]))

const char *
variable_name(enum variable variable)
{
	return variables[variable].name;
}

const char *
variable_help(enum variable variable)
{
	return variables[variable].help;
}

const char *
variable_sample(enum variable variable)
{
	return variables[variable].sample;
}

enum value_kind
variable_kind(enum variable variable)
{
	return variables[variable].kind;
}

int
variable_from_name(const char *name, enum variable *variable,
    struct diag *diag)
{
	const char *names[VARIABLE_COUNT];
	int found;

	for (size_t i = 0; i < ALIAS_COUNT; i++)
		if (strcmp(name, aliases[i].name) == 0) {
			*variable = aliases[i].variable;
			return 0;
		}
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		names[i] = variables[i].name;
	found = names_find(names, VARIABLE_COUNT, name);
	if (found == -1) {
		names_unknown(diag, "variable", name, names, VARIABLE_COUNT);
		return -1;
	}
	*variable = (enum variable)found;
	return 0;
}

static bool
is_alnum(char c)
{
	return text_is_letter(c) || text_is_digit(c);
}

static bool
is_one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/*
 * May the byte at p of text stand in a value of this kind?  What is left out
 * has a meaning somewhere on the way: <> and quotes to HTML, % to libmilter,
 * $ { } ` | to shells and to Exim, / to a link, ! to a reader.
 */
static bool
is_fit(enum value_kind kind, const char *text, const char *p)
{
	if (is_alnum(*p))
		return true;
	switch (kind) {
	case VALUE_IP:
	case VALUE_NUMBER:
	case VALUE_LINK:
		return false;	/* these are taken whole or not at all */
	case VALUE_DOMAIN:
		return is_one_of(".-_:[]", *p);
	case VALUE_ADDRESS:
		return is_one_of(".@+-_=~':[]", *p);
	case VALUE_WORD:
		/*
		 * ".docm" and "TLSv1.2", but not "www.example.org": mail
		 * programs would make a link of it.
		 */
		if (*p == '.')
			return p == text || text_is_digit(p[1]);
		return is_one_of("-_+", *p);
	case VALUE_PHRASE:
		return is_one_of(" .,:;-_+@/()#'=*", *p) &&
		    !(p[0] == ':' && p[1] == '/');
	}
	return false;
}

/* The only forms of a number: "38" and "37.5". */
static bool
is_number(const char *text)
{
	size_t whole = strspn(text, "0123456789"), part = 0;

	if (whole == 0)
		return false;
	if (text[whole] == '.') {
		part = strspn(text + whole + 1, "0123456789");
		if (part == 0)
			return false;
		whole += 1 + part;
	}
	return text[whole] == '\0' && whole <= OTHERS_MAX;
}

static bool
is_link(const char *text)
{
	const char *host = text + strlen("https://");

	if (!text_starts(text, "https://") || !is_alnum(*host) ||
	    strlen(text) > LINK_MAX || strstr(host, "://") != NULL)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || is_one_of("<>\"'%\\`{}|^", *p))
			return false;
	/* What stands behind a link would become part of it, and so here. */
	return is_alnum(text[strlen(text) - 1]) || text_ends(text, "/");
}

/*
 * Adds text with each run of unfit bytes as one "?" and each run of blanks as
 * one blank.  Returns false where nothing that can be read is left, or at
 * least half of it was unfit: such a value tells more about its author than
 * about the mail.
 */
static bool
letters_clean(enum value_kind kind, const char *text, struct strbuf *out)
{
	size_t fit = 0, unfit = 0, readable = 0;
	char last = '\0';

	for (const char *p = text; *p != '\0'; p++) {
		char c = *p;

		if (kind == VALUE_PHRASE && text_is_space(c)) {
			c = ' ';
			if (last == ' ')
				continue;
		} else if (is_fit(kind, text, p)) {
			readable += is_alnum(c);
			fit++;
		} else {
			unfit++;
			c = '?';
			if (last == '?')
				continue;
		}
		strbuf_addch(out, c);
		last = c;
	}
	return readable > 0 && unfit < fit;
}

/*
 * Cuts what stands in out from start on.  A name that is too long loses its
 * beginning, because its end says whose it is:
 * "accounts.example.com.[...].evil.example" must not end in the middle.
 */
static void
name_cut(struct strbuf *out, size_t start, size_t max)
{
	const size_t kept = max - strlen("...");
	char *name = out->text + start;

	if (out->len - start <= max)
		return;
	memmove(name + strlen("..."), out->text + out->len - kept, kept);
	memcpy(name, "...", strlen("..."));
	strbuf_cut(out, start + max);
}

static void
words_cut(struct strbuf *out, size_t start, size_t max)
{
	if (out->len - start <= max)
		return;
	strbuf_cut(out, start + max - strlen("..."));
	strbuf_adds(out, "...");
}

/* text has no blanks at its ends. */
static bool
trimmed_clean(enum value_kind kind, const char *text, struct strbuf *out)
{
	const size_t start = out->len;
	char address[IP_TEXT_MAX];
	struct ip ip;
	bool done = false;

	switch (kind) {
	case VALUE_IP:
		if ((done = ip_parse(&ip, text) == 0)) {
			ip_format(&ip, address);
			strbuf_adds(out, address);
		}
		break;
	case VALUE_NUMBER:
		if ((done = is_number(text)))
			strbuf_adds(out, text);
		break;
	case VALUE_LINK:
		if ((done = is_link(text)))
			strbuf_adds(out, text);
		break;
	case VALUE_DOMAIN:
		if ((done = letters_clean(kind, text, out)))
			name_cut(out, start, OTHERS_MAX);
		break;
	case VALUE_ADDRESS:
		if ((done = letters_clean(kind, text, out)))
			name_cut(out, start, ADDRESS_MAX);
		break;
	case VALUE_WORD:
	case VALUE_PHRASE:
		if ((done = letters_clean(kind, text, out)))
			words_cut(out, start, OTHERS_MAX);
		break;
	}
	if (!done)
		strbuf_cut(out, start);
	return done;
}

bool
value_clean(enum value_kind kind, const char *raw, struct strbuf *out)
{
	char text[RAW_MAX + 1];
	size_t len;

	while (text_is_space(*raw))
		raw++;
	len = strnlen(raw, RAW_MAX);
	while (len > 0 && text_is_space(raw[len - 1]))
		len--;
	memcpy(text, raw, len);
	text[len] = '\0';
	return len > 0 && trimmed_clean(kind, text, out);
}
