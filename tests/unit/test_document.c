/*
 * test_document - the sample file says what the schema says.
 *
 * REWRITE=1 in the environment writes the sample file anew.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "config/document.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/snapshot.h"
#include "table.h"

#define SAMPLE	"etc/milter-reply.conf.full"

static void
file_text(const char *name, struct strbuf *text)
{
	FILE *file = fopen(name, "r");
	char piece[4096];
	size_t len;

	ck_assert_msg(file != NULL, "no %s: run it from the top folder", name);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		strbuf_add(text, piece, len);
	fclose(file);
}

START_TEST(test_sample)
{
	struct strbuf made = STRBUF_INIT, kept = STRBUF_INIT;

	schema_document(&made);
	if (getenv("REWRITE") != NULL) {
		FILE *file = fopen(SAMPLE, "w");

		ck_assert_ptr_nonnull(file);
		fputs(made.text, file);
		ck_assert_int_eq(fclose(file), 0);
	}
	file_text(SAMPLE, &kept);
	ck_assert_str_eq(made.text, kept.text);
	strbuf_release(&made);
	strbuf_release(&kept);
}
END_TEST

static void
must_load(const char *text)
{
	struct diag diag = DIAG_INIT;
	struct strbuf said = STRBUF_INIT;
	struct snapshot *snapshot;

	snapshot = snapshot_load_text(text, "sample.conf", &diag);
	diag_format(&diag, &said);
	ck_assert_msg(said.len == 0, "%s\n%s", text, said.text);
	ck_assert_ptr_nonnull(snapshot);
	snapshot_put(snapshot);
	diag_release(&diag);
	strbuf_release(&said);
}

/* The sample loads, and says no more than an empty file. */
START_TEST(test_sample_loads)
{
	struct strbuf made = STRBUF_INIT;
	struct strbuf full = STRBUF_INIT, empty = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot;

	schema_document(&made);
	must_load(made.text);
	snapshot = snapshot_load_text(made.text, "x.conf", &diag);
	snapshot_print(snapshot, &full);
	snapshot_put(snapshot);
	snapshot = snapshot_load_text("", "x.conf", &diag);
	snapshot_print(snapshot, &empty);
	snapshot_put(snapshot);
	ck_assert_str_eq(full.text, empty.text);
	strbuf_release(&made);
	strbuf_release(&full);
	strbuf_release(&empty);
}
END_TEST

/* Where each section's settings stand, with what they need beside them. */
static const struct {
	enum section section;
	const char *before, *after;
} frames[] = {
	{ SECTION_ROOT, "site: { contact = \"postmaster@example.com\"; };\n"
	    "lists: { partners = [ \"*@partner.example\" ]; };\n"
	    "policies: ( { name = \"partners\"; accept = true;\n"
	    "when = { sender = \"@partners\"; }; } );\n", "" },
	{ SECTION_DAEMON, "daemon: { ", "};" },
	{ SECTION_SITE, "site: { ", "};" },
	{ SECTION_REASON, "site: { contact = \"postmaster@example.com\"; };\n"
	    "reasons: { bad-helo = {", "}; };" },
	{ SECTION_TEMPORARY, "site: { contact = \"postmaster@example.com\"; "
	    "};\nreasons: { rate-limit = { temporary = {", "}; }; };" },
	{ SECTION_LIST, "lists: { x = {", "}; };" },
	{ SECTION_POLICY, "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { ", "} );" },
	{ SECTION_EXPECT, "site: { contact = \"postmaster@example.com\"; };\n"
	    "policies: ( { name = \"fake helo\"; when = { helo = "
	    "\"localhost\"; }; reject = \"bad-helo\"; } );\n"
	    "expect: ( { given = { helo = \"localhost\"; }; ", "} );" },
};

