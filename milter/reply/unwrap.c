#include "reply/unwrap.h"

#include <string.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/text.h"
#include "reply/unwrap_forms.h"

#define PROGRAM_MAX	64
#define QUEUE_ID_MAX	24
#define ADDRESS_MAX	1000	/* more than any address (RFC 5321 4.5.3.1) */

static const char *const speaker_names[] = {
	[SPEAKER_NONE] = "none",
	[SPEAKER_UNTOLD] = "untold",
	[SPEAKER_MTA] = "mta",
	[SPEAKER_MILTER] = "milter",
	[SPEAKER_REMOTE] = "remote",
	[SPEAKER_DELIVERY] = "delivery",
};

const char *
speaker_name(enum speaker speaker)
{
	return speaker_names[speaker];
}

const char *
unwrap_keep(struct unwrapping *u, const char *text, size_t len)
{
	return arena_memdup(u->arena, text, len);
}

void
unwrap_value(struct unwrapping *u, enum variable variable, const char *value,
    size_t len)
{
	const struct text text = { .bytes = value, .len = len };

	if (len > 0 && !text_is(text, "unknown") &&
	    u->out.values.text[variable] == NULL)
		u->out.values.text[variable] = unwrap_keep(u, value, len);
}

/* "550-" or "550 " at p, the digits being those of code. */
static bool
is_code(const char *p, const char *code, char behind)
{
	return strncmp(p, code, 3) == 0 && p[3] == behind;
}

/*
 * Logs join the lines of a reply by blanks: "550-5.7.1 one 550-5.7.1 two 550
 * 5.7.1 three".  A reply that begins so, and has none, gets its line ends
 * again.
 */
static void
lines_part(char *reply)
{
	bool last = false;

	if (!text_is_digit(reply[0]) || !text_is_digit(reply[1]) ||
	    !text_is_digit(reply[2]) || reply[3] != '-' ||
	    strchr(reply, '\n') != NULL || strstr(reply, "\\r\\n") != NULL)
		return;
	for (char *p = reply + 4; *p != '\0' && !last; p++)
		if (*p == ' ' && (is_code(p + 1, reply, '-') ||
		    is_code(p + 1, reply, ' '))) {
			last = p[4] == ' ';
			*p = '\n';
		}
}

void
unwrap_reply(struct unwrapping *u, enum speaker speaker, const char *said,
    size_t len)
{
	char *copy = arena_memdup(u->arena, said, len);

	lines_part(copy);
	u->out.speaker = speaker;
	u->out.reply = raw_parse(u->arena, copy, len);
}

const char *
unwrap_host(const char *text, struct unwrap_host *host)
{
	size_t name = strcspn(text, " \t[](),;:<>=\"");
	const char *p = text + name;
	size_t ip;

	if (*p == ' ' && p[1] == '[')
		p++;
	if (*p != '[')
		return NULL;
	ip = strcspn(++p, " \t[](),;<>=\"");
	if (ip == 0 || p[ip] != ']')
		return NULL;
	*host = (struct unwrap_host){
		.name = text, .name_len = name, .ip = p, .ip_len = ip };
	p += ip + 1;
	if (*p == ':' && text_is_digit(p[1])) {
		const char *port = p + 1;

		while (text_is_digit(*port))
			port++;
		p = port;
	}
	return p;
}

void
unwrap_client(struct unwrapping *u, const struct unwrap_host *host)
{
	unwrap_value(u, VARIABLE_CLIENT_NAME, host->name, host->name_len);
	unwrap_value(u, VARIABLE_CLIENT_IP, host->ip, host->ip_len);
}

void
unwrap_remote(struct unwrapping *u, const struct unwrap_host *host)
{
	size_t len = host->name_len;

	/* Sendmail ends a full name with a dot. */
	if (len > 0 && host->name[len - 1] == '.')
		len--;
	u->out.remote = len > 0 ? unwrap_keep(u, host->name, len) :
	    unwrap_keep(u, host->ip, host->ip_len);
}

