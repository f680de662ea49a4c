#include "tool/audit_line.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/case_form.h"
#include "reply/raw.h"

#define PROGRAM		"milter-reply"
#define OUTCOME		"outcome="
#define CASE_MARK	"Case: "
#define CASE_LEN	(CASE_TEXT_MAX - 1)
#define ADDRESS_MAX	1000	/* more than any address (RFC 5321 4.5.3.1) */

/*
 * Of deliveries that were not refused.  Those in capitals are the commands by
 * which a client of Sendmail took its recipients back.
 */
static const char *const fine[] = {
	"=sent", "=deliverable", "=Sent", "=queued", "=RSET", "=HELO", "=EHLO",
	"=STARTTLS", "=aborted by sender",
};

static const char *
find(struct text in, const char *from, const char *part)
{
	return memmem(from, in.len - (size_t)(from - in.bytes), part,
	    strlen(part));
}

static bool
begins(struct text in, const char *with)
{
	return in.len >= strlen(with) &&
	    memcmp(in.bytes, with, strlen(with)) == 0;
}

/* "status=bounced", "stat=User unknown": at stands at "stat". */
static bool
is_bad_status(struct text line, const char *at)
{
	size_t len = line.len - (size_t)(at - line.bytes);
	const char *equals;

	if (len > 7 && memcmp(at, "status=", 7) == 0)
		equals = at + 6;
	else if (len > 5 && memcmp(at, "stat=", 5) == 0)
		equals = at + 4;
	else
		return false;
	len = line.len - (size_t)(equals - line.bytes);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		size_t n = strlen(fine[i]);

		if (len >= n && memcmp(equals, fine[i], n) == 0)
			return false;
	}
	return true;
}

/* "550 ...": no log line, but a reply alone. */
static bool
is_bare(struct text line)
{
	return line.len > 3 && (line.bytes[0] == '4' ||
	    line.bytes[0] == '5') && text_is_digit(line.bytes[1]) &&
	    text_is_digit(line.bytes[2]) && (line.bytes[3] == ' ' ||
	    line.bytes[3] == '-');
}

bool
line_may_refuse(struct text line)
{
	const char *at;

	/* The last is Sendmail's: "<nobody@example.com>... User unknown". */
	if (is_bare(line) || find(line, line.bytes, "reject") != NULL ||
	    find(line, line.bytes, ">... ") != NULL ||
	    find(line, line.bytes, OUTCOME) != NULL)
		return true;
	for (at = find(line, line.bytes, "stat"); at != NULL;
	    at = find(line, at + 1, "stat"))
		if (is_bad_status(line, at))
			return true;
	return false;
}

/*
 * The value of a field in what we log; "" where it is not there.  One field
 * after the other, for a quoted value may hold what looks like others.
 */
static char *
own_value(struct arena *arena, struct text said, const char *key)
{
	const char *at = said.bytes, *end = at + said.len;
	const char *value;

	while ((value = memchr(at, '=', (size_t)(end - at))) != NULL) {
		const struct text name = {
			.bytes = at,
			.len = (size_t)(value - at),
		};
		bool quoted = ++value < end && *value == '"';

		value += quoted;
		for (at = value; at < end && *at != (quoted ? '"' : ' ');)
			at += quoted && *at == '\\' && at + 1 < end ? 2 : 1;
		if (text_is(name, key))
			return arena_memdup(arena, value,
			    (size_t)(at - value));
		while (at < end && (*at == '"' || *at == ' '))
			at++;
	}
	return arena_strdup(arena, "");
}

static bool
is_one_of(const char *word, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* Is len bytes from text on what syslog calls us, "milter-reply[9]"? */
static bool
is_our_tag(const char *text, size_t len)
{
	const size_t name = strlen(PROGRAM);

	if (len > name + 2 && text[len - 1] == ']') {
		for (len--; len > name && text_is_digit(text[len - 1]); len--)
			;
		if (text[--len] != '[')
			return false;
	}
	return len == name && memcmp(text, PROGRAM, name) == 0;
}

/*
 * Only what stands in front of the first ": " names the program; all behind may
 * be what a client or another server chose to say.
 */
bool
line_is_ours(struct text *line)
{
	const char *end = find(*line, line->bytes, ": "), *tag = end;

	if (begins(*line, OUTCOME))
		return true;
	if (end == NULL)
		return false;
	while (tag > line->bytes && tag[-1] != ' ')
		tag--;
	if (!is_our_tag(tag, (size_t)(end - tag)))
		return false;
	end += strlen(": ");
	line->len -= (size_t)(end - line->bytes);
	line->bytes = end;
	return true;
}

bool
line_read_own(struct arena *arena, struct text said, struct own_line *own)
{
	static const char *const outcomes[] = { "done", "separated", "fault" };
	static const char *const actions[] = { "reject", "defer" };

	if (!begins(said, OUTCOME) ||
	    !is_one_of(own_value(arena, said, "outcome"), outcomes,
	    sizeof(outcomes) / sizeof(outcomes[0])) ||
	    !is_one_of(own_value(arena, said, "action"), actions,
	    sizeof(actions) / sizeof(actions[0])))
		return false;
	own->reason = own_value(arena, said, "reason");
	own->source = own_value(arena, said, "source");
	own->map = own_value(arena, said, "map");
	own->original = own_value(arena, said, "original");
	own->case_id = own_value(arena, said, "case");
	return true;
}

/*
 * The place behind an address in <>, which may hold anything; or behind the
 * "<" of what is none.
 */
static const char *
address_skip(const char *text)
{
	for (size_t i = 1; i <= ADDRESS_MAX && text[i] != '\0'; i++)
		if (text[i] == '>' && strchr(" ,:;.", text[i + 1]) != NULL)
			return text + i + 1;
	return text + 1;
}

/* The first case of a line that is not in an address; NULL for none. */
static const char *
case_find(const char *text)
{
	const char *behind = case_behind(text), *open;

	while (behind != NULL && (open = memchr(text, '<',
	    (size_t)(behind - text))) != NULL) {
		text = address_skip(open);
		if (text > behind - CASE_LEN - strlen(CASE_MARK) - 1)
			behind = case_behind(text);
	}
	return behind != NULL ? behind - CASE_LEN : NULL;
}

/* "More help: https://example.com/mail/no-such-mailbox Case: ..." */
static void
reason_from_link(const char *text, const char *end, struct strbuf *reason)
{
	const char *name;

	while (end > text && end[-1] == ' ')
		end--;
	for (name = end; name > text && (text_is_letter(name[-1]) ||
	    text_is_digit(name[-1]) || name[-1] == '-'); name--)
		;
	if (name > text && strchr("/=#?", name[-1]) != NULL)
		strbuf_add(reason, name, (size_t)(end - name));
}

bool
reply_read_own(const struct raw_reply *reply, char case_id[CASE_TEXT_MAX],
    struct strbuf *reason)
{
	for (size_t i = reply->count; i-- > 0;) {
		const char *text = reply->lines[i].text;
		const char *at = case_find(text);

		if (at == NULL)
			continue;
		memcpy(case_id, at, CASE_LEN);
		case_id[CASE_LEN] = '\0';
		reason_from_link(text, at - strlen(CASE_MARK), reason);
		return true;
	}
	return false;
}
