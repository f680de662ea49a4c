#include "policy/atom.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define CLASS_MAX	8	/* characters of a class that is spelled out */

#define ANYTHING	((struct atom){ .kind = ATOM_ANYTHING })
#define NOTHING		((struct atom){ .kind = ATOM_NOTHING })

static struct atom
lose(struct reading *r)
{
	r->lost = true;
	return ANYTHING;
}

/* One of count characters, as literals. */
static struct atom
one_of(struct reading *r, const char *characters, size_t count)
{
	struct text *items = arena_alloc(r->arena, count * sizeof(*items));

	for (size_t i = 0; i < count; i++) {
		char c = text_lower(characters[i]);

		/* Other letters have case as well, of more than a byte. */
		if ((unsigned char)c >= 0x80 || c == '\0')
			return ANYTHING;
		items[i] = (struct text){ arena_memdup(r->arena, &c, 1), 1 };
	}
	return (struct atom){ .kind = ATOM_EXACT, .is = { count, items } };
}

/* Reads on behind the next c. */
static void
skip_behind(struct reading *r, char c)
{
	const char *end = strchr(r->at, c);

	if (end == NULL)
		r->lost = true;
	else
		r->at = end + 1;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, text_lower(c));

	return found == NULL ? -1 : (int)(found - digits);
}

/* Behind \x: up to two digits, or any number of them in braces. */
static struct atom
read_hex(struct reading *r)
{
	int code = 0;
	char c;

	if (*r->at == '{') {
		skip_behind(r, '}');
		return ANYTHING;
	}
	for (int i = 0; i < 2 && hex_digit(*r->at) != -1; i++)
		code = code * 16 + hex_digit(*r->at++);
	c = (char)code;
	return one_of(r, &c, 1);
}

static struct atom
read_escape(struct reading *r)
{
	char c = *++r->at;

	if (c == '\0')
		return lose(r);
	r->at++;
	if (!text_is_letter(c) && !text_is_digit(c))
		return one_of(r, &c, 1);
	switch (c) {
	case 'A': case 'b': case 'B': case 'G': case 'K': case 'z': case 'Z':
		return NOTHING;
	case 'N':
		return *r->at == '{' ? lose(r) : ANYTHING;
	case 'd': case 'D': case 'h': case 'H': case 'R': case 's': case 'S':
	case 'v': case 'V': case 'w': case 'W': case 'X':
	case 'a': case 'e': case 'f': case 'n': case 'r': case 't':
		return ANYTHING;
	case 'p': case 'P':
		if (*r->at == '\0')
			return lose(r);
		if (*r->at == '{')
			skip_behind(r, '}');
		else
			r->at++;
		return ANYTHING;
	case 'x':
		return read_hex(r);
	case '0':
		for (int i = 0; i < 2 && *r->at >= '0' && *r->at <= '7'; i++)
			r->at++;
		return ANYTHING;
	}
	/* One digit is a back reference, more may be an octal number. */
	return text_is_digit(c) && !text_is_digit(*r->at) ? ANYTHING :
	    lose(r);
}

/* The characters of a class, as far as it just lists a few. */
struct members {
	bool plain;
	size_t count;
	char bytes[CLASS_MAX];
};

static void
members_add(struct members *members, char c)
{
	c = text_lower(c);
	if ((unsigned char)c >= 0x80 || members->count == CLASS_MAX) {
		members->plain = false;
		return;
	}
	if (memchr(members->bytes, c, members->count) == NULL)
		members->bytes[members->count++] = c;
}

/* [:alpha:]; another thing that begins like one is not understood. */
static void
read_posix_class(struct reading *r)
{
	r->at += 2;
	if (*r->at == '^')
		r->at++;
	while (text_is_letter(*r->at))
		r->at++;
	if (strncmp(r->at, ":]", 2) != 0)
		r->lost = true;
	else
		r->at += 2;
}

static void
read_member(struct reading *r, struct members *members)
{
	char c = *r->at, next = r->at[1];

	if (c == '[' && (next == '.' || next == '='))
		r->lost = true;
	else if (c == '[' && next == ':') {
		members->plain = false;
		read_posix_class(r);
		return;
	} else if (c == '\\') {
		if (next == '\0' || strchr("cENQ", next) != NULL) {
			r->lost = true;
			return;
		}
		if (text_is_letter(next) || text_is_digit(next))
			members->plain = false;
		members_add(members, next);
		r->at++;
	} else if (c == '-')
		members->plain = false;
	else
		members_add(members, c);
	r->at++;
}

static struct atom
read_class(struct reading *r)
{
	struct members members = { .plain = true };
	const char *first;

	r->at++;
	if (*r->at == '^') {
		members.plain = false;
		r->at++;
	}
	first = r->at;
	while (!r->lost && *r->at != '\0' && (*r->at != ']' ||
	    r->at == first))
		read_member(r, &members);
	if (r->lost || *r->at == '\0')
		return lose(r);
	r->at++;
	return members.plain ? one_of(r, members.bytes, members.count) :
	    ANYTHING;
}

/* Could "{" begin a quantifier, in any version of PCRE2? */
static bool
is_counting(const char *at)
{
	return at[0] == '{' && at[1] != '\0' &&
	    strchr("0123456789, \t", at[1]) != NULL;
}

struct atom
atom_read(struct reading *r)
{
	switch (*r->at) {
	case '[':
		return read_class(r);
	case '\\':
		return read_escape(r);
	case '.':
		r->at++;
		return ANYTHING;
	case '^': case '$':
		r->at++;
		return NOTHING;
	case '*': case '+': case '?':
		return lose(r);
	}
	if (is_counting(r->at))
		return lose(r);
	return one_of(r, r->at++, 1);
}

static unsigned
read_number(struct reading *r)
{
	unsigned number = 0;

	if (!text_is_digit(*r->at))
		r->lost = true;
	for (; text_is_digit(*r->at) && !r->lost; r->at++) {
		number = number * 10 + (unsigned)(*r->at - '0');
		if (number > TIMES_MANY)
			r->lost = true;
	}
	return number;
}

/* {2} {2,} {2,5}; whatever else begins so is in doubt. */
static struct times
read_count(struct reading *r)
{
	struct times times;

	r->at++;
	times.least = times.most = read_number(r);
	if (*r->at == ',') {
		times.most = TIMES_MANY;
		if (*++r->at != '}')
			times.most = read_number(r);
	}
	if (*r->at != '}')
		r->lost = true;
	else
		r->at++;
	return times;
}

struct times
times_read(struct reading *r)
{
	struct times times = { 1, 1 };

	switch (*r->at) {
	case '*':
		times = (struct times){ 0, TIMES_MANY };
		break;
	case '+':
		times = (struct times){ 1, TIMES_MANY };
		break;
	case '?':
		times = (struct times){ 0, 1 };
		break;
	case '{':
		if (!is_counting(r->at))
			return times;
		times = read_count(r);
		r->at--;
		break;
	default:
		return times;
	}
	r->at++;
	/* Greedy or not, it is about the same texts. */
	if (!r->lost && (*r->at == '?' || *r->at == '+'))
		r->at++;
	return times;
}

