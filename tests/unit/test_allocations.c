/*
 * test_allocations - what a mail takes from the heap does not grow with the
 * policies, nor with its header.
 *
 * Counted is what anybody allocates while a message is judged, the libraries
 * included (heap.h).  What the arena takes comes in whole blocks and grows with
 * the bytes of the message; all else must be the same for many as for few.
 */
#include <check.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "heap.h"
#include "judged.h"
#include "policy/regex.h"
#include "session/refused.h"
#include "table.h"

#define FEW	10
#define MANY	1000

#define EXPRESSIONS	500

#define FIELDS_FEW	5
#define FIELDS_MANY	100
#define FIELD_BYTES	300	/* at most, that a short field takes in all */

/*
 * What a condition asks; %zu is the number of the policy.  small and blocks are
 * what a message may take besides the blocks that its connection has: to decode
 * words, and for what MIME looks at.
 */
static const struct kind {
	const char *name;
	const char *lists;		/* one for each policy; NULL */
	const char *when[8];		/* in turn */
	size_t small, blocks;
} kinds[] = {
	{ .name = "addresses",
	    .when = { "sender = \"u%zu@example.net\"",
		"recipient = \"gone%zu@example.com\"" } },
	{ .name = "domains",
	    .when = { "sender_domain = \".d%zu.example\"",
		"client_name = \".c%zu.example\"" } },
	{ .name = "wildcards on the envelope",
	    .when = { "helo = \"*x%zu-*.example\"",
		"sender = \"bounce-*-%zu@*.example\"",
		"recipient = \"*+%zu@example.com\"" } },
	{ .name = "expressions on the envelope",
	    .when = { "helo = \"/^h[0-9]+-%zu\\\\./\"",
		"sender = \"/^(a|b)*-%zu@/\"",
		"recipient = \"/\\\\+tag%zu@/\"" } },
	{ .name = "lists on the envelope",
	    .lists = "l%zu = [ \"d%zu.example\", \"/^d[a-f]+%zu$/\", "
		"\"x*d%zu\" ];",
	    .when = { "helo = \"@l%zu\"", "client_name = \"@l%zu\"" } },
	{ .name = "texts in the header",
	    .when = { "subject = \"word %zu\"",
		"header = { To = \"u%zu@example.com\"; }" },
	    .small = 2 },
	{ .name = "wildcards in the header",
	    .when = { "subject = \"*word*%zu\"",
		"header_raw = { From = \"*%zu*\"; }" },
	    .small = 2 },
	{ .name = "expressions in the header",
	    .when = { "subject = \"/\\\\b(win|won) .*%zu/\"",
		"header = { From = \"/^\\\"?u%zu /\"; }" },
	    .small = 2 },
	{ .name = "lists in the header",
	    .lists = "l%zu = [ \"d%zu\", \"/^d[a-f]+%zu$/\", \"x*d%zu\" ];",
	    .when = { "subject = \"@l%zu\"" },
	    .small = 2 },
	/* No word that must occur spares them: there is none, or it does. */
	{ .name = "expressions that must be tried",
	    .lists = "l%zu = [ \"/(?#%zu)^[0-9]+$/\", "
		"\"/example[0-9]%zu/\" ];",
	    .when = { "helo = \"/(?#%zu)^[0-9]+$/\"",
		"sender = \"/^ann@example[0-9]%zu/\"",
		"client_name = \"@l%zu\"",
		"recipient = \"/(?#%zu)^[^a-z]*$/\"",
		"subject = \"/plain words[0-9]%zu/\"", "subject = \"@l%zu\"",
		"header_raw = { From = \"/(?#%zu)^[0-9]+$/\"; }",
		"header = { To = \"/example[0-9]%zu/\"; }" },
	    .small = 2 },
	{ .name = "fields with many names",
	    .when = { "header = { X-Field-%zu = \"yes\"; }",
		"header_raw = { X-Raw-%zu = \"/yes/\"; }" } },
	{ .name = "body, size and files",
	    .when = { "body = \"/word[0-9]%zu /\"", "size = \"> 9%zuM\"",
		"attachment = \"*.x%zu\"", "attachment = \"/\\\\.y%zu$/\"" },
	    .small = 2, .blocks = 2 },
	{ .name = "all together",
	    .lists = "l%zu = [ \"d%zu\", \"/^d[a-f]+%zu$/\", \"x*d%zu\" ];",
	    .when = { "sender = \"u%zu@example.net\"",
		"helo = \"/^h[0-9]+-%zu\\\\./\"", "recipient = \"@l%zu\"",
		"subject = \"/word[0-9]%zu/\"", "subject = \"@l%zu\"",
		"body = \"*word*%zu*\"", "attachment = \"*.x%zu\"",
		"header = { To = \"/%zu@/\"; }" },
	    .small = 4, .blocks = 2 },
};

/* Each %zu becomes the number. */
static void
add_numbered(struct strbuf *out, const char *text, size_t number)
{
	const char *at;

	while ((at = strstr(text, "%zu")) != NULL) {
		strbuf_add(out, text, (size_t)(at - text));
		strbuf_addf(out, "%zu", number);
		text = at + strlen("%zu");
	}
	strbuf_adds(out, text);
}

