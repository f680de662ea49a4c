/*
 * test_snapshot - whole configurations: good ones load, print and load again;
 * of bad ones every problem is told.
 *
 * The bad ones are tests/badconf/NAME.conf, with the exact messages in
 * NAME.expected.  REWRITE=1 in the environment writes these anew, and git
 * shows what changed.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "policy/plan.h"
#include "reply/reason.h"
#include "session/rules.h"
#include "table.h"

#define FOLDER	"tests/badconf"

static glob_t bad;

static void
file_text(const char *name, struct strbuf *text)
{
	FILE *file = fopen(name, "r");
	char piece[4096];
	size_t len;

	if (file == NULL)
		return;
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		strbuf_add(text, piece, len);
	fclose(file);
}

static void
file_write(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_bad)
{
	const char *name = strrchr(bad.gl_pathv[_i], '/') + 1;
	struct strbuf expected_name = STRBUF_INIT;
	struct strbuf expected = STRBUF_INIT, said = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;

	/* Messages name files as they were named by whoever loads. */
	ck_assert_int_eq(chdir(FOLDER), 0);
	snapshot = snapshot_load(name, &diag);
	ck_assert((snapshot == NULL) == (diag.errors > 0));
	ck_assert_uint_gt(diag.count, 0);
	diag_format(&diag, &said);
	strbuf_add(&expected_name, name, strlen(name) - strlen(".conf"));
	strbuf_adds(&expected_name, ".expected");
	if (getenv("REWRITE") != NULL)
		file_write(expected_name.text, said.text);
	file_text(expected_name.text, &expected);
	ck_assert_str_eq(said.text, expected.text);
	if (snapshot != NULL)
		snapshot_put(snapshot);
	diag_release(&diag);
	strbuf_release(&expected_name);
	strbuf_release(&expected);
	strbuf_release(&said);
}
END_TEST

/* Configurations without a problem. */
static const struct {
	const char *name;
	const char *text;
	size_t policies, cases;
} good[] = {
	{ "nothing", "", 0, 0 },
	{ "the daemon alone", "daemon: { mode = \"observe\"; };", 0, 0 },
	{ "daemon and one policy",
	    "daemon: { milter = \"unix:/run/milter-reply/sock\"; };\n"
	    "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { name = \"loop\"; when = { hops = \"> 50\"; };\n"
	    "    reject = \"mail-loop\"; } );\n", 1, 0 },
	{ "every group",
	    "daemon: { refuse_at = \"earliest\"; on_error = \"defer\";\n"
	    "    log = \"syslog\"; log_facility = \"local3\";\n"
	    "    socket_mode = \"0600\"; body_max = \"1M\"; };\n"
	    "site: { name = \"B\\\"o\\\\x\"; host = \"mx.example.com\";\n"
	    "    help = \"https://example.com/mail/{reason}\";\n"
	    "    detail = \"brief\";\n"
	    "    never_refuse = [ ]; };\n"
	    "reasons: {\n"
	    "    embargo = { title = \"Embargo\"; status = \"550 5.7.1\";\n"
	    "        side = \"sender-provider\";\n"
	    "        what = \"We take no mail from the server[ {client_ip}]\"\n"
	    "            \" that sent your message.\";\n"
	    "        fix = \"Ask your mail provider to use another way.\";\n"
	    "        temporary = { status = \"451 4.7.1\";\n"
	    "          what = \"We cannot take mail from that server now.\";\n"
	    "          fix = \"Mail servers retry by themselves. If yours \"\n"
	    "                \"has given up, send the message again.\"; }; };\n"
	    "};\n"
	    "lists: { nets = [ \"192.0.2.0/24\" ];\n"
	    "    names = { entries = ( \"localhost\", \"/^x\\.y$/\" ); }; };\n"
	    "policies: (\n"
	    "    { name = \"a\"; when = ( { client_ip = \"@nets\"; },\n"
	    "        { helo = [ \"@names\", \"*.local\" ];\n"
	    "          header = { Precedence = [ \"bulk\", \"junk\" ];\n"
	    "              X-Score = 5; }; } );\n"
	    "      unless = { auth_user = \"*\"; client_port = [ 25, 26 ]; };\n"
	    "      reject = \"embargo\"; on_error = \"accept\"; },\n"
	    "    { name = \"b\"; when = { recipients = \"> 50\"; };\n"
	    "      defer = \"too-many-recipients\"; observe = true;\n"
	    "      values = { limit = 50; }; },\n"
	    "    { name = \"c\"; when = { attachment = \"*.exe\"; };\n"
	    "      quarantine = \"a \\\"program\\\"\"; },\n"
	    "    { name = \"d\"; when = { size = \"> 100k\"; };\n"
	    "      discard = true; },\n"
	    "    { name = \"e\"; when = { macro = { j = \"mx*\"; }; };\n"
	    "      accept = true; }\n"
	    ");\n"
	    "expect: (\n"
	    "    { name = \"net\"; given = { client_ip = \"192.0.2.9\";\n"
	    "        header = { Precedence = \"bulk\"; }; };\n"
	    "      reply = \"550 5.7.1\"; reason = \"embargo\";\n"
	    "      policy = \"a\"; },\n"
	    "    { name = \"held\"; given = { attachment = \"a.exe\"; };\n"
	    "      quarantine = true; },\n"
	    "    { name = \"large\"; given = { size = \"200k\"; };\n"
	    "      discard = true; }\n"
	    ");\n", 5, 3 },
};

