#include "base/marks.h"

#include <stddef.h>
#include <string.h>

static size_t
words_used(const struct marks *marks)
{
	uint32_t bits = marks->count == 0 ? 0 :
	    ((marks->count - 1) >> marks->shift) + 1;

	return (bits + 63) / 64;
}

void
marks_clear(struct marks *marks, uint32_t count)
{
	marks->count = count;
	marks->shift = 0;
	while (count > 0 && (count - 1) >> marks->shift >= MARKS_MAX)
		marks->shift++;
	memset(marks->words, 0, words_used(marks) * sizeof(marks->words[0]));
}

void
marks_copy(struct marks *marks, const struct marks *from)
{
	marks->count = from->count;
	marks->shift = from->shift;
	memcpy(marks->words, from->words,
	    words_used(from) * sizeof(marks->words[0]));
}

void
marks_join(struct marks *marks, const struct marks *other)
{
	size_t words = words_used(marks);

	for (size_t i = 0; i < words; i++)
		marks->words[i] |= other->words[i];
}

uint32_t
marks_next(const struct marks *marks, uint32_t from)
{
	size_t words = words_used(marks);
	uint32_t bit = from >> marks->shift;
	size_t at = bit / 64;
	uint64_t word;

	if (from >= marks->count)
		return marks->count;
	word = marks->words[at] >> (bit % 64);
	if (word & 1)
		return from;
	if (word != 0) {
		bit += (uint32_t)__builtin_ctzll(word);
		return bit << marks->shift;
	}
	while (++at < words)
		if (marks->words[at] != 0) {
			bit = (uint32_t)(at * 64) +
			    (uint32_t)__builtin_ctzll(marks->words[at]);
			return bit << marks->shift;
		}
	return marks->count;
}

uint32_t
marks_total(const struct marks *marks)
{
	size_t words = words_used(marks);
	uint32_t total = 0;

	for (size_t i = 0; i < words; i++)
		total += (uint32_t)__builtin_popcountll(marks->words[i]);
	return total;
}
