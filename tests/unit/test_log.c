/* Lines of the log: fields, their quotes, and the line of a decision. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "policy/policy.h"
#include "reply/reply.h"
#include "session/record.h"
#include "world/log.h"
#include "table.h"

static const struct {
	const char	*name, *value, *want;
} fields[] = {
	{ "a word", "192.0.2.1", "k=192.0.2.1" },
	{ "an address", "<a+b=c@example.com>", "k=<a+b=c@example.com>" },
	{ "nothing", "", "k=\"\"" },
	{ "blanks", "two words", "k=\"two words\"" },
	{ "quotes", "say \"hi\"", "k=\"say \\\"hi\\\"\"" },
	{ "a backslash", "a\\b", "k=\"a\\\\b\"" },
	{ "a line feed", "a\nevent=start", "k=\"a\\x0aevent=start\"" },
	{ "a high byte", "m\xfcller", "k=\"m\\xfcller\"" },
	{ "an escape", "\x1b[31m", "k=\"\\x1b[31m\"" },
};

START_TEST(test_field)
{
	struct strbuf line = STRBUF_INIT;

	log_field(&line, "k", fields[_i].value);
	ck_assert_msg(strcmp(line.text, fields[_i].want) == 0, "%s: %s",
	    fields[_i].name, line.text);
	strbuf_release(&line);
}
END_TEST

START_TEST(test_fields_are_apart)
{
	struct strbuf line = STRBUF_INIT;

	log_field(&line, "a", "1");
	log_field(&line, "b", "2");
	ck_assert_str_eq(line.text, "a=1 b=2");
	strbuf_release(&line);
}
END_TEST

START_TEST(test_long_value_is_cut)
{
	struct strbuf line = STRBUF_INIT;
	char helo[5000];

	memset(helo, 'x', sizeof(helo) - 1);
	helo[sizeof(helo) - 1] = '\0';
	log_field(&line, "helo", helo);
	ck_assert_uint_lt(line.len, 1100);
	ck_assert_str_eq(line.text + line.len - 4, "x...");
	strbuf_release(&line);
}
END_TEST

/* stderr goes to a file between these two; the second returns its text. */
static int
capture_begin(FILE **to)
{
	int before;

	fflush(stderr);
	before = dup(STDERR_FILENO);
	*to = tmpfile();
	ck_assert_ptr_nonnull(*to);
	dup2(fileno(*to), STDERR_FILENO);
	return before;
}

static void
capture_end(int before, FILE *from, char *text, size_t size)
{
	size_t len;

	dup2(before, STDERR_FILENO);
	close(before);
	rewind(from);
	len = fread(text, 1, size - 1, from);
	text[len] = '\0';
	fclose(from);
}

START_TEST(test_event)
{
	char text[400];
	FILE *file;
	int before = capture_begin(&file);

	log_event(LEVEL_NOTICE, "stop", "stopped");
	log_event(LEVEL_ERROR, "reload", "%d errors", 2);
	log_event(LEVEL_WARNING, "reload", "one\ntwo");
	capture_end(before, file, text, sizeof(text));
	ck_assert_str_eq(text,
	    "event=stop text=stopped\n"
	    "event=reload level=error text=\"2 errors\"\n"
	    "event=reload level=warning text=\"one\\x0atwo\"\n");
}
END_TEST

static const struct policy policy = {
	.name = "fake helo",
	.place = { "/etc/milter-reply.conf", 12 },
	.action = ACTION_REJECT,
};
static const struct reason reason = { .name = "bad-helo" };

START_TEST(test_record)
{
	static const char *const lines[] = { "First line.", "Second line." };
	const struct condition condition = {
		.attribute = ATTRIBUTE_HELO,
		.name = "",
	};
	const struct evidence evidence = {
		.count = 1,
		.items = { {
			.condition = &condition,
			.pattern = "localhost",
		} },
	};
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct record record = {
		.outcome = OUTCOME_DONE,
		.action = ACTION_REJECT,
		.policy = &policy,
		.reason = &reason,
		.stage = STAGE_RCPT,
		.case_id = "7K3Q-X2M9",
		.reply = reply_new(arena, (struct status){ 550, 7, 1 }, lines,
		    2, &diag),
		.lint = "",
		.client_ip = "192.0.2.1",
		.client_name = "",
		.helo = "localhost",
		.sender = "a b@example.org",
		.recipient = "c@example.com",
		.queue_id = "",
		.evidence = &evidence,
	};
	char text[1000];
	FILE *file;
	int before = capture_begin(&file);

	log_record(&record);
	capture_end(before, file, text, sizeof(text));
	ck_assert_str_eq(text, "outcome=done action=reject case=7K3Q-X2M9 "
	    "source=\"policy fake helo\" place=/etc/milter-reply.conf:12 "
	    "stage=rcpt reason=bad-helo matched=\"helo localhost\" "
	    "client_ip=192.0.2.1 helo=localhost sender=\"a b@example.org\" "
	    "recipient=c@example.com "
	    "reply=\"550 5.7.1 First line. / Second line.\"\n");
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(test_diag)
{
	struct diag diag = DIAG_INIT;
	char text[400];
	FILE *file;
	int before;

	diag_add(&diag, SEVERITY_ERROR, (struct place){ "x.conf", 3 }, "no");
	diag_add(&diag, SEVERITY_WARNING, PLACE_NONE, "well");
	before = capture_begin(&file);
	log_diag(&diag);
	capture_end(before, file, text, sizeof(text));
	ck_assert_str_eq(text,
	    "event=config level=error place=x.conf:3 text=no\n"
	    "event=config level=warning text=well\n");
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_field, COUNT(fields) },
		{ test_fields_are_apart, 1 },
		{ test_long_value_is_cut, 1 },
		{ test_event, 1 },
		{ test_record, 1 },
		{ test_diag, 1 },
	};

	return table_run("log", tests, COUNT(tests));
}