static struct snapshot *
load_good(const char *text, const char *name)
{
	struct diag diag = DIAG_INIT;
	struct strbuf said = STRBUF_INIT;
	struct snapshot *snapshot;

	snapshot = snapshot_load_text(text, name, &diag);
	diag_format(&diag, &said);
	ck_assert_str_eq(said.text, "");
	ck_assert_ptr_nonnull(snapshot);
	diag_release(&diag);
	strbuf_release(&said);
	return snapshot;
}

static void
same_behaviour(const struct snapshot *a, const struct snapshot *b)
{
	const struct rules *x = snapshot_rules(a), *y = snapshot_rules(b);

	ck_assert_uint_eq(plan_count(x->plan), plan_count(y->plan));
	for (size_t i = 0; i < plan_count(x->plan); i++) {
		const struct policy *p = plan_at(x->plan, i);
		const struct policy *q = plan_at(y->plan, i);

		ck_assert_str_eq(p->name, q->name);
		ck_assert_str_eq(p->text, q->text);
		ck_assert_int_eq(p->action, q->action);
		ck_assert_int_eq(p->form, q->form);
		ck_assert_int_eq(p->on_error, q->on_error);
		ck_assert_int_eq(p->observe, q->observe);
		ck_assert_int_eq(p->stage, q->stage);
		ck_assert_uint_eq(p->when.count, q->when.count);
		ck_assert_uint_eq(p->unless.count, q->unless.count);
		ck_assert((p->reason == NULL) == (q->reason == NULL));
		if (p->reason != NULL)
			ck_assert_str_eq(p->reason->name, q->reason->name);
	}
	ck_assert_uint_eq(catalogue_count(x->catalogue),
	    catalogue_count(y->catalogue));
	ck_assert_int_eq(x->refuse_early, y->refuse_early);
	ck_assert_int_eq(x->show_case, y->show_case);
	ck_assert_int_eq(x->letterhead.detail, y->letterhead.detail);
	ck_assert_uint_eq(x->limits.body_bytes_max, y->limits.body_bytes_max);
	ck_assert_uint_eq(snapshot_expect_count(a), snapshot_expect_count(b));
}

START_TEST(test_good)
{
	struct snapshot *snapshot = load_good(good[_i].text, "good.conf");
	struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct snapshot *again;
	size_t files;

	ck_assert_uint_eq(plan_count(snapshot_rules(snapshot)->plan),
	    good[_i].policies);
	ck_assert_uint_eq(snapshot_expect_count(snapshot), good[_i].cases);
	ck_assert_str_eq(snapshot_files(snapshot, &files)[0], "good.conf");
	ck_assert_uint_eq(files, 1);

	snapshot_print(snapshot, &once);
	again = load_good(once.text, "printed.conf");
	snapshot_print(again, &twice);
	ck_assert_str_eq(once.text, twice.text);
	same_behaviour(snapshot, again);
	snapshot_put(again);
	snapshot_put(snapshot);
	strbuf_release(&once);
	strbuf_release(&twice);
}
END_TEST

START_TEST(test_settings)
{
	struct snapshot *s = load_good("daemon: { timeout = 60;\n"
	    "socket_mode = \"0600\"; text_max = 4096; };\n"
	    "site: { never_refuse = [ \"root@*\" ]; };", "x.conf");
	const struct settings *settings = snapshot_settings(s);

	ck_assert_str_eq(settings->daemon.milter, "inet:8894@127.0.0.1");
	ck_assert_uint_eq(settings->daemon.socket_mode, 0600);
	ck_assert_uint_eq(settings->daemon.timeout_s, 60);
	ck_assert_uint_eq(settings->daemon.body_bytes_max, 32u << 20);
	ck_assert_uint_eq(settings->daemon.text_bytes_max, 4096);
	ck_assert_int_eq(settings->daemon.mode, MODE_ENFORCE);
	ck_assert_int_eq(settings->daemon.on_error, ON_ERROR_ACCEPT);
	ck_assert_int_eq(settings->daemon.log, DESTINATION_STDERR);
	ck_assert_str_eq(settings->daemon.log_facility, "mail");
	ck_assert_str_eq(settings->daemon.user, "");
	ck_assert_str_eq(settings->site.host, "localhost");
	ck_assert_uint_eq(settings->site.never_refuse.count, 1);
	ck_assert_str_eq(settings->site.never_refuse.items[0], "root@*");
	ck_assert(settings->site.show_case);
	snapshot_put(s);
}
END_TEST

