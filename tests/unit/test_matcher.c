#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "policy/glob.h"
#include "policy/list.h"
#include "policy/matcher.h"
#include "table.h"

static struct pattern
parse(struct arena *arena, enum subject subject, const char *source,
    const struct lists *lists)
{
	struct diag diag = DIAG_INIT;
	struct pattern pattern;

	ck_assert_msg(pattern_parse(&pattern, arena, subject, source,
	    PLACE_NONE, lists, &diag) == 0, "%s: %s", source,
	    diag_first(&diag));
	return pattern;
}

/* A text, an address or a number, as the subject has it. */
static struct operand
operand_of(enum subject subject, const char *value)
{
	struct operand operand = {
		.subject = subject, .text = value, .len = strlen(value)
	};

	if (subject == SUBJECT_IP)
		ip_parse(&operand.ip, value);
	else if (subject != SUBJECT_TEXT && subject != SUBJECT_HOST &&
	    subject != SUBJECT_ADDRESS)
		operand.number = strtoull(value, NULL, 10);
	return operand;
}

static const struct {
	enum subject	 read;		/* ANY: as an entry of a list */
	const char	*source;
	enum subject	 subject;
	const char	*value;
	enum truth	 holds;
} cases[] = {
	{ SUBJECT_HOST, "mail.example.com", SUBJECT_HOST, "MAIL.example.com",
	    TRUTH_YES },
	{ SUBJECT_HOST, "mail.example.com.", SUBJECT_HOST, "mail.example.com",
	    TRUTH_YES },
	{ SUBJECT_HOST, "mail.example.com", SUBJECT_HOST, "mail.example.com.",
	    TRUTH_YES },
	{ SUBJECT_HOST, "example.com", SUBJECT_HOST, "mail.example.com",
	    TRUTH_NO },
	{ SUBJECT_HOST, ".example.com", SUBJECT_HOST, "example.com",
	    TRUTH_YES },
	{ SUBJECT_HOST, ".example.com", SUBJECT_HOST, "a.b.example.com.",
	    TRUTH_YES },
	{ SUBJECT_HOST, ".example.com", SUBJECT_HOST, "badexample.com",
	    TRUTH_NO },
	{ SUBJECT_HOST, ".example.com", SUBJECT_HOST, "com", TRUTH_NO },
	{ SUBJECT_HOST, "*.example.com", SUBJECT_HOST, "a.b.example.com",
	    TRUTH_YES },
	{ SUBJECT_HOST, "*.example.com", SUBJECT_HOST, "example.com",
	    TRUTH_NO },
	{ SUBJECT_HOST, "mx*.example.com.", SUBJECT_HOST, "MX1.example.com.",
	    TRUTH_YES },
	{ SUBJECT_HOST, "/\\.com$/", SUBJECT_HOST, "example.com.", TRUTH_YES },
	{ SUBJECT_HOST, ".\303\204rzte.example", SUBJECT_HOST,
	    "mail.\303\244rzte.example", TRUTH_YES },
	{ SUBJECT_HOST, ".\303\204rzte.example", SUBJECT_HOST,
	    "x\303\244rzte.example", TRUTH_NO },
	{ SUBJECT_HOST, "*", SUBJECT_HOST, "", TRUTH_YES },
	{ SUBJECT_ADDRESS, "ann@example.com", SUBJECT_ADDRESS,
	    "Ann@example.COM.", TRUTH_YES },
	{ SUBJECT_ADDRESS, "<>", SUBJECT_ADDRESS, "", TRUTH_YES },
	{ SUBJECT_ADDRESS, "<>", SUBJECT_ADDRESS, "a@b", TRUTH_NO },
	{ SUBJECT_ADDRESS, ".example.com", SUBJECT_ADDRESS,
	    "ann@mail.example.com", TRUTH_YES },
	{ SUBJECT_ADDRESS, ".example.com", SUBJECT_ADDRESS, "ann@example.com",
	    TRUTH_YES },
	{ SUBJECT_ADDRESS, ".example.com", SUBJECT_ADDRESS, "mail.example.com",
	    TRUTH_NO },
	{ SUBJECT_ADDRESS, ".example.com", SUBJECT_ADDRESS,
	    "x.example.com@example.net", TRUTH_NO },
	{ SUBJECT_ADDRESS, "*@example.com", SUBJECT_ADDRESS, "ann@Example.com",
	    TRUTH_YES },
	{ SUBJECT_ADDRESS, "*@example.com", SUBJECT_ADDRESS,
	    "\"a@b\"@example.com", TRUTH_YES },
	{ SUBJECT_ADDRESS, "*@example.com", SUBJECT_ADDRESS,
	    "ann@mail.example.com", TRUTH_NO },
	{ SUBJECT_ADDRESS, "*@example.com", SUBJECT_ADDRESS,
	    "a@example.com@example.net", TRUTH_NO },
	{ SUBJECT_ADDRESS, "postmaster@*", SUBJECT_ADDRESS,
	    "Postmaster@example.com", TRUTH_YES },
	{ SUBJECT_TEXT, ".docm", SUBJECT_TEXT, "Letter.v2.DOCM", TRUTH_YES },
	{ SUBJECT_TEXT, "bulk", SUBJECT_TEXT, "bulk.", TRUTH_NO },
	{ SUBJECT_TEXT, "\303\204RZTE", SUBJECT_TEXT, "\303\244rzte",
	    TRUTH_YES },
	{ SUBJECT_TEXT, "*\303\204?.", SUBJECT_TEXT, "x\n\303\244\303\244.",
	    TRUTH_YES },
	{ SUBJECT_TEXT, "/^(a+)+$/", SUBJECT_TEXT,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", TRUTH_UNKNOWN },
	{ SUBJECT_IP, "192.0.2.0/24", SUBJECT_IP, "192.0.2.77", TRUTH_YES },
	{ SUBJECT_IP, "192.0.2.0/24", SUBJECT_IP, "192.0.3.77", TRUTH_NO },
	{ SUBJECT_IP, "192.0.2.0/24", SUBJECT_IP, "::ffff:192.0.2.1",
	    TRUTH_YES },
	{ SUBJECT_IP, "*", SUBJECT_IP, "2001:db8::1", TRUTH_YES },
	{ SUBJECT_NUMBER, "> 25M", SUBJECT_NUMBER, "26214400", TRUTH_NO },
	{ SUBJECT_NUMBER, "> 25M", SUBJECT_NUMBER, "26214401", TRUTH_YES },
	{ SUBJECT_DAY, "sat-mon", SUBJECT_DAY, "0", TRUTH_YES },
	{ SUBJECT_DAY, "sat-mon", SUBJECT_DAY, "2", TRUTH_NO },
	{ SUBJECT_TIME, "08:00-18:00", SUBJECT_TIME, "1080", TRUTH_NO },
	{ SUBJECT_TIME, "22:00-06:00", SUBJECT_TIME, "0", TRUTH_YES },
	{ SUBJECT_ANY, "192.0.2.1", SUBJECT_IP, "192.0.2.1", TRUTH_YES },
	{ SUBJECT_ANY, "192.0.2.1", SUBJECT_HOST, "192.0.2.1", TRUTH_YES },
	{ SUBJECT_ANY, "192.0.2.0/24", SUBJECT_HOST, "192.0.2.0/24",
	    TRUTH_NO },
	{ SUBJECT_ANY, "587", SUBJECT_NUMBER, "587", TRUTH_YES },
	{ SUBJECT_ANY, "587", SUBJECT_TEXT, "587", TRUTH_YES },
	{ SUBJECT_ANY, "> 5", SUBJECT_NUMBER, "6", TRUTH_YES },
	{ SUBJECT_ANY, "> 5", SUBJECT_TEXT, "> 5", TRUTH_NO },
	{ SUBJECT_ANY, "<>", SUBJECT_ADDRESS, "", TRUTH_YES },
	{ SUBJECT_ANY, "example.com", SUBJECT_IP, "192.0.2.1", TRUTH_NO },
};

START_TEST(one_pattern)
{
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);
	struct pattern pattern = parse(arena, cases[_i].read,
	    cases[_i].source, NULL);
	struct operand operand = operand_of(cases[_i].subject,
	    cases[_i].value);
	uint32_t number = 99;

	ck_assert_uint_eq(matcher_add(matcher, &pattern), 0);
	ck_assert_uint_eq(matcher_add(matcher, &pattern), 0);
	matcher_finish(matcher);
	ck_assert_uint_eq(matcher_count(matcher), 1);
	ck_assert_str_eq(matcher_source(matcher, 0), cases[_i].source);
	ck_assert_int_eq(matcher_kind(matcher, 0), pattern.kind);
	ck_assert_int_eq(matcher_match(matcher, &operand, &number),
	    cases[_i].holds);
	ck_assert_uint_eq(number, cases[_i].holds == TRUTH_YES ? 0 : 99);
	arena_free(arena);
}
END_TEST