/* What a setting cannot do without, or cannot stand alone with. */
static const char *
company(const struct setting *setting)
{
	const char *key = setting->key;

	if (setting->section == SECTION_POLICY) {
		if (strcmp(key, "name") == 0)
			return "accept = true;";
		if (strcmp(key, "values") == 0)
			return "name = \"x\"; defer = \"rate-limit\";";
		if (strcmp(key, "accept") == 0 || strcmp(key, "reject") == 0 ||
		    strcmp(key, "defer") == 0 || strcmp(key, "discard") == 0 ||
		    strcmp(key, "quarantine") == 0)
			return "name = \"x\";";
		return "name = \"x\"; accept = true;";
	}
	if (setting->section == SECTION_EXPECT)
		return strcmp(key, "name") == 0 ? "reason = \"bad-helo\";" :
		    "name = \"x\";";
	return "";
}

/* Every example that the documentation shows is right. */
START_TEST(test_examples)
{
	const struct setting *setting = setting_at((size_t)_i);
	struct strbuf text = STRBUF_INIT;

	/* These would need a mail that ends so, a file, or another example. */
	if (setting->example[0] == '\0' ||
	    strcmp(setting->key, "given") == 0 ||
	    strcmp(setting->key, "file") == 0 ||
	    (setting->section == SECTION_EXPECT &&
	    setting->type == TYPE_ONLY_TRUE) ||
	    (setting->section == SECTION_ROOT && _i != 0 &&
	    strcmp(setting->key, "expect") != 0))
		return;
	for (int i = 0; i < COUNT(frames); i++)
		if (frames[i].section == setting->section)
			strbuf_addf(&text, "%s%s\n%s = %s;\n%s",
			    frames[i].before, company(setting), setting->key,
			    setting->example, frames[i].after);
	must_load(text.text);
	strbuf_release(&text);
}
END_TEST

/* Of which changes a reload says that they need a restart. */
static const struct {
	const char *after;
	const char *names;
} changes[] = {
	{ "mode = \"observe\"; on_error = \"defer\"; parts_max = 7;", "" },
	{ "user = \"mail\";", "daemon.user" },
	{ "timeout = 20; log = \"syslog\"; state = \"/var/lib/x\";",
	    "daemon.state, daemon.log, daemon.timeout" },
};

START_TEST(test_restart)
{
	struct strbuf text = STRBUF_INIT, names = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct snapshot *before, *after;

	strbuf_addf(&text, "daemon: { %s };", changes[_i].after);
	before = snapshot_load_text("", "x.conf", &diag);
	after = snapshot_load_text(text.text, "x.conf", &diag);
	ck_assert_ptr_nonnull(after);
	schema_restart(SECTION_DAEMON, &snapshot_settings(before)->daemon,
	    &snapshot_settings(after)->daemon, &names);
	ck_assert_str_eq(names.text, changes[_i].names);
	snapshot_put(before);
	snapshot_put(after);
	diag_release(&diag);
	strbuf_release(&text);
	strbuf_release(&names);
}
END_TEST

/* What a row of the table must have. */
START_TEST(test_rows)
{
	const struct setting *s = setting_at((size_t)_i);
	size_t len = strlen(s->help);

	ck_assert(len > 0 && s->help[len - 1] == '.');
	ck_assert(s->standard[0] != '\0' || s->example[0] != '\0' ||
	    strcmp(s->key, "temporary") == 0);
	ck_assert((s->type == TYPE_CHOICE || s->type == TYPE_WORD) ==
	    (s->choice != NULL));
	if (s->type == TYPE_NUMBER || s->type == TYPE_SIZE)
		ck_assert_uint_lt(s->min, s->max);
	for (size_t i = 0; i < (size_t)_i; i++)
		ck_assert(setting_at(i)->section != s->section ||
		    strcmp(setting_at(i)->key, s->key) != 0);
}
END_TEST

int
main(void)
{
	const int rows = (int)setting_count();
	const struct table_test tests[] = {
		{ test_sample, 1 }, { test_sample_loads, 1 },
		{ test_examples, rows }, { test_rows, rows },
		{ test_restart, COUNT(changes) },
	};

	return table_run("document", tests, COUNT(tests));
}