static struct snapshot *
load(const char *text)
{
	struct diag diag = DIAG_INIT;
	struct snapshot *snapshot = snapshot_load_text(text, "test.conf",
	    &diag);

	ck_assert_msg(snapshot != NULL, "%s", diag_first(&diag));
	diag_release(&diag);
	return snapshot;
}

/* A configuration with this many policies, none of which holds. */
static struct snapshot *
load_policies(const struct kind *kind, size_t count)
{
	struct strbuf text = STRBUF_INIT;
	struct snapshot *snapshot;
	size_t kinds_here = 0;

	while (kinds_here < 8 && kind->when[kinds_here] != NULL)
		kinds_here++;
	strbuf_adds(&text, "lists: {\n");
	for (size_t i = 0; kind->lists != NULL && i < count; i++)
		add_numbered(&text, kind->lists, i);
	strbuf_adds(&text, "};\npolicies: (\n");
	for (size_t i = 0; i < count; i++) {
		add_numbered(&text, "{ name = \"p%zu\"; when = { ", i);
		add_numbered(&text, kind->when[i % kinds_here], i);
		strbuf_addf(&text, "; }; reject = \"spam\"; }%s\n",
		    i + 1 < count ? "," : ");");
	}
	snapshot = load(text.text);
	strbuf_release(&text);
	return snapshot;
}