#define MANY		60
#define ROUNDS		200
#define VALUES		100

static uint32_t
draw(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33) % below;
}

/* Few different pieces, so that most patterns hold now and then. */
static void
draw_text(uint64_t *state, bool wild, char text[64])
{
	static const char *const pieces[] = {
		"a", "B", "com", ".", ".", "@", "example", "1", "\303\244",
		"*", "?"
	};
	uint32_t count = draw(state, 7);

	text[0] = '\0';
	while (count-- > 0)
		strcat(text, pieces[draw(state, wild ? 11 : 9)]);
}

static void
draw_pattern(uint64_t *state, enum subject subject, char text[64])
{
	static const char *const leads[] = {
		"", "", ".", "*.", "*@", "a@"
	};
	char rest[64];

	if (subject == SUBJECT_IP) {
		snprintf(text, 64, "10.%u.0.0/%u", draw(state, 4) << 6,
		    10 + draw(state, 7));
		return;
	}
	if (subject == SUBJECT_NUMBER) {
		static const char *const signs[] = { "<", ">", "<=", ">=",
			"=", "" };

		snprintf(text, 64, "%s %u", signs[draw(state, 6)],
		    draw(state, 30));
		return;
	}
	if (draw(state, 12) == 0) {
		static const char *const pieces[] = {
			"a", "example", "(1|com)", "exam[pq]le"
		};

		snprintf(text, 64, "/%s%c/", pieces[draw(state, 4)],
		    "b@1.?"[draw(state, 5)]);
		return;
	}
	draw_text(state, draw(state, 4) == 0, rest);
	snprintf(text, 64, "%s%s", leads[draw(state, 6)], rest);
}

