#include "reply/perspective.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"

static const struct turn {
	const char *first;
	const char *third;
} turns[] = {
#define TURN(ours, theirs)	{ .first = (ours), .third = (theirs) },
#include "reply/perspective.def"
#undef TURN
};

#define TURN_COUNT	(sizeof(turns) / sizeof(turns[0]))

/* What may stand within a word, a name or an address: "us.example.net". */
static bool
is_part(char c)
{
	return text_is_letter(c) || text_is_digit(c) ||
	    (c != '\0' && strchr("'_@/-", c) != NULL);
}

/* Nothing of a longer word, of a name or of a variable stands behind it. */
static bool
ends(const char *p)
{
	return !is_part(*p) && *p != '}' && !(*p == '.' && is_part(p[1]));
}

static const struct turn *
turn_find(const char *p)
{
	for (size_t i = 0; i < TURN_COUNT; i++)
		if (text_starts(p, turns[i].first) &&
		    ends(p + strlen(turns[i].first)))
			return &turns[i];
	return NULL;
}

void
perspective_turn(const char *text, struct strbuf *out)
{
	char before = ' ';

	while (*text != '\0') {
		const struct turn *turn = is_part(before) || before == '.' ||
		    before == '{' ? NULL : turn_find(text);
		const char first = *text;

		if (turn == NULL) {
			before = first;
			strbuf_addch(out, first);
			text++;
			continue;
		}
		strbuf_addch(out, first >= 'A' && first <= 'Z' ?
		    (char)(turn->third[0] - 'a' + 'A') : turn->third[0]);
		strbuf_adds(out, turn->third + 1);
		text += strlen(turn->first);
		before = text[-1];
	}
}
