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
 * Copies text with each run of unfit bytes as one "?" and each run of blanks
 * as one blank.  Returns false where nothing that can be read is left, or at
 * least half of it was unfit: such a value tells more about its author than
 * about the mail.
 */
static bool
letters_clean(enum value_kind kind, const char *text, struct strbuf *clean)
{
	size_t fit = 0, unfit = 0, readable = 0;

	for (const char *p = text; *p != '\0'; p++) {
		char last = clean->len > 0 ? clean->text[clean->len - 1] : '\0';
		char c = *p;

		if (kind == VALUE_PHRASE && text_is_space(c)) {
			if (last != ' ')
				strbuf_addch(clean, ' ');
			continue;
		}
		if (is_fit(kind, text, p)) {
			strbuf_addch(clean, c);
			readable += is_alnum(c);
			fit++;
			continue;
		}
		if (last != '?')
			strbuf_addch(clean, '?');
		unfit++;
	}
	return readable > 0 && unfit < fit;
}

/*
 * A name that is too long loses its beginning, because its end says whose it
 * is: "accounts.example.com.[...].evil.example" must not end in the middle.
 */
static void
name_add(struct strbuf *out, const struct strbuf *clean, size_t max)
{
	if (clean->len <= max)
		strbuf_adds(out, clean->text);
	else
		strbuf_addf(out, "...%s",
		    clean->text + clean->len - (max - strlen("...")));
}

static void
words_add(struct strbuf *out, const struct strbuf *clean, size_t max)
{
	if (clean->len <= max)
		strbuf_adds(out, clean->text);
	else
		strbuf_addf(out, "%.*s...", (int)(max - strlen("...")),
		    clean->text);
}

/* text has no blanks at its ends. */
static bool
trimmed_clean(enum value_kind kind, const char *text, struct strbuf *out)
{
	struct strbuf clean = STRBUF_INIT;
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
		if ((done = letters_clean(kind, text, &clean)))
			name_add(out, &clean, OTHERS_MAX);
		break;
	case VALUE_ADDRESS:
		if ((done = letters_clean(kind, text, &clean)))
			name_add(out, &clean, ADDRESS_MAX);
		break;
	case VALUE_WORD:
	case VALUE_PHRASE:
		if ((done = letters_clean(kind, text, &clean)))
			words_add(out, &clean, OTHERS_MAX);
		break;
	}
	strbuf_release(&clean);
	return done;
}

bool
value_clean(enum value_kind kind, const char *raw, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;
	size_t len;
	bool done;

	while (text_is_space(*raw))
		raw++;
	len = strnlen(raw, RAW_MAX);
	while (len > 0 && text_is_space(raw[len - 1]))
		len--;
	strbuf_add(&text, raw, len);
	done = text.len > 0 && trimmed_clean(kind, text.text, out);
	strbuf_release(&text);
	return done;
}
