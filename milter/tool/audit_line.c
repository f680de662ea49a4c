#include "tool/audit_line.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/raw.h"

#define CASE_MARK	"Case: "
#define CASE_LEN	(CASE_TEXT_MAX - 1)

/* Of deliveries that were not refused. */
static const char *const fine[] = {
	"=sent", "=deliverable", "=Sent", "=queued",
};

static const char *
find(struct text in, const char *from, const char *part)
{
	return memmem(from, in.len - (size_t)(from - in.bytes), part,
	    strlen(part));
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

	if (is_bare(line) || find(line, line.bytes, "reject") != NULL)
		return true;
	for (at = find(line, line.bytes, "stat"); at != NULL;
	    at = find(line, at + 1, "stat"))
		if (is_bad_status(line, at))
			return true;
	return false;
}

/* The value of " key=" in a line of ours; "" where it is not there. */
static char *
own_value(struct arena *arena, struct text line, const char *key)
{
	const char *at = find(line, line.bytes, key);
	const char *end = line.bytes + line.len;
	const char *start;
	bool quoted;

	if (at == NULL)
		return arena_strdup(arena, "");
	start = at + strlen(key);
	quoted = start < end && *start == '"';
	start += quoted;
	for (at = start; at < end && *at != (quoted ? '"' : ' ');)
		at += quoted && *at == '\\' && at + 1 < end ? 2 : 1;
	return arena_memdup(arena, start, (size_t)(at - start));
}

static bool
is_one_of(const char *word, const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

bool
line_read_own(struct arena *arena, struct text line, struct own_line *own)
{
	static const char *const outcomes[] = { "done", "separated", "fault" };
	static const char *const actions[] = { "reject", "defer" };
	const char *outcome = find(line, line.bytes, "outcome=");

	/* Behind "milter-reply[1]: ", or all alone. */
	if (outcome == NULL || (outcome > line.bytes &&
	    (outcome - line.bytes < 2 || memcmp(outcome - 2, ": ", 2) != 0)) ||
	    find(line, outcome, " action=") == NULL)
		return false;
	line.len -= (size_t)(outcome - line.bytes);
	line.bytes = outcome;
	if (!is_one_of(own_value(arena, line, "outcome="), outcomes,
	    sizeof(outcomes) / sizeof(outcomes[0])) ||
	    !is_one_of(own_value(arena, line, " action="), actions,
	    sizeof(actions) / sizeof(actions[0])))
		return false;
	own->reason = own_value(arena, line, " reason=");
	own->source = own_value(arena, line, " source=");
	own->case_id = own_value(arena, line, " case=");
	return true;
}

/* "7K3Q-X2M9" at the end of text. */
static const char *
case_at_end(const char *text)
{
	size_t len = strlen(text);
	const char *at;

	while (len > 0 && strchr(". ", text[len - 1]) != NULL)
		len--;
	if (len < strlen(CASE_MARK) + CASE_LEN)
		return NULL;
	at = text + len - CASE_LEN;
	if (memcmp(at - strlen(CASE_MARK), CASE_MARK, strlen(CASE_MARK)) != 0)
		return NULL;
	for (size_t i = 0; i < CASE_LEN; i++)
		if (i == CASE_LEN / 2 ? at[i] != '-' :
		    !(at[i] >= 'A' && at[i] <= 'Z') && !text_is_digit(at[i]))
			return NULL;
	return at;
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
	const char *text, *at;

	if (reply->count == 0)
		return false;
	text = reply->lines[reply->count - 1].text;
	at = case_at_end(text);
	if (at == NULL)
		return false;
	memcpy(case_id, at, CASE_LEN);
	case_id[CASE_LEN] = '\0';
	reason_from_link(text, at - strlen(CASE_MARK), reason);
	return true;
}
