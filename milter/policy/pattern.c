#include "policy/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "policy/interval.h"
#include "policy/list.h"
#include "policy/regex.h"

#define WILDCARDS	"*?"

/* What the functions below share while one pattern is read. */
struct reading {
	struct pattern		*pattern;
	struct arena		*arena;
	enum subject		 subject;
	const struct lists	*lists;
	struct diag		*diag;
};

static bool
has_blank(const char *text)
{
	return strchr(text, ' ') != NULL;
}

static bool
has_wildcard(const char *text)
{
	return strpbrk(text, WILDCARDS) != NULL;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static int
check_bytes(const char *source, struct diag *diag)
{
	size_t len = strlen(source);
	struct strbuf quoted = STRBUF_INIT;
	const char *what = NULL;

	if (len > PATTERN_TEXT_MAX) {
		diag_error(diag, "this pattern has %zu bytes; at most %d are "
		    "possible", len, PATTERN_TEXT_MAX);
		return -1;
	}
	for (const char *at = source; *at != '\0'; at++)
		if ((*at >= 0 && *at < ' ') || *at == 127)
			what = "has a control character";
	if (!utf8_is_valid(source, len))
		what = "is not valid UTF-8";
	if (what == NULL)
		return 0;
	names_quote(&quoted, source);
	diag_error(diag, "%s %s", quoted.text, what);
	strbuf_release(&quoted);
	return -1;
}

/* Adds the expression of a piece of text, in which "?" may be a wildcard. */
static void
add_piece(struct strbuf *expression, const char *piece, size_t len, bool glob)
{
	for (const char *at = piece; at < piece + len; at++)
		if (glob && *at == '?')
			strbuf_addch(expression, '.');
		else if ((unsigned char)*at >= 0x80 ||
		    text_is_letter(*at) || text_is_digit(*at))
			strbuf_addch(expression, *at);
		else
			strbuf_addf(expression, "\\%c", *at);
}

/*
 * The pieces between stars are looked for one behind the other: ".*" would not
 * go over invalid bytes, and where many pieces stand often in a text, it would
 * go back and forth.
 */
static const struct regex *
compile_glob(struct reading *reading, const char *glob)
{
	const char *pieces[PATTERN_TEXT_MAX];
	const char *at = glob;
	size_t count = 0;

	while (*at != '\0') {
		size_t len = strcspn(at, "*");
		struct strbuf expression = STRBUF_INIT;

		if (len == 0) {
			at++;
			continue;
		}
		strbuf_adds(&expression, at == glob ? "(?s)\\A" : "(?s)");
		add_piece(&expression, at, len, true);
		at += len;
		if (*at == '\0')
			strbuf_adds(&expression, "\\z");
		pieces[count++] = arena_strdup(reading->arena,
		    expression.text);
		strbuf_release(&expression);
	}
	return regex_new_row(reading->arena, pieces, count, reading->diag);
}

/*
 * Letters beyond ASCII have case as well, which hash tables and globs do not
 * know: such a pattern becomes an expression of the same meaning.
 */
static int
compile_text(struct reading *reading, enum pattern_kind kind, const char *text)
{
	struct pattern *pattern = reading->pattern;
	struct strbuf expression = STRBUF_INIT;

	pattern->kind = PATTERN_REGEX;
	if (kind == PATTERN_GLOB)
		pattern->regex = compile_glob(reading, text);
	else {
		strbuf_adds(&expression, kind != PATTERN_DOMAIN ? "\\A" :
		    reading->subject == SUBJECT_ADDRESS ? "[.@]" :
		    "(?:\\A|[.@])");
		add_piece(&expression, text, strlen(text), false);
		strbuf_adds(&expression, "\\z");
		pattern->regex = regex_new(reading->arena, expression.text,
		    reading->diag);
		strbuf_release(&expression);
	}
	return pattern->regex == NULL ? -1 : 0;
}

static int
take_text(struct reading *reading, enum pattern_kind kind, const char *text)
{
	char *lower;

	if (!is_ascii(text))
		return compile_text(reading, kind, text);
	lower = arena_strdup(reading->arena, text);
	text_lower_all(lower);
	reading->pattern->kind = kind;
	reading->pattern->text = lower;
	return 0;
}

static char *
without_trailing_dot(struct reading *reading, const char *text)
{
	char *copy = arena_strdup(reading->arena, text);
	size_t len = strlen(copy);

	if (len > 1 && copy[len - 1] == '.')
		copy[len - 1] = '\0';
	return copy;
}

static int
read_regex(struct reading *reading, const char *source)
{
	const char *last = strrchr(source, '/');
	char *expression;

	if (last == source) {
		diag_error(reading->diag, "\"%s\" has no slash at its end; "
		    "write \"%s/\" for a regular expression", source, source);
		return -1;
	}
	if (last[1] != '\0') {
		diag_error(reading->diag, "\"%s\" goes on behind its closing "
		    "slash; options stand in the expression, as in "
		    "\"/(?m)^x/\", and letter case never counts", source);
		return -1;
	}
	if (last == source + 1) {
		diag_error(reading->diag, "\"//\" is an empty regular "
		    "expression; write \"*\" for any text");
		return -1;
	}
	expression = arena_memdup(reading->arena, source + 1,
	    (size_t)(last - source - 1));
	reading->pattern->kind = PATTERN_REGEX;
	reading->pattern->regex = regex_new(reading->arena, expression,
	    reading->diag);
	return reading->pattern->regex == NULL ? -1 : 0;
}

static int
read_list(struct reading *reading, const char *source)
{
	const char *name = source + 1;
	bool domain = strchr(name, '.') != NULL &&
	    (reading->subject == SUBJECT_ADDRESS ||
	    reading->subject == SUBJECT_ANY);

	if (reading->subject == SUBJECT_DAY ||
	    reading->subject == SUBJECT_TIME) {
		diag_error(reading->diag, "lists do not hold days or times; "
		    "write an array instead of \"%s\"", source);
		return -1;
	}
	if (reading->lists != NULL) {
		reading->pattern->kind = PATTERN_LIST;
		reading->pattern->list = lists_find(reading->lists, name);
		if (reading->pattern->list != NULL)
			return 0;
	}
	if (domain)
		diag_error(reading->diag, "there is no list \"%s\"; write "
		    "\"*%s\" for all addresses of the domain", source, source);
	else if (reading->lists == NULL)
		diag_error(reading->diag, "\"%s\": a list cannot hold another "
		    "list", source);
	else
		lists_unknown(reading->lists, name, reading->diag);
	return -1;
}

static int
read_ip(struct reading *reading, const char *source)
{
	reading->pattern->kind = PATTERN_BLOCK;
	return ip_block_parse(&reading->pattern->block, source, reading->diag);
}

static int
read_interval(struct reading *reading, const char *source)
{
	int (*const parse)(struct interval *, const char *, struct diag *) =
	    reading->subject == SUBJECT_DAY ? interval_parse_day :
	    reading->subject == SUBJECT_TIME ? interval_parse_time :
	    interval_parse_number;
	struct interval interval;

	if (parse(&interval, source, reading->diag) == -1)
		return -1;
	reading->pattern->kind = PATTERN_RANGE;
	reading->pattern->low = interval.low;
	reading->pattern->high = interval.high;
	return 0;
}

/* ".example.com", but not ". . ." or "...": those are text. */
static bool
is_domain_form(const char *source)
{
	return source[0] == '.' && !has_blank(source) &&
	    strchr(source, '@') == NULL && source[1] != '.' &&
	    source[1] != '\0' && !has_wildcard(source);
}

static int
read_text(struct reading *reading, const char *source)
{
	if (is_domain_form(source))
		return take_text(reading, PATTERN_DOMAIN,
		    without_trailing_dot(reading, source + 1));
	return take_text(reading,
	    has_wildcard(source) ? PATTERN_GLOB : PATTERN_TEXT, source);
}

/* Text of a host or address subject: a trailing dot is no part of it. */
static int
read_dotless(struct reading *reading, const char *source)
{
	return read_text(reading, without_trailing_dot(reading, source));
}

static int
read_host(struct reading *reading, const char *source)
{
	const char *at = strchr(source, '@');
	struct ip ip;

	if (source[0] == '\0')
		diag_error(reading->diag, "a host name is never empty; the "
		    "empty sender is sender = \"<>\"");
	else if (has_blank(source))
		diag_error(reading->diag, "\"%s\" has a blank, which no host "
		    "name has; write several names as an array", source);
	else if (at != NULL)
		diag_error(reading->diag, "\"%s\" has an @, which no host name "
		    "has; write only what is behind it: \"%s\"", source,
		    at + 1);
	else if (strchr(source, '/') != NULL)
		diag_error(reading->diag, "\"%s\" has a slash, which no host "
		    "name has; address blocks belong into client_ip", source);
	else if (source[0] == '[' && !has_wildcard(source) &&
	    ip_parse(&ip, source) == -1)
		diag_error(reading->diag, "\"%s\" is not an IP address in "
		    "brackets; write for example \"[192.0.2.1]\"", source);
	else if (source[0] == '.' && has_wildcard(source))
		diag_error(reading->diag, "\"%s\" begins with a dot, which no "
		    "host name does; write \"*%s\"", source, source);
	else
		return read_dotless(reading, source);
	return -1;
}

/* Says why text, which has no "@" and no wildcard, never is an address. */
static void
explain_no_at(const char *source, struct diag *diag)
{
	if (strchr(source, '.') != NULL)
		diag_error(diag, "\"%s\" has no @, so it is no address; write "
		    "\"*@%s\" for the domain, or use sender_domain or "
		    "recipient_domain", source, source);
	else
		diag_error(diag, "\"%s\" has no @, so it is no address; write "
		    "\"%s@*\" for this name in any domain", source, source);
}

static int
read_address(struct reading *reading, const char *source)
{
	size_t len = strlen(source);

	if (len == 0 || strcmp(source, "<>") == 0)
		return take_text(reading, PATTERN_TEXT, "");
	if (source[0] == '<' && source[len - 1] == '>')
		diag_error(reading->diag, "write \"%.*s\" without < and >",
		    (int)(len - 2), source + 1);
	else if (has_blank(source) && strchr(source, '"') == NULL)
		diag_error(reading->diag, "\"%s\" has a blank, which no "
		    "address has; write several addresses as an array",
		    source);
	else if (source[len - 1] == '@')
		diag_error(reading->diag, "\"%s\" has no domain; write "
		    "\"%s*\" for any", source, source);
	/* RFC 5321 4.5.1: the one address that may come without a domain. */
	else if (strchr(source, '@') == NULL && !has_wildcard(source) &&
	    !is_domain_form(source) && !text_equal(source, "postmaster"))
		explain_no_at(source, reading->diag);
	else
		return read_dotless(reading, source);
	return -1;
}

/* Could it be an address or a block?  Spares most entries the parser. */
static bool
looks_like_ip(const char *source)
{
	size_t len = strlen(source);

	if (strchr(source, ':') == NULL)
		return strspn(source, "[0123456789.]/") == len &&
		    strchr(source, '.') != NULL && source[0] != '.';
	return strspn(source, "[IPv60123456789abcdefABCDEF:.]/") == len;
}

/*
 * An entry of a list.  What could be meant in two ways is both: the address
 * "192.0.2.1" is a block of one and a text, "25" is a number and a text.
 */
static int
read_entry(struct reading *reading, const char *source)
{
	struct pattern *pattern = reading->pattern;
	size_t len = strlen(source);
	struct ip ip;

	if (strcmp(source, "<>") == 0)
		return take_text(reading, PATTERN_TEXT, "");
	if (looks_like_ip(source)) {
		const char *slash = strchr(source, '/');
		const char *address = slash == NULL ? source :
		    arena_memdup(reading->arena, source,
		    (size_t)(slash - source));

		if (ip_parse(&ip, address) == 0) {
			if (slash == NULL &&
			    take_text(reading, PATTERN_BLOCK, source) == -1)
				return -1;
			return read_ip(reading, source);
		}
	}
	if (len > 0 && strspn(source, "0123456789") == len && len < 20) {
		if (take_text(reading, PATTERN_RANGE, source) == -1)
			return -1;
		return read_interval(reading, source);
	}
	if (strchr("<>=", source[0]) != NULL && len > 0) {
		struct diag diag = DIAG_INIT;
		struct interval interval;
		int rc = interval_parse_number(&interval, source, &diag);

		diag_release(&diag);
		if (rc == 0) {
			pattern->kind = PATTERN_RANGE;
			pattern->low = interval.low;
			pattern->high = interval.high;
			return 0;
		}
	}
	/* "example.com." is a name, "That is all." is a sentence. */
	if (!has_blank(source) && strchr(source, '.') != source + len - 1)
		return read_dotless(reading, source);
	return read_text(reading, source);
}

int
pattern_parse(struct pattern *pattern, struct arena *arena,
    enum subject subject, const char *source, struct place place,
    const struct lists *lists, struct diag *diag)
{
	struct pattern parsed = {
		.source = "", .text = "", .place = place
	};
	struct reading reading = {
		.pattern = &parsed,
		.arena = arena,
		.subject = subject,
		.lists = lists,
		.diag = diag,
	};
	bool has_text = subject == SUBJECT_TEXT || subject == SUBJECT_HOST ||
	    subject == SUBJECT_ADDRESS || subject == SUBJECT_ANY;
	int rc = -1;

	if (check_bytes(source, diag) == -1)
		return -1;
	parsed.source = arena_strdup(arena, source);
	if (source[0] == '@' && source[1] != '\0')
		rc = read_list(&reading, source);
	else if (strcmp(source, "*") == 0)
		rc = take_text(&reading, PATTERN_GLOB, source);
	else if (source[0] == '/' && has_text)
		rc = read_regex(&reading, source);
	else
		switch (subject) {
		case SUBJECT_TEXT:
			rc = read_text(&reading, source);
			break;
		case SUBJECT_HOST:
			rc = read_host(&reading, source);
			break;
		case SUBJECT_ADDRESS:
			rc = read_address(&reading, source);
			break;
		case SUBJECT_IP:
			rc = read_ip(&reading, source);
			break;
		case SUBJECT_NUMBER:
		case SUBJECT_DAY:
		case SUBJECT_TIME:
			rc = read_interval(&reading, source);
			break;
		case SUBJECT_ANY:
			rc = read_entry(&reading, source);
			break;
		}
	if (rc == 0)
		*pattern = parsed;
	return rc;
}