static void
mark_hit(void *arg, uint32_t number)
{
	bool *hits = arg;

	hits[number] = true;
}

/* All that hold are possible; of the others, expressions alone. */
static void
check_possible(const struct matcher *matcher, const struct operand *operand,
    const bool expected[MANY])
{
	bool hits[MANY] = { false }, any = false;
	enum truth truth = matcher_possible(matcher, operand, mark_hit, hits);

	for (uint32_t n = 0; n < matcher_count(matcher); n++) {
		any = any || hits[n];
		ck_assert_msg(hits[n] == expected[n] || (hits[n] &&
		    matcher_kind(matcher, n) == PATTERN_REGEX), "%s, %s",
		    operand->text, matcher_source(matcher, n));
	}
	ck_assert_int_eq(truth, any ? TRUTH_YES : TRUTH_NO);
}

/* What many patterns say together is what each says alone. */
static void
compare_with_each(uint64_t *state, enum subject subject)
{
	struct arena *arena = arena_new();
	struct matcher *all = matcher_new(arena);
	struct matcher *alone[MANY];
	uint32_t numbers[MANY];
	const char *globs[MANY];
	size_t count = 0;

	while (count < MANY) {
		struct diag diag = DIAG_INIT;
		struct pattern pattern;
		char text[64];
		int rc;

		draw_pattern(state, subject, text);
		rc = pattern_parse(&pattern, arena, subject, text, PLACE_NONE,
		    NULL, &diag);
		diag_release(&diag);
		if (rc == -1)
			continue;
		numbers[count] = matcher_add(all, &pattern);
		globs[count] = pattern.kind == PATTERN_GLOB ? pattern.text :
		    NULL;
		alone[count] = matcher_new(arena);
		matcher_add(alone[count], &pattern);
		matcher_finish(alone[count]);
		count++;
	}
	matcher_finish(all);
	for (int i = 0; i < VALUES; i++) {
		char text[64];
		struct operand operand;
		bool expected[MANY] = { false };
		uint32_t number = 0;
		enum truth any = TRUTH_NO;
		size_t len;

		draw_text(state, true, text);
		if (subject == SUBJECT_IP)
			snprintf(text, sizeof(text), "10.%u.0.1",
			    draw(state, 256));
		else if (subject == SUBJECT_NUMBER)
			snprintf(text, sizeof(text), "%u", draw(state, 32));
		operand = operand_of(subject, text);
		len = operand.len;
		if (len > 0 && text[len - 1] == '.' && subject != SUBJECT_TEXT)
			len--;
		for (size_t n = 0; n < MANY; n++) {
			enum truth one = matcher_match(alone[n], &operand,
			    &number);

			/* Those wildcards, too, that are hashed. */
			if (globs[n] != NULL)
				ck_assert_int_eq(one == TRUTH_YES,
				    glob_match(globs[n], text, len));
			ck_assert_int_ne(one, TRUTH_UNKNOWN);
			if (one == TRUTH_YES)
				expected[numbers[n]] = true;
			any = truth_or(any, one);
		}
		check_possible(all, &operand, expected);
		ck_assert_int_eq(matcher_match(all, &operand, &number), any);
		if (any == TRUTH_YES)
			ck_assert(expected[number]);
	}
	arena_free(arena);
}

