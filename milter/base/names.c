#include "base/names.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"

#define WORD_MAX	64	/* longer words are not compared */
#define LIST_ALL_MAX	12	/* more names than this are not listed */
#define BEGINNING_MIN	2	/* fewer letters begin nothing */

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

/* Without case; '-' and '_' are equal. */
static bool
is_beginning(const char *written, const char *name)
{
	for (; *written != '\0'; written++, name++) {
		bool strokes = strchr("-_", *written) != NULL &&
		    *name != '\0' && strchr("-_", *name) != NULL;

		if (!strokes && text_lower(*written) != text_lower(*name))
			return false;
	}
	return true;
}

/* How many names written is the beginning of; 0 for too short a one. */
static size_t
count_begun(const char *const names[], size_t count, const char *written)
{
	size_t begun = 0;

	for (size_t i = 0; strlen(written) >= BEGINNING_MIN && i < count; i++)
		begun += is_beginning(written, names[i]);
	return begun;
}

const char *
names_nearest(const char *const names[], size_t count, const char *written)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(written) / 3 + 1;
	bool begun = count_begun(names, count, written) > 0;

	if (begun)
		best = UINT_MAX;
	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(written, names[i]);

		if (begun && !is_beginning(written, names[i]))
			continue;
		if (d < best || (d == best && nearest == NULL)) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}

/* "a, b or c": the names that written is the beginning of. */
static void
add_begun(struct strbuf *text, const char *const names[], size_t count,
    const char *written, size_t begun)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_beginning(written, names[i]))
			continue;
		n++;
		strbuf_addf(text, "%s%s", n == 1 ? "" :
		    n == begun ? " or " : ", ", names[i]);
	}
}

void
names_unknown(struct diag *diag, const char *kind, const char *written,
    const char *const names[], size_t count)
{
	const char *nearest = names_nearest(names, count, written);
	size_t begun = count_begun(names, count, written);
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "unknown %s ", kind);
	names_quote(&text, written);
	if (begun > 1 && begun <= LIST_ALL_MAX &&
	    distance(written, nearest) > 0) {
		strbuf_adds(&text, "; it can be ");
		add_begun(&text, names, count, written, begun);
	} else if (nearest != NULL)
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
	for (;;) {
		size_t len = 0;

		while (text_is_print(text[len]) && text[len] != '"' &&
		    text[len] != '\\')
			len++;
		strbuf_add(out, text, len);
		text += len;
		if (*text == '\0')
			break;
		if (text_is_print(*text))
			strbuf_addf(out, "\\%c", *text);
		else
			strbuf_addf(out, "\\x%02x", (unsigned char)*text);
		text++;
	}
	strbuf_addch(out, '"');
}