const char *
unwrap_queue_id(struct unwrapping *u, const char *text)
{
	size_t len = 0;

	while (text_is_digit(text[len]) || text_is_letter(text[len]))
		len++;
	if (len < 5 || len > QUEUE_ID_MAX || text[len] != ':' ||
	    text[len + 1] != ' ')
		return text;
	if (strncmp(text, "NOQUEUE", len) != 0)
		u->out.queue_id = unwrap_keep(u, text, len);
	return text + len + 2;
}

const char *
unwrap_address(const char *text, const char **address, size_t *len)
{
	size_t n = 0;

	if (*text != '<')
		return NULL;
	/* A quoted local part may hold all but the end of its own address. */
	while (text[1 + n] != '\0' && n < ADDRESS_MAX &&
	    (text[1 + n] != '>' || strchr(" ,:;.", text[2 + n]) == NULL))
		n++;
	if (text[1 + n] != '>')
		return NULL;
	*address = text + 1;
	*len = n;
	return text + n + 2;
}

/* "Nov 22 07:00:00 ", also with a day of one digit behind two blanks. */
static const char *
old_time_skip(const char *p)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char month[4] = "";

	if (strlen(p) < sizeof("Nov 22 07:00:00 x") - 1)
		return NULL;
	memcpy(month, p, 3);
	if (names_find(months, sizeof(months) / sizeof(months[0]), month) == -1
	    || p[3] != ' ')
		return NULL;
	p += 4;
	while (*p == ' ')
		p++;
	if (!text_is_digit(*p))
		return NULL;
	p += strspn(p, "0123456789");
	if (*p++ != ' ')
		return NULL;
	/* Some write the year as well. */
	if (strspn(p, "0123456789") == 4 && p[4] == ' ')
		p += 5;
	if (strspn(p, "0123456789") != 2 || p[2] != ':')
		return NULL;
	p += strspn(p, "0123456789:.");
	return *p == ' ' ? p + 1 : NULL;
}

/* "2026-11-22T07:00:00.123456+00:00 ", also a blank instead of the "T". */
static const char *
new_time_skip(const char *p)
{
	if (strspn(p, "0123456789") != 4 || p[4] != '-' ||
	    strspn(p + 5, "0123456789") != 2 || p[7] != '-' ||
	    strspn(p + 8, "0123456789") != 2 || (p[10] != 'T' && p[10] != ' '))
		return NULL;
	p += 11;
	if (strspn(p, "0123456789") != 2 || p[2] != ':')
		return NULL;
	p += strspn(p, "0123456789:.,+-Z");
	return *p == ' ' ? p + 1 : NULL;
}

/* "postfix/smtpd[123]: ", the number left out only where may_lack_pid. */
static const char *
program_skip(struct unwrapping *u, const char *p, bool may_lack_pid)
{
	size_t len = 0;
	const char *end;

	while (text_is_digit(p[len]) || text_is_letter(p[len]) ||
	    (p[len] != '\0' && strchr("/-_.@", p[len]) != NULL))
		len++;
	end = p + len;
	if (len == 0 || len > PROGRAM_MAX)
		return NULL;
	if (*end == '[' && text_is_digit(end[1])) {
		end++;
		end += strspn(end, "0123456789");
		if (*end++ != ']')
			return NULL;
	} else if (!may_lack_pid) {
		return NULL;
	}
	if (end[0] != ':' || end[1] != ' ')
		return NULL;
	u->out.program = unwrap_keep(u, p, len);
	end += 2;
	/* Solaris: "[ID 197553 mail.info] ". */
	if (text_starts(end, "[ID ") && strchr(end, ']') != NULL) {
		end = strchr(end, ']') + 1;
		end += strspn(end, " ");
	}
	return end;
}