START_TEST(many_are_as_each_alone)
{
	static const enum subject subjects[] = {
		SUBJECT_TEXT, SUBJECT_HOST, SUBJECT_ADDRESS, SUBJECT_IP,
		SUBJECT_NUMBER
	};
	uint64_t state = 7 + (uint64_t)_i;

	for (int round = 0; round < ROUNDS; round++)
		compare_with_each(&state, subjects[_i]);
}
END_TEST

START_TEST(equal_patterns_share_a_number)
{
	static const struct {
		const char	*source;
		uint32_t	 number;
	} rows[] = {
		{ "example.com", 0 }, { "EXAMPLE.com", 0 },
		{ ".example.com", 1 }, { "*.example.com", 2 },
		{ "*@example.com", 3 }, { "192.0.2.1", 4 },
		{ "192.0.2.1/32", 4 }, { "[192.0.2.1]", 4 }, { "25", 5 },
		{ "= 25", 5 }, { "/\\d/", 6 }, { "/\\d/", 6 }, { "*", 7 },
		{ "a*", 8 }, { "A*", 8 }, { "*", 7 }, { "example.com.", 0 },
		{ "/\\D/", 9 }, { "/\\d/", 6 }, { "/\\D/", 9 },
	};
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pattern pattern = parse(arena, SUBJECT_ANY,
		    rows[i].source, NULL);

		ck_assert_uint_eq(matcher_add(matcher, &pattern),
		    rows[i].number);
	}
	ck_assert_uint_eq(matcher_count(matcher), 10);
	arena_free(arena);
}
END_TEST

/* A list, too, must not take two expressions for one. */
START_TEST(case_within_expressions)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct list *list = lists_add(lists, "both", PLACE_NONE, &diag);
	struct operand operand = operand_of(SUBJECT_HOST, "abc");
	uint32_t number = 99;

	list_add(lists, list, "/^\\d+$/", PLACE_NONE, &diag);
	list_add(lists, list, "/^\\D+$/", PLACE_NONE, &diag);
	lists_finish(lists);
	ck_assert_uint_eq(matcher_count(list->matcher), 2);
	ck_assert_int_eq(matcher_match(list->matcher, &operand, &number),
	    TRUTH_YES);
	ck_assert_uint_eq(number, 1);
	arena_free(arena);
}
END_TEST

