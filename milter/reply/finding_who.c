/* The addresses of a text: whose they are, where it has only one. */

#include "reply/finding_parts.h"

#include <string.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"
#include "reply/cue.h"

#define IP_MIN		6	/* "::1" and "a:b" are not worth a look */

/* Ahead of the address of a server that is not the one that sent the mail. */
static const char *const not_client[] = { "by", "to", "at", "via", "through",
	"using", "version", "mx", "gateway", "resolver", "nameserver",
	"name server", "dns", "dns server", "our", "our server", "our host",
	"this server", "this host", "helo", "ehlo" };
/* Ahead of a mail address that is not the one that is looked for. */
static const char *const not_recipient[] = { "from", "sender", "by", "via",
	"at", "ask", "see", "try", "use", "mailto", "email", "e-mail",
	"write to", "send to", "report to", "forward to" };
static const char *const not_sender[] = { "to", "for", "recipient", "rcpt",
	"by", "via", "at", "ask", "see", "mailto", "email", "e-mail" };
/* Whom replies tell their readers to ask. */
static const char *const helpers[] = { "abuse", "admin", "administrator",
	"contact", "help", "helpdesk", "hostmaster", "info", "noc",
	"postmaster", "removal", "security", "support", "unblock",
	"webmaster" };

bool
finding_ends_with(const char *lower, size_t at, const char *words)
{
	const size_t len = strlen(words);

	return at >= len && memcmp(lower + at - len, words, len) == 0 &&
	    (at == len || !finding_is_word(lower[at - len - 1]));
}

bool
finding_is_word(char c)
{
	return text_is_letter(c) || text_is_digit(c) ||
	    (c != '\0' && strchr("-_.@", c) != NULL);
}

static bool
stands_behind(const char *lower, size_t at, const char *const words[],
    size_t count)
{
	while (at > 0 && strchr(" <([\"':=", lower[at - 1]) != NULL)
		at--;
	for (size_t i = 0; i < count; i++)
		if (finding_ends_with(lower, at, words[i]))
			return true;
	return false;
}

bool
finding_address(const char *text, size_t len, size_t at, size_t *start,
    size_t *end)
{
	size_t first = at, last = at + 1;

	while (first > 0 && cue_may_hold(VALUE_ADDRESS, text[first - 1]))
		first--;
	while (last < len && cue_may_hold(VALUE_DOMAIN, text[last]))
		last++;
	while (text[last - 1] == '.')
		last--;
	*start = first;
	*end = last;
	return first < at && last > at + 1;
}

/* Without letters of its own it could be anything: "a=b@c", "x/y@z". */
static bool
is_sound(const char *text, size_t start, size_t at, size_t end)
{
	const char *dot = memchr(text + at, '.', end - at);

	for (size_t i = start; i < at; i++)
		if (!text_is_letter(text[i]) && !text_is_digit(text[i]) &&
		    strchr("._+-~", text[i]) == NULL)
			return false;
	return dot != NULL && text_is_letter(text[end - 1]);
}

static bool
same_bytes(const char *text, size_t len, const char *other)
{
	return other != NULL && text_is((struct text){ .bytes = text,
	    .len = len }, other);
}

static bool
is_helper(const char *address)
{
	const struct text local = { .bytes = address,
	    .len = strcspn(address, "@") };

	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (text_is(local, helpers[i]))
			return true;
	return false;
}

/* A value that was found before, under another name. */
static bool
is_known(const struct values *values, const char *text, size_t len)
{
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (same_bytes(text, len, values->text[i]))
			return true;
	return false;
}

/* The only mail address, with its place; NULL where there is none, or two. */
static const char *
only_address(const struct search *s, size_t *place)
{
	const char *only = NULL;

	for (size_t at = 0; at < s->len; at++) {
		const char *next = memchr(s->text + at, '@', s->len - at);
		size_t start, end;

		if (next == NULL)
			break;
		at = (size_t)(next - s->text);
		if (!finding_address(s->text, s->len, at, &start, &end))
			continue;
		while (start < at && strchr("'`", s->text[start]) != NULL)
			start++;
		if (!is_sound(s->text, start, at, end) ||
		    (only != NULL && !same_bytes(s->text + start, end - start,
		    only)))
			return NULL;
		if (only == NULL) {
			only = arena_memdup(s->arena, s->text + start,
			    end - start);
			*place = start;
		}
		at = end - 1;
	}
	return only;
}