/* The place behind the head of a log line; NULL where text has none. */
static const char *
head_skip(struct unwrapping *u, const char *text)
{
	const char *p = text, *time;

	/* "<22>" of the syslog protocol, perhaps with its version. */
	if (*p == '<' && strspn(p + 1, "0123456789") > 0 &&
	    p[1 + strspn(p + 1, "0123456789")] == '>')
		p = strchr(p, '>') + 1;
	if (p != text && p[0] == '1' && p[1] == ' ')
		p += 2;
	if ((time = old_time_skip(p)) == NULL)
		time = new_time_skip(p);
	if (time == NULL)
		return program_skip(u, p, false);
	/* Behind the time stands the host, in most logs. */
	p = program_skip(u, time, true);
	if (p != NULL)
		return p;
	time += strcspn(time, " ");
	time += strspn(time, " ");
	return program_skip(u, time, true);
}

/* Blanks for line ends, one for each run: bounces wrap their lines. */
static const char *
flatten(struct arena *arena, const char *text)
{
	char *flat = arena_strdup(arena, text), *to = flat;
	bool ended = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\r' || *p == '\n') {
			ended = true;
			continue;
		}
		if (ended && text_is_space(*p))
			continue;
		if (ended)
			*to++ = ' ';
		ended = false;
		*to++ = *p;
	}
	*to = '\0';
	return flat;
}

/* "550 ", "550-": what begins so is a reply, whatever it quotes. */
static bool
is_reply(const char *text)
{
	return *text >= '2' && *text <= '5' && text_is_digit(text[1]) &&
	    text_is_digit(text[2]) &&
	    (text[3] == ' ' || text[3] == '-' || text[3] == '\0');
}

/* A reply of another server from text on, where one stands there. */
static bool
remote_reply(struct unwrapping *u, const char *text)
{
	text += strspn(text, " ");
	if (!is_reply(text))
		return false;
	unwrap_reply(u, SPEAKER_REMOTE, text, strlen(text));
	return true;
}

/*
 * What other software puts in front of the reply that it got: delivery status
 * (RFC 3464), Sendmail, qmail.
 */
static bool
unwrap_diagnostic(struct unwrapping *u, const char *text)
{
	static const char *const said = "Remote host said: ";
	const char *found;

	if (text_starts(text, "Diagnostic-Code:")) {
		text += strlen("Diagnostic-Code:");
		text += strspn(text, " ");
	}
	if (text_starts(text, "smtp;"))
		return remote_reply(u, text + strlen("smtp;"));
	if (text_starts(text, "<<< "))
		return remote_reply(u, text + strlen("<<< "));
	found = strstr(text, said);
	return found != NULL && remote_reply(u, found + strlen(said));
}

/* Exim: "SMTP error from remote ... : host mx [192.0.2.1]: 550 ...". */
static bool
unwrap_exim(struct unwrapping *u, const char *text)
{
	const char *p = strstr(text, "SMTP error from remote ");
	struct unwrap_host host;

	p = p != NULL ? strstr(p, ": host ") : NULL;
	p = p != NULL ? unwrap_host(p + strlen(": host "), &host) : NULL;
	if (p == NULL || *p != ':' || !remote_reply(u, p + 1))
		return false;
	unwrap_remote(u, &host);
	return true;
}

/* "<ann@example.net>: host mx[192.0.2.1] said: ..." of a bounce. */
static bool
unwrap_bounce(struct unwrapping *u, const char *text)
{
	const char *address, *p;
	size_t len;

	p = unwrap_address(text, &address, &len);
	if (p == NULL || p[0] != ':' || p[1] != ' ' ||
	    !unwrap_delivery(u, p + 2, ""))
		return false;
	unwrap_value(u, VARIABLE_RECIPIENT, address, len);
	return true;
}

/* "5.1.1" of "5.1.1 text", and the text behind it. */
static const char *
enhanced_cut(struct arena *arena, const char *text, const char **behind)
{
	const size_t len = strspn(text, "0123456789.");

	*behind = text;
	if (len < 5 || text[len] != ' ' || text[1] != '.' ||
	    (*text != '4' && *text != '5'))
		return "";
	*behind = text + len + 1;
	return arena_memdup(arena, text, len);
}

