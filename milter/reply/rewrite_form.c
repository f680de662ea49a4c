/* A rewriting in the forms that Postfix takes from its maps. */

#include "reply/rewrite.h"

#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "reply/lint.h"
#include "reply/lint_rules.h"
#include "reply/raw.h"
#include "reply/reason.h"
#include "reply/reply.h"

#define DELIVERY_MAX	1000	/* bytes */
#define LOOKED_LINES	8	/* the lint need not see all of an endless */
#define LOOKED_BYTES	600	/* reply */

/* The beginning of a reply: enough to know what it says. */
static struct raw_reply
beginning(struct arena *arena, const struct raw_reply *raw)
{
	const size_t count = raw->count < LOOKED_LINES ? raw->count :
	    LOOKED_LINES;
	struct raw_line *lines = arena_alloc(arena,
	    (count + 1) * sizeof(*lines));

	for (size_t i = 0; i < count; i++) {
		lines[i] = raw->lines[i];
		lines[i].text = arena_memdup(arena, lines[i].text,
		    strnlen(lines[i].text, LOOKED_BYTES));
	}
	return (struct raw_reply){ .count = count, .lines = lines };
}

/* Does the server's first line say in plain words what happened? */
static bool
says_what(struct arena *arena, const struct raw_reply *raw)
{
	static const enum lint_rule rules[] = { LINT_T1, LINT_T2, LINT_T10,
	    LINT_T13 };
	const struct raw_reply first = { .count = 1, .lines = raw->lines };

	return raw->count > 0 && !lint_breaks(arena, &first, rules,
	    sizeof(rules) / sizeof(rules[0]));
}

static bool
says_fix(struct arena *arena, const struct raw_reply *raw)
{
	static const enum lint_rule rules[] = { LINT_T5 };

	return raw->count > 0 && !lint_breaks(arena, raw, rules, 1);
}

static bool
says_line(const struct raw_reply *raw, const char *line)
{
	for (size_t i = 0; i < raw->count; i++)
		if (strcmp(raw->lines[i].text, line) == 0)
			return true;
	return false;
}

/*
 * Does its last line say where to ask?  So do replies of ours, which a filter
 * has put in place before Postfix asks for the footer.
 */
static bool
says_ways_on(const struct raw_reply *raw)
{
	return raw->count > 1 && lint_is_ways_on(raw->lines[raw->count -
	    1].text);
}

/* One line more: "\n" and "$$" are what Postfix wants to see. */
static void
footer_line(struct strbuf *out, size_t start, const char *line)
{
	if (out->len > start)
		strbuf_adds(out, "\\n");
	for (;;) {
		size_t len = strcspn(line, "\\$");

		strbuf_add(out, line, len);
		line += len;
		if (*line == '\0')
			break;
		/* A backslash would begin something of Postfix's. */
		strbuf_adds(out, *line++ == '$' ? "$$" : "/");
	}
}

/* Line 1 of a 421 begins with the host, which the server's own line has. */
static const char *
without_host(const struct reply *reply)
{
	const char *line = reply->lines[0], *blank = strchr(line, ' ');

	return reply->status.code == 421 && blank != NULL ? blank + 1 : line;
}

void
rewriting_footer(struct arena *arena, const struct rewriting *rewriting,
    const struct unwrapped *unwrapped, struct strbuf *out)
{
	const struct raw_reply said = beginning(arena, &unwrapped->reply);
	const struct raw_reply *raw = &said;
	const struct reply *reply = rewriting->reply;
	const bool known = rewriting->recognition.reason != NULL;
	const bool asked = says_ways_on(&unwrapped->reply);
	const size_t start = out->len;

	for (size_t i = 0; i < reply->count; i++) {
		const char *line = i == 0 ? without_host(reply) :
		    reply->lines[i];
		const bool ways_on = i > 0 && lint_is_ways_on(line);

		if (says_line(raw, line) || says_line(raw, reply->lines[i]) ||
		    (ways_on && asked) ||
		    (i == 0 && (!known || says_what(arena, raw))) ||
		    (i > 0 && !ways_on && says_fix(arena, raw)))
			continue;
		footer_line(out, start, line);
	}
}

void
rewriting_delivery(const struct rewriting *rewriting, struct strbuf *out)
{
	const struct reply *reply = rewriting->reply;
	const size_t start = out->len;
	char enhanced[STATUS_TEXT_MAX];

	status_format_enhanced(reply->status, enhanced);
	strbuf_adds(out, enhanced);
	for (size_t i = 0; i < reply->count; i++)
		strbuf_addf(out, " %s", reply->lines[i]);
	if (out->len - start > DELIVERY_MAX)
		strbuf_cut(out, start + DELIVERY_MAX);
}