void
finding_writer(const struct search *s, enum topic whose)
{
	const bool sender = whose == TOPIC_SENDER;
	const enum variable variable = sender ? VARIABLE_SENDER :
	    VARIABLE_RECIPIENT;
	size_t place = 0;
	const char *only;

	if (s->values->text[variable] != NULL ||
	    (sender && strstr(s->lower, "sender") == NULL &&
	    strstr(s->lower, "from") == NULL))
		return;
	only = only_address(s, &place);
	if (only == NULL || is_helper(only) ||
	    is_known(s->values, only, strlen(only)) ||
	    memmem(s->lower, place, "contact", strlen("contact")) != NULL)
		return;
	if (sender ? stands_behind(s->lower, place, not_sender,
	    sizeof(not_sender) / sizeof(not_sender[0])) :
	    stands_behind(s->lower, place, not_recipient,
	    sizeof(not_recipient) / sizeof(not_recipient[0])))
		return;
	s->values->text[variable] = only;
}

static bool
is_of_ip(char c)
{
	return text_is_digit(c) || c == '.' || c == ':' || (c >= 'a' &&
	    c <= 'f');
}

/* In a link it is the client only where the link asks for it. */
static bool
is_asked_for(const struct search *s, size_t start)
{
	size_t word = start;

	while (word > 0 && s->lower[word - 1] != ' ')
		word--;
	return memmem(s->lower + word, start - word, "://", 3) == NULL ||
	    finding_ends_with(s->lower, start, "ip=") ||
	    finding_ends_with(s->lower, start, "ip/");
}

/* "by mx.example.net[" : the name belongs to the address. */
static size_t
name_skip(const char *lower, size_t at)
{
	size_t start = at;

	if (start > 0 && strchr("[(", lower[start - 1]) != NULL)
		start--;
	while (start > 0 && lower[start - 1] == ' ')
		start--;
	at = start;
	while (start > 0 && finding_is_word(lower[start - 1]))
		start--;
	return memchr(lower + start, '.', at - start) != NULL ? start : at;
}

/*
 * The IP address that begins at start; false where none does.  Those of this
 * machine say nothing: lists answer with them.
 */
static bool
ip_at(const struct search *s, size_t start, size_t end, struct ip *ip)
{
	char copy[IP_TEXT_MAX];

	if (s->text[end] == '/' || finding_is_word(s->text[end]))
		return false;
	while (end > start && strchr(".:", s->text[end - 1]) != NULL)
		end--;
	if (end - start < IP_MIN || end - start >= sizeof(copy))
		return false;
	memcpy(copy, s->text + start, end - start);
	copy[end - start] = '\0';
	return ip_parse(ip, copy) == 0 && (ip->family == 6 ||
	    (ip->bytes[0] != 127 && ip->bytes[0] != 0));
}

/* The name that a client gave itself, and "ann@[192.0.2.1]". */
static bool
is_of_others(const struct search *s, size_t place)
{
	const size_t len = strcspn(s->text + place, " ]>),;");

	return is_known(s->values, s->text + place, len) ||
	    (place >= 2 && strncmp(s->text + place - 2, "@[", 2) == 0);
}

void
finding_client(const struct search *s)
{
	struct ip only = { .family = 0 };
	size_t place = 0;
	char text[IP_TEXT_MAX];

	if (s->values->text[VARIABLE_CLIENT_IP] != NULL)
		return;
	for (size_t at = 0; at < s->len; at++) {
		size_t end = at;
		struct ip ip;

		while (end < s->len && is_of_ip(text_lower(s->text[end])))
			end++;
		if (end == at || (at > 0 && finding_is_word(s->text[at - 1])))
			continue;
		if (ip_at(s, at, end, &ip) && is_asked_for(s, at)) {
			if (only.family != 0 && !ip_equal(&ip, &only))
				return;
			if (only.family == 0)
				place = at;
			only = ip;
		}
		at = end;
	}
	if (only.family == 0 || is_of_others(s, place) ||
	    stands_behind(s->lower, name_skip(s->lower, place), not_client,
	    sizeof(not_client) / sizeof(not_client[0])))
		return;
	ip_format(&only, text);
	s->values->text[VARIABLE_CLIENT_IP] = arena_strdup(s->arena, text);
}