static const struct judged_field usual_fields[] = {
	{ "Received", "from a.example.net (a.example.net [192.0.2.1])\n"
	    "\tby mx.example.com with ESMTP id 4XyZ12345z6789" },
	{ "From", "Ann <ann@example.net>" },
	{ "To", "bob@example.com" },
	{ "Subject", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= and some plain words" },
	{ "MIME-Version", "1.0" },
	{ "Content-Type", "text/plain; charset=utf-8" },
};

static const char body[] = "Some words of a text.\r\n";

static const struct judged_mail usual = {
	.host = "a.example.net", .ip = "192.0.2.1", .helo = "a.example.net",
	.sender = "ann@example.net", .recipient = "bob@example.com",
	.field_count = COUNT(usual_fields), .fields = usual_fields,
	.body = body, .body_len = sizeof(body) - 1,
};

/*
 * What a connection takes, and what each further message on it does.  What is
 * kept for later, by us or a library, is there after the first rounds.
 */
struct taken {
	struct heap connection, message;
};

static struct taken
measure(const struct snapshot *snapshot, const struct judged_mail *mail)
{
	struct refused *refused = refused_new();
	const struct env env = judged_env(refused);
	struct judged judged;
	struct taken taken;

	for (int round = 0; round < 3; round++) {
		heap_begin();
		judged_begin(&judged, snapshot_rules(snapshot), &env, mail);
		judged_message(&judged, mail);
		taken.connection = heap_end();
		judged_message(&judged, mail);
		heap_begin();
		judged_message(&judged, mail);
		taken.message = heap_end();
		ck_assert_uint_eq(judged.refused, 0);
		judged_end(&judged);
	}
	refused_free(refused);
	return taken;
}

static struct taken
measure_policies(const struct kind *kind, size_t count)
{
	struct snapshot *snapshot = load_policies(kind, count);
	struct taken taken = measure(snapshot, &usual);

	snapshot_put(snapshot);
	return taken;
}

/* Blocks may be more by what so many bytes take. */
static void
compare(const char *name, const char *what, struct heap few, struct heap many,
    size_t bytes_more)
{
	ck_assert_msg(few.small == many.small, "%s: %s: %zu allocations and "
	    "%zu blocks where there are few, %zu and %zu where there are many",
	    name, what, few.small, few.blocks, many.small, many.blocks);
	ck_assert_msg(many.blocks <= few.blocks +
	    (bytes_more + HEAP_BLOCK_BYTES - 1) / HEAP_BLOCK_BYTES,
	    "%s: %s: %zu blocks where there are few, %zu where there are many",
	    name, what, few.blocks, many.blocks);
}

/* Policies that look at a mail of many fields. */
static const struct header_case {
	const char *name;
	const char *policies;
	const char *field, *value;	/* %zu is its number */
} headers[] = {
	{ "fields that nobody looks at",
	    "{ name = \"p\"; when = { subject = \"x\"; }; reject = \"spam\"; }",
	    "X-Field-%zu", "some words %zu" },
	{ "fields of one name",
	    "{ name = \"p\"; when = { header = { X-Field = \"/other/\"; }; }; "
	    "reject = \"spam\"; }",
	    "X-Field", "some words %zu" },
	{ "encoded words",
	    "{ name = \"p\"; when = { header = { X-Field = \"/other/\"; }; }; "
	    "reject = \"spam\"; }",
	    "X-Field", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= %zu" },
	{ "words in another character set",
	    "{ name = \"p\"; when = { header = { X-Field = \"/other/\"; }; }; "
	    "reject = \"spam\"; }",
	    "X-Field", "=?iso-8859-1?Q?Gr=FC=DFe?= %zu" },
	{ "fields as they came",
	    "{ name = \"p\"; when = { header_raw = { X-Field = \"/other/\"; "
	    "}; }; reject = \"spam\"; }",
	    "X-Field", "some words %zu" },
	{ "the body, too",
	    "{ name = \"p\"; when = { body = \"/other/\"; }; "
	    "reject = \"spam\"; }",
	    "X-Field-%zu", "some words %zu" },
};

static struct taken
measure_fields(const struct header_case *header, size_t count)
{
	struct judged_field fields[FIELDS_MANY];
	struct strbuf text = STRBUF_INIT;
	struct arena *arena = arena_new();
	struct judged_mail mail = usual;
	struct snapshot *snapshot;
	struct taken taken;

	for (size_t i = 0; i < count; i++) {
		strbuf_reset(&text);
		add_numbered(&text, header->field, i);
		fields[i].name = arena_strdup(arena, text.text);
		strbuf_reset(&text);
		add_numbered(&text, header->value, i);
		fields[i].value = arena_strdup(arena, text.text);
	}
	mail.fields = fields;
	mail.field_count = count;
	strbuf_reset(&text);
	strbuf_addf(&text, "policies: ( %s );", header->policies);
	snapshot = load(text.text);
	taken = measure(snapshot, &mail);
	snapshot_put(snapshot);
	arena_free(arena);
	strbuf_release(&text);
	return taken;
}

START_TEST(fields_allocate_nothing)
{
	const struct header_case *header = &headers[_i];
	struct taken few = measure_fields(header, FIELDS_FEW);
	struct taken many = measure_fields(header, FIELDS_MANY);
	const size_t more = (FIELDS_MANY - FIELDS_FEW) * FIELD_BYTES;

	compare(header->name, "a connection", few.connection, many.connection,
	    more);
	compare(header->name, "a message", few.message, many.message, more);
}
END_TEST

START_TEST(policies_allocate_nothing)
{
	const struct kind *kind = &kinds[_i];
	struct taken few = measure_policies(kind, FEW);
	struct taken many = measure_policies(kind, MANY);

	compare(kind->name, "a connection", few.connection, many.connection, 0);
	compare(kind->name, "a message", few.message, many.message, 0);
	ck_assert_msg(many.message.small <= kind->small &&
	    many.message.blocks <= kind->blocks, "%s: a message takes %zu "
	    "allocations and %zu blocks", kind->name, many.message.small,
	    many.message.blocks);
}
END_TEST

/* From the second round on, as what is kept is made in the first. */
START_TEST(expressions_allocate_nothing)
{
	static const char *const texts[] = {
		"", "a subject of some usual length, with words and (marks)",
		"a\xff\xfe\x80 text that is no UTF-8",
	};
	const struct regex *regexes[EXPRESSIONS];
	struct arena *arena = arena_new();
	struct strbuf source = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	struct heap heap_of_all;

	for (size_t i = 0; i < EXPRESSIONS; i++) {
		strbuf_reset(&source);
		add_numbered(&source, i % 2 == 0 ? "^(x|y)+[0-9]?%zu" :
		    "\\bword%zu", i);
		regexes[i] = regex_new(arena, source.text, &diag);
		ck_assert_msg(regexes[i] != NULL, "%s", diag_first(&diag));
	}
	for (int round = 0; round < 2; round++) {
		heap_begin();
		for (size_t i = 0; i < EXPRESSIONS; i++)
			for (size_t t = 0; t < COUNT(texts); t++)
				regex_match(regexes[i], texts[t],
				    strlen(texts[t]));
		heap_of_all = heap_end();
	}
	ck_assert_uint_eq(heap_of_all.small, 0);
	ck_assert_uint_eq(heap_of_all.blocks, 0);
	strbuf_release(&source);
	arena_free(arena);
}
END_TEST

static void
allocate_here(void)
{
	free(xmalloc(100));
}

static void
allocate_in_libc(void)
{
	free(strdup("text"));
}

static void
allocate_in_library(void)
{
	pcre2_match_data_free(pcre2_match_data_create(1, NULL));
}

static void
allocate_again(void)
{
	free(xreallocarray(NULL, 10, 10));
}

static void
allocate_zeroed(void)
{
	free(xcalloc(10, 10));
}

/* The tests above mean nothing where one of these is not counted. */
static const struct {
	const char *name;
	void (*allocate)(void);
} counted[] = {
	{ "here", allocate_here },
	{ "in the C library", allocate_in_libc },
	{ "in a library", allocate_in_library },
	{ "by realloc()", allocate_again },
	{ "by calloc()", allocate_zeroed },
};

START_TEST(all_is_counted)
{
	struct heap taken;

	heap_begin();
	counted[_i].allocate();
	taken = heap_end();
	ck_assert_msg(taken.small == 1, "%s: %zu counted", counted[_i].name,
	    taken.small);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ all_is_counted, COUNT(counted) },
		{ policies_allocate_nothing, COUNT(kinds) },
		{ fields_allocate_nothing, COUNT(headers) },
		{ expressions_allocate_nothing, 1 },
	};

	return table_run("allocations", tests, COUNT(tests));
}