/* Paths begin at the folder of the file that names them; printed ones at /. */
START_TEST(test_files)
{
	char folder[] = "/tmp/test_snapshot.XXXXXX";
	struct strbuf printed = STRBUF_INIT, path = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot, *again;
	size_t files;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(system("mkdir -p etc/parts"), 0);
	file_write("etc/main.conf", "@include \"parts/lists.conf\"\n"
	    "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { name = \"nets\";\n"
	    "when = { client_ip = \"@nets\"; };\n"
	    "reject = \"client-refused\"; } );\n"
	    "expect: ( { name = \"net\"; policy = \"nets\";\n"
	    "given = { client_ip = \"192.0.2.1\"; }; } );\n");
	file_write("etc/parts/lists.conf",
	    "lists: { nets = { file = \"nets\"; }; };");
	file_write("etc/parts/nets", "# ours\r\n192.0.2.0/24\r\n");
	snapshot = snapshot_load("etc/main.conf", &diag);
	ck_assert_str_eq(diag_first(&diag), "");
	ck_assert_ptr_nonnull(snapshot);
	ck_assert_str_eq(snapshot_files(snapshot, &files)[1],
	    "etc/parts/lists.conf");
	ck_assert_uint_eq(files, 2);
	snapshot_print(snapshot, &printed);
	strbuf_addf(&path, "file = \"%s/etc/parts/nets\";", folder);
	ck_assert_ptr_nonnull(strstr(printed.text, path.text));
	again = snapshot_load_text(printed.text, "other/printed.conf", &diag);
	ck_assert_str_eq(diag_first(&diag), "");
	ck_assert_ptr_nonnull(again);
	same_behaviour(snapshot, again);
	snapshot_put(snapshot);
	snapshot_put(again);
	strbuf_release(&printed);
	strbuf_release(&path);
	ck_assert_int_eq(system("rm -r etc"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* What a name in the configuration may turn out to be. */
static const struct {
	const char *make, *said;
} odd[] = {
	{ "mkfifo x", "error: cannot read \"x\": it is no file of text\n" },
	{ "mkdir x", "error: cannot read \"x\": it is a folder\n" },
	{ "ln -s x x", "error: cannot read \"x\": its links go round in "
	    "circles\n" },
	{ "printf 'a = 1;\\n\\000' > x", "x:2: error: this line has a NUL "
	    "byte in it; is this a text file?\n" },
	{ "truncate -s 65M x", "error: cannot read \"x\": it has more than "
	    "64 MB\n" },
};

START_TEST(test_odd_files)
{
	char folder[] = "/tmp/test_snapshot.XXXXXX";
	struct strbuf said = STRBUF_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(system(odd[_i].make), 0);
	ck_assert_ptr_null(snapshot_load("x", &diag));
	diag_format(&diag, &said);
	ck_assert_str_eq(said.text, odd[_i].said);
	ck_assert_int_eq(system("rm -r x"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	diag_release(&diag);
	strbuf_release(&said);
}
END_TEST

START_TEST(test_references)
{
	struct snapshot *s = load_good("", "x.conf");

	ck_assert_ptr_eq(snapshot_get(s), s);
	snapshot_put(s);
	ck_assert_uint_gt(catalogue_count(snapshot_catalogue(s)), 10);
	snapshot_put(s);
}
END_TEST

START_TEST(test_missing)
{
	struct diag diag = DIAG_INIT;
	struct strbuf said = STRBUF_INIT;

	ck_assert_ptr_null(snapshot_load("/nowhere/x.conf", &diag));
	diag_format(&diag, &said);
	ck_assert_str_eq(said.text, "error: cannot read \"/nowhere/x.conf\": "
	    "there is no such file\n");
	diag_release(&diag);
	strbuf_release(&said);
}
END_TEST

int
main(void)
{
	int rc;

	if (glob(FOLDER "/*.conf", 0, NULL, &bad) != 0) {
		fprintf(stderr, "no %s here: run it from the top folder\n",
		    FOLDER);
		return 1;
	}
	const struct table_test tests[] = {
		{ test_bad, (int)bad.gl_pathc },
		{ test_good, COUNT(good) },
		{ test_settings, 1 },
		{ test_files, 1 },
		{ test_odd_files, COUNT(odd) },
		{ test_references, 1 },
		{ test_missing, 1 },
	};
	rc = table_run("snapshot", tests, COUNT(tests));
	globfree(&bad);
	return rc;
}
