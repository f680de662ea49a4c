#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "policy/atom.h"
#include "table.h"

static const struct {
	const char	*expression;
	const char	*expected;	/* "a|b", "any", "none" or "lost" */
	size_t		 bytes;		/* that were read, unless lost */
} atoms[] = {
	{ "ab", "a", 1 },
	{ "A", "a", 1 },
	{ " ", " ", 1 },
	{ "]", "]", 1 },
	{ "}", "}", 1 },
	{ "#", "#", 1 },
	{ "\303\204", "any", 1 },
	{ ".", "any", 1 },
	{ "^a", "none", 1 },
	{ "$", "none", 1 },
	{ "*", "lost", 0 },
	{ "+", "lost", 0 },
	{ "?", "lost", 0 },
	{ "{2}", "lost", 0 },
	{ "{,2}", "lost", 0 },
	{ "{ 2}", "lost", 0 },
	{ "{a}", "{", 1 },
	{ "\\.", ".", 2 },
	{ "\\\\", "\\", 2 },
	{ "\\-", "-", 2 },
	{ "\\ ", " ", 2 },
	{ "\\/", "/", 2 },
	{ "\\\303\204", "any", 2 },
	{ "\\", "lost", 0 },
	{ "\\dx", "any", 2 },
	{ "\\W", "any", 2 },
	{ "\\R", "any", 2 },
	{ "\\n", "any", 2 },
	{ "\\bx", "none", 2 },
	{ "\\A", "none", 2 },
	{ "\\z", "none", 2 },
	{ "\\K", "none", 2 },
	{ "\\N", "any", 2 },
	{ "\\N{U+41}", "lost", 0 },
	{ "\\x41bc", "a", 4 },
	{ "\\x4g", "\004", 3 },
	{ "\\xg", "any", 2 },
	{ "\\x00", "any", 4 },
	{ "\\xc4", "any", 4 },
	{ "\\x{41}b", "any", 6 },
	{ "\\x{", "lost", 0 },
	{ "\\0123", "any", 4 },
	{ "\\08", "any", 2 },
	{ "\\1a", "any", 2 },
	{ "\\12", "lost", 0 },
	{ "\\pLu", "any", 3 },
	{ "\\p{Lu}x", "any", 6 },
	{ "\\P{Lu", "lost", 0 },
	{ "\\p", "lost", 0 },
	{ "\\Qa.b\\E", "lost", 0 },
	{ "\\E", "lost", 0 },
	{ "\\g{1}", "lost", 0 },
	{ "\\k<n>", "lost", 0 },
	{ "\\cA", "lost", 0 },
	{ "\\o{101}", "lost", 0 },
	{ "\\y", "lost", 0 },
	{ "[a]b", "a", 3 },
	{ "[i1]", "i|1", 4 },
	{ "[iI1i]", "i|1", 6 },
	{ "[]a]", "]|a", 4 },
	{ "[.*+?]", ".|*|+|?", 6 },
	{ "[a\\]\\-]", "a|]|-", 7 },
	{ "[a[b]", "a|[|b", 5 },
	{ "[abcdefgh]", "a|b|c|d|e|f|g|h", 10 },
	{ "[abcdefghi]", "any", 11 },
	{ "[^a]", "any", 4 },
	{ "[^]a]b", "any", 5 },
	{ "[a-z]", "any", 5 },
	{ "[a-]", "any", 4 },
	{ "[\\d]", "any", 4 },
	{ "[\\x41]", "any", 6 },
	{ "[\303\204]", "any", 4 },
	{ "[[:alpha:]]b", "any", 11 },
	{ "[a[:^digit:]]", "any", 13 },
	{ "[[:<:]]", "lost", 0 },
	{ "[[:x]", "lost", 0 },
	{ "[[.a.]]", "lost", 0 },
	{ "[[=a=]]", "lost", 0 },
	{ "[\\Q]\\E]", "lost", 0 },
	{ "[\\c]]", "lost", 0 },
	{ "[a", "lost", 0 },
};

static const char *
name_of(const struct reading *reading, const struct atom *atom,
    char out[256])
{
	if (reading->lost)
		return "lost";
	if (atom->kind != ATOM_EXACT)
		return atom->kind == ATOM_ANYTHING ? "any" : "none";
	out[0] = '\0';
	for (size_t i = 0; i < atom->is.count; i++)
		snprintf(out + strlen(out), 256 - strlen(out), "%s%s",
		    i > 0 ? "|" : "", atom->is.items[i].bytes);
	return out;
}

START_TEST(reads)
{
	struct reading reading = {
		.arena = arena_new(), .at = atoms[_i].expression
	};
	struct atom atom = atom_read(&reading);
	char out[256];

	ck_assert_msg(strcmp(name_of(&reading, &atom, out),
	    atoms[_i].expected) == 0, "%s: got %s, expected %s",
	    atoms[_i].expression, name_of(&reading, &atom, out),
	    atoms[_i].expected);
	if (!reading.lost)
		ck_assert_uint_eq((size_t)(reading.at -
		    atoms[_i].expression), atoms[_i].bytes);
	arena_free(reading.arena);
}
END_TEST

static const struct {
	const char	*expression;
	bool		 lost;
	unsigned	 least, most;
	size_t		 bytes;
} quantifiers[] = {
	{ "", false, 1, 1, 0 },
	{ "a+", false, 1, 1, 0 },
	{ "*", false, 0, TIMES_MANY, 1 },
	{ "+a", false, 1, TIMES_MANY, 1 },
	{ "?", false, 0, 1, 1 },
	{ "??", false, 0, 1, 2 },
	{ "*+a", false, 0, TIMES_MANY, 2 },
	{ "+?", false, 1, TIMES_MANY, 2 },
	{ "***", false, 0, TIMES_MANY, 1 },
	{ "{3}", false, 3, 3, 3 },
	{ "{0}", false, 0, 0, 3 },
	{ "{2,}?", false, 2, TIMES_MANY, 5 },
	{ "{2,5}+", false, 2, 5, 6 },
	{ "{2}{3}", false, 2, 2, 3 },
	{ "{x}", false, 1, 1, 0 },
	{ "{", false, 1, 1, 0 },
	{ "{,5}", true, 0, 0, 0 },
	{ "{ 2 }", true, 0, 0, 0 },
	{ "{2", true, 0, 0, 0 },
	{ "{2,", true, 0, 0, 0 },
	{ "{2,5", true, 0, 0, 0 },
	{ "{2,5 }", true, 0, 0, 0 },
	{ "{99999999999999999999}", true, 0, 0, 0 },
};

START_TEST(counts)
{
	struct reading reading = { .at = quantifiers[_i].expression };
	struct times times = times_read(&reading);

	ck_assert_int_eq(reading.lost, quantifiers[_i].lost);
	if (reading.lost)
		return;
	ck_assert_uint_eq(times.least, quantifiers[_i].least);
	ck_assert_uint_eq(times.most, quantifiers[_i].most);
	ck_assert_uint_eq((size_t)(reading.at - quantifiers[_i].expression),
	    quantifiers[_i].bytes);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads, COUNT(atoms) },
		{ counts, COUNT(quantifiers) },
	};

	return table_run("atom", tests, COUNT(tests));
}