/* "größe" in a long text of "*" and dots, with invalid bytes in it. */
START_TEST(wildcards_in_long_texts)
{
	static const struct {
		const char	*glob;
		enum truth	 holds;
	} rows[] = {
		{ "*gr\303\226\303\237e*", TRUTH_YES },
		{ "*gr\303\226\303\237e", TRUTH_NO },
		{ "gr\303\226\303\237e*", TRUTH_NO },
		{ "x*gr\303\226\303\237e*", TRUTH_YES },
		{ "x*gr\303\226?e*y", TRUTH_YES },
		{ "x*gr\303\226\303\237e*gr\303\266*y", TRUTH_NO },
		{ "*x*.*gr\303\226\303\237*.*y*", TRUTH_YES },
		{ "*y*gr\303\226\303\237e*", TRUTH_NO },
	};
	const size_t len = 1000000;
	static const size_t places[] = { 10, 5000, 19000, 400000, 999900 };
	char *text = malloc(len);
	struct operand operand = {
		.subject = SUBJECT_TEXT, .text = text, .len = len
	};

	for (int i = 0; i < COUNT(rows) * COUNT(places); i++) {
		struct arena *arena = arena_new();
		struct matcher *matcher = matcher_new(arena);
		struct pattern pattern = parse(arena, SUBJECT_TEXT,
		    rows[i / COUNT(places)].glob, NULL);
		size_t place = places[i % COUNT(places)];
		uint32_t number;

		memset(text, '.', len);
		text[0] = 'x';
		text[5] = '\377';
		memcpy(text + place, "gr\303\266\303\237e", 7);
		text[len - 50] = '\344';
		text[len - 1] = 'y';
		matcher_add(matcher, &pattern);
		matcher_finish(matcher);
		ck_assert_msg(matcher_match(matcher, &operand, &number) ==
		    rows[i / COUNT(places)].holds, "%s, %zu", pattern.source,
		    place);
		arena_free(arena);
	}
	free(text);
}
END_TEST

START_TEST(places)
{
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);
	static const char *const files[] = { "", "a", "a", "b", "a" };
	struct diag diag = DIAG_INIT;

	for (uint32_t i = 0; i < 5; i++) {
		char text[2] = { (char)('p' + i) };
		struct pattern pattern;

		ck_assert_int_eq(pattern_parse(&pattern, arena, SUBJECT_TEXT,
		    text, (struct place){ files[i], i + 1 }, NULL, &diag), 0);
		matcher_add(matcher, &pattern);
	}
	matcher_finish(matcher);
	for (uint32_t i = 0; i < 5; i++) {
		struct place place = matcher_place(matcher, i);

		ck_assert_str_eq(place.file, files[i]);
		ck_assert_uint_eq(place.line, i + 1);
	}
	arena_free(arena);
}
END_TEST

/*
 * Unknown counts in matcher_possible() always, in matcher_match() if none
 * holds.
 */