/*
 * The key of a delivery map, as our own log quotes it: "5.0.0 host
 * mx[192.0.2.1] said: ...".  Only where it names the other server: any reply
 * may begin with a code and the other words of a delivery.
 */
static bool
unwrap_key(struct unwrapping *u, const char *text)
{
	const char *behind, *enhanced;

	enhanced = enhanced_cut(u->arena, text, &behind);
	if (*enhanced == '\0' || !unwrap_delivery(u, behind, "") ||
	    *u->out.remote == '\0')
		return false;
	return unwrap_delivery(u, behind, enhanced);
}

static struct unwrapping
unwrapping_begin(struct arena *arena)
{
	return (struct unwrapping){
		.arena = arena,
		.out = { .speaker = SPEAKER_NONE, .program = "", .stage = "",
		    .remote = "", .queue_id = "" },
	};
}

static char *
text_begin(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (len > RAW_BYTES_MAX)
		len = RAW_BYTES_MAX;
	copy = arena_memdup(arena, text, len);
	for (size_t i = 0; i < len; i++)
		if (copy[i] == '\0')
			copy[i] = RAW_NUL;
	return copy;
}

struct unwrapped
unwrap(struct arena *arena, const char *text, size_t len)
{
	struct unwrapping u = unwrapping_begin(arena);
	const char *copy = text_begin(arena, text, len);
	const char *start = copy + strspn(copy, " \t\r\n");
	const char *behind, *flat;

	if (is_reply(start)) {
		unwrap_reply(&u, SPEAKER_UNTOLD, copy, strlen(copy));
		return u.out;
	}
	flat = flatten(arena, start);
	behind = head_skip(&u, flat);
	if (behind != NULL) {
		if (!unwrap_postfix(&u, behind))
			unwrap_sendmail(&u, behind);
		return u.out;
	}
	if (!unwrap_postfix(&u, flat) && !unwrap_sendmail(&u, flat) &&
	    !unwrap_key(&u, flat) && !unwrap_bounce(&u, flat) &&
	    !unwrap_delivery(&u, flat, "") && !unwrap_diagnostic(&u, flat) &&
	    !unwrap_exim(&u, flat)) {
		u = unwrapping_begin(arena);
		unwrap_reply(&u, SPEAKER_UNTOLD, copy, strlen(copy));
	}
	return u.out;
}

struct unwrapped
unwrap_said(struct arena *arena, const char *text, size_t len)
{
	struct unwrapping u = unwrapping_begin(arena);
	const char *copy = text_begin(arena, text, len);
	const char *start = copy + strspn(copy, " \t\r\n");
	const char *behind, *enhanced;

	if (!is_reply(start)) {
		enhanced = enhanced_cut(arena, flatten(arena, start), &behind);
		if (unwrap_delivery(&u, behind, enhanced))
			return u.out;
		u = unwrapping_begin(arena);
	}
	unwrap_reply(&u, SPEAKER_UNTOLD, copy, strlen(copy));
	return u.out;
}

const char *
unwrapped_words(struct arena *arena, const struct raw_reply *reply)
{
	size_t room = 1;
	char *words, *to;
	bool apart = false;

	for (size_t i = 0; i < reply->count; i++)
		room += strlen(reply->lines[i].text) + 1;
	words = to = arena_alloc(arena, room);
	for (size_t i = 0; i < reply->count; i++) {
		const char *p = reply->lines[i].text;

		/* A blank only where a word follows, and one stands before. */
		for (; *p != '\0'; p++) {
			if (*p == ' ' || !text_is_print(*p)) {
				apart = true;
				continue;
			}
			if (apart && to > words)
				*to++ = ' ';
			apart = false;
			*to++ = *p;
		}
		apart = true;
	}
	return words;
}
