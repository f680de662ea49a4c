#include "base/names.h"

#include <limits.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"

#define WORD_MAX	64	/* longer words are not compared */
#define LIST_ALL_MAX	12	/* more names than this are not listed */

int
names_find(const char *const names[], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance, without case; '-' and '_' are equal. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= b_len; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *free_row = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = text_lower(a[i - 1]);
			char y = text_lower(b[j - 1]);
			unsigned cost = x != y && !(strchr("-_", x) != NULL &&
			    strchr("-_", y) != NULL);

			row[j] = least(last[j - 1] + cost,
			    least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x == text_lower(b[j - 2]) &&
			    y == text_lower(a[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = free_row;
	}
	return last[b_len];
}

const char *
names_nearest(const char *const names[], size_t count, const char *written)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(written) / 3 + 1;

	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(written, names[i]);

		if (d < best || (d == best && nearest == NULL)) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}

void
names_unknown(struct diag *diag, const char *kind, const char *written,
    const char *const names[], size_t count)
{
	const char *nearest = names_nearest(names, count, written);
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "unknown %s ", kind);
	names_quote(&text, written);
	if (nearest != NULL)
		strbuf_addf(&text, "; did you mean \"%s\"?", nearest);
	else if (count > 0 && count <= LIST_ALL_MAX) {
		strbuf_adds(&text, "; write one of");
		for (size_t i = 0; i < count; i++)
			strbuf_addf(&text, "%s %s", i == 0 ? "" : ",",
			    names[i]);
	}
	diag_error(diag, "%s", text.text);
	strbuf_release(&text);
}

void
names_quote(struct strbuf *out, const char *text)
{
	strbuf_addch(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_addf(out, "\\%c", *text);
		else if (text_is_print(*text))
			strbuf_addch(out, *text);
		else
			strbuf_addf(out, "\\x%02x", (unsigned char)*text);
	}
	strbuf_addch(out, '"');
}