START_TEST(unknown)
{
	struct arena *arena = arena_new();
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct list *list = lists_add(lists, "slow", PLACE_NONE, &diag);
	const struct operand operand = operand_of(SUBJECT_TEXT,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	static const char *const sources[] = { "@slow", "a*" };
	bool hits[2] = { false };
	uint32_t number = 99;

	list_add(lists, list, "/^(a+)+$/", PLACE_NONE, &diag);
	lists_finish(lists);
	for (size_t count = 1; count <= 2; count++) {
		struct matcher *matcher = matcher_new(arena);

		for (size_t i = 0; i < count; i++) {
			struct pattern pattern = parse(arena, SUBJECT_TEXT,
			    sources[i], lists);

			matcher_add(matcher, &pattern);
			matcher_add(matcher, &pattern);
		}
		matcher_finish(matcher);
		ck_assert_uint_eq(matcher_count(matcher), count);
		ck_assert_int_eq(matcher_match(matcher, &operand, &number),
		    count == 1 ? TRUTH_UNKNOWN : TRUTH_YES);
		ck_assert_int_eq(matcher_possible(matcher, &operand,
		    mark_hit, hits), TRUTH_UNKNOWN);
	}
	ck_assert_uint_eq(number, 1);
	ck_assert(!hits[0] && hits[1]);
	arena_free(arena);
}
END_TEST

/* An expression that would give up is possible, whatever comes of it. */
START_TEST(expressions_are_not_run)
{
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);
	struct pattern pattern = parse(arena, SUBJECT_TEXT, "/^(a+)+$/", NULL);
	const struct operand operand = operand_of(SUBJECT_TEXT,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	bool hits[1] = { false };

	matcher_add(matcher, &pattern);
	matcher_finish(matcher);
	ck_assert_int_eq(matcher_possible(matcher, &operand, mark_hit, hits),
	    TRUTH_YES);
	ck_assert(hits[0]);
	arena_free(arena);
}
END_TEST

/* The same of an expression and a list, and of nothing else. */
START_TEST(has)
{
	static const char *const sources[] = { "@one", "/a/", "text" };
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);
	struct lists *lists = lists_new(arena);
	struct diag diag = DIAG_INIT;
	struct pattern other;
	uint32_t number = 99;

	lists_add(lists, "one", PLACE_NONE, &diag);
	lists_add(lists, "two", PLACE_NONE, &diag);
	lists_finish(lists);
	for (uint32_t i = 0; i < 3; i++) {
		struct pattern pattern = parse(arena, SUBJECT_TEXT,
		    sources[i], lists);

		ck_assert(!matcher_has(matcher, &pattern, &number));
		matcher_add(matcher, &pattern);
		ck_assert_int_eq(matcher_has(matcher, &pattern, &number),
		    i < 2);
		ck_assert_uint_eq(number, i < 2 ? i : 1);
	}
	other = parse(arena, SUBJECT_TEXT, "/A/", lists);
	ck_assert(!matcher_has(matcher, &other, &number));
	other = parse(arena, SUBJECT_TEXT, "@two", lists);
	ck_assert(!matcher_has(matcher, &other, &number));
	arena_free(arena);
}
END_TEST

START_TEST(hostile_values)
{
	static const char *const sources[] = {
		"a", ".a", "*.a", "*@a", "*a*a*b", "/a{3}b/", "\303\244"
	};
	const size_t len = 100000;
	struct arena *arena = arena_new();
	struct matcher *matcher = matcher_new(arena);
	char *value = malloc(len);
	struct operand operand = { .text = value, .len = len };
	uint32_t number = 99;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct pattern pattern = parse(arena, SUBJECT_TEXT,
		    sources[i], NULL);

		matcher_add(matcher, &pattern);
	}
	matcher_finish(matcher);
	for (int fill = 0; fill < 256; fill += 3) {
		memset(value, fill, len);
		for (int subject = SUBJECT_TEXT; subject <= SUBJECT_ADDRESS;
		    subject++) {
			operand.subject = (enum subject)subject;
			ck_assert_int_eq(matcher_match(matcher, &operand,
			    &number), TRUTH_NO);
		}
	}
	memcpy(value + len - 3, ".\0.", 3);
	memcpy(value + len - 2, ".A", 2);
	operand.subject = SUBJECT_HOST;
	ck_assert_int_eq(matcher_match(matcher, &operand, &number), TRUTH_YES);
	free(value);
	arena_free(arena);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ one_pattern, COUNT(cases) },
		{ many_are_as_each_alone, 5 },
		{ equal_patterns_share_a_number, 1 },
		{ case_within_expressions, 1 },
		{ wildcards_in_long_texts, 1 },
		{ places, 1 },
		{ unknown, 1 },
		{ expressions_are_not_run, 1 },
		{ has, 1 },
		{ hostile_values, 1 },
	};

	return table_run("matcher", tests, COUNT(tests));
}
