#include "policy/choice.h"

#include <string.h>

#include "base/arena.h"

size_t
choice_shortest(const struct choice *choice)
{
	size_t least = choice->count > 0 ? choice->items[0].len : 0;

	for (size_t i = 1; i < choice->count; i++)
		if (choice->items[i].len < least)
			least = choice->items[i].len;
	return least;
}

static size_t
longest(const struct choice *choice)
{
	size_t most = 0;

	for (size_t i = 0; i < choice->count; i++)
		if (choice->items[i].len > most)
			most = choice->items[i].len;
	return most;
}

bool
choice_is_better(const struct choice *a, const struct choice *b)
{
	size_t of_a = choice_shortest(a), of_b = choice_shortest(b);

	return of_a != of_b ? of_a > of_b : a->count < b->count;
}

static struct text
join(struct arena *arena, const struct text *a, const struct text *b)
{
	char *bytes = arena_alloc(arena, a->len + b->len + 1);

	memcpy(bytes, a->bytes, a->len);
	memcpy(bytes + a->len, b->bytes, b->len);
	return (struct text){ bytes, a->len + b->len };
}

bool
choice_multiply(struct arena *arena, const struct choice *a,
    const struct choice *b, struct choice *product)
{
	size_t count = a->count * b->count;
	struct text *items;

	if (count > CHOICE_MAX || longest(a) + longest(b) > LITERAL_MAX)
		return false;
	items = arena_alloc(arena, count * sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = join(arena, &a->items[i / b->count],
		    &b->items[i % b->count]);
	*product = (struct choice){ count, items };
	return true;
}

bool
choice_unite(struct arena *arena, const struct choice *a,
    const struct choice *b, struct choice *both)
{
	size_t count = a->count + b->count;
	struct text *items;

	if (count > CHOICE_MAX)
		return false;
	items = arena_alloc(arena, count * sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = i < a->count ? a->items[i] :
		    b->items[i - a->count];
	*both = (struct choice){ count, items };
	return true;
}

struct choice
choice_keep(struct arena *arena, const struct choice *choice)
{
	struct text *items = arena_alloc(arena,
	    choice->count * sizeof(*items));

	for (size_t i = 0; i < choice->count; i++)
		items[i] = (struct text){ arena_memdup(arena,
		    choice->items[i].bytes, choice->items[i].len),
		    choice->items[i].len };
	return (struct choice){ choice->count, items };
}
