/* Lines of the log: fields, their quotes, and the line of a decision. */
#include <fcntl.h>
#include <limits.h>
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
#include "capture.h"
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

START_TEST(test_event)
{
	char text[400];
	struct capture capture = capture_begin();

	log_event(LEVEL_NOTICE, "stop", "stopped");
	log_event(LEVEL_ERROR, "reload", "%d errors", 2);
	log_event(LEVEL_WARNING, "reload", "one\ntwo");
	capture_end(&capture, text, sizeof(text));
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

/* Who refused, and what is told of it; the rest is the same. */
static const struct {
	const char	*name;
	struct record	 record;
	const char	*expected;	/* up to the client */
	const char	*original;	/* behind the recipient */
} records[] = {
	{ "a policy", { .policy = &policy, .reason = &reason,
	    .milter = "", .map = "", .original = "", .sure = "" },
	    "source=\"policy fake helo\" place=/etc/milter-reply.conf:12 "
	    "stage=rcpt reason=bad-helo matched=\"helo localhost\" ", "" },
	{ "a milter", { .source = SOURCE_MILTER, .milter = "rspamd",
	    .reason = &reason, .map = "", .sure = "low",
	    .original = "554 \"no\"\r\nRSET" },
	    "source=\"milter rspamd\" stage=rcpt reason=bad-helo sure=low "
	    "matched=\"helo localhost\" ",
	    "original=\"554 \\\"no\\\"\\x0d\\x0aRSET\" " },
	{ "a map", { .source = SOURCE_MTA, .milter = "", .map = "footer",
	    .sure = "none", .original = "554 5.7.1 no" },
	    "source=mta map=footer sure=none matched=\"helo localhost\" ",
	    "original=\"554 5.7.1 no\" " },
};

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
	struct strbuf expected = STRBUF_INIT, gathered = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct record record = records[_i].record;
	char text[1000];
	struct capture capture;

	record.outcome = OUTCOME_DONE;
	record.action = ACTION_REJECT;
	record.stage = STAGE_RCPT;
	record.case_id = "7K3Q-X2M9";
	record.reply = reply_new(arena, (struct status){ 550, 7, 1 }, lines, 2,
	    &diag);
	record.lint = record.client_name = record.queue_id = "";
	record.client_ip = "192.0.2.1";
	record.helo = "localhost";
	record.sender = "a b@example.org";
	record.recipient = "c@example.com";
	record.evidence = &evidence;
	capture = capture_begin();
	log_record(&record);
	capture_end(&capture, text, sizeof(text));
	log_record_add(&record, &gathered);
	ck_assert_str_eq(gathered.text, text);
	strbuf_release(&gathered);
	strbuf_addf(&expected, "outcome=done action=reject case=7K3Q-X2M9 %s"
	    "client_ip=192.0.2.1 helo=localhost sender=\"a b@example.org\" "
	    "recipient=c@example.com ", records[_i].expected);
	strbuf_adds(&expected, records[_i].original);
	strbuf_adds(&expected,
	    "reply=\"550 5.7.1 First line. / Second line.\"\n");
	ck_assert_msg(strcmp(text, expected.text) == 0,
	    "%s:\n     got %sexpected %s", records[_i].name, text,
	    expected.text);
	strbuf_release(&expected);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

/* What the daemon's other threads write does not come within a line. */
START_TEST(test_lines_are_written_whole)
{
	static const char *const lines[] = { "A line." };
	struct strbuf gathered = STRBUF_INIT, all = STRBUF_INIT;
	struct arena *arena = arena_new();
	struct diag diag = DIAG_INIT;
	struct record record = records[1].record;
	int ends[2], before = dup(STDERR_FILENO);
	char packet[2 * PIPE_BUF];
	ssize_t len;

	record.case_id = "7K3Q-X2M9";
	record.reply = reply_new(arena, (struct status){ 550, 7, 1 }, lines, 1,
	    &diag);
	record.lint = record.client_ip = record.client_name = record.helo =
	    record.sender = record.recipient = record.queue_id = "";
	for (int i = 0; i < 100; i++)
		log_record_add(&record, &gathered);
	strbuf_add(&all, gathered.text, gathered.len);
	/* This kind of pipe keeps apart what was written at once. */
	ck_assert_int_eq(pipe2(ends, O_DIRECT), 0);
	dup2(ends[1], STDERR_FILENO);
	log_lines_write(&gathered);
	dup2(before, STDERR_FILENO);
	close(ends[1]);
	ck_assert_uint_eq(gathered.len, 0);
	ck_assert_uint_gt(all.len, sizeof(packet));
	for (size_t done = 0; (len = read(ends[0], packet, sizeof(packet))) > 0;
	    done += (size_t)len) {
		ck_assert_int_le(len, PIPE_BUF);
		ck_assert_int_eq(packet[len - 1], '\n');
		ck_assert_mem_eq(packet, all.text + done, (size_t)len);
	}
	ck_assert_int_eq(len, 0);
	close(ends[0]);
	close(before);
	strbuf_release(&gathered);
	strbuf_release(&all);
	diag_release(&diag);
	arena_free(arena);
}
END_TEST

START_TEST(test_diag)
{
	struct diag diag = DIAG_INIT;
	char text[400];
	struct capture capture;

	diag_add(&diag, SEVERITY_ERROR, (struct place){ "x.conf", 3 }, "no");
	diag_add(&diag, SEVERITY_WARNING, PLACE_NONE, "well");
	capture = capture_begin();
	log_diag(&diag);
	capture_end(&capture, text, sizeof(text));
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
		{ test_record, COUNT(records) },
		{ test_lines_are_written_whole, 1 },
		{ test_diag, 1 },
	};

	return table_run("log", tests, COUNT(tests));
}
