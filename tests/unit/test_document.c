/*
 * test_document - the sample file and the manual say what the schema says.
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
#include "config/snapshot.h"
#include "table.h"

#define SAMPLE	"etc/milter-reply.conf.full"
#define MANUAL	"milter/milter-reply.conf.5"

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

/* The manual has each setting, with the default that the schema has. */
START_TEST(test_manual)
{
	struct strbuf made = STRBUF_INIT, manual = STRBUF_INIT;
	char *line, *save = NULL;

	schema_mdoc(&made);
	file_text(MANUAL, &manual);
	for (line = strtok_r(made.text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, ".It Ic ", 7) == 0)
			ck_assert_msg(strstr(manual.text, line) != NULL,
			    "not in %s: %s", MANUAL, line);
	strbuf_release(&made);
	strbuf_release(&manual);
}
END_TEST

START_TEST(test_mdoc)
{
	struct strbuf made = STRBUF_INIT;

	schema_mdoc(&made);
	ck_assert_ptr_nonnull(strstr(made.text,
	    ".Ss The group daemon\n.Bl -tag -width Ds\n"
	    ".It Ic milter No = Li \\(dqinet:8894@127.0.0.1\\(dq\n"));
	ck_assert_ptr_nonnull(strstr(made.text,
	    "It is \\(dqrcpt\\(dq or \\(dqearliest\\(dq.\n"));
	for (const char *p = made.text; *p != '\0'; p += strcspn(p, "\n") + 1)
		ck_assert_msg(strcspn(p, "\n") < 100 || *p == '.',
		    "too long: %.*s", (int)strcspn(p, "\n"), p);
	strbuf_release(&made);
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
		{ test_manual, 1 }, { test_mdoc, 1 },
	};

	return table_run("document", tests, COUNT(tests));
}
