#include "tool/setup_postfix.h"

#include <inttypes.h>

#include "base/arena.h"
#include "tool/setup.h"

struct limit {
	const char	*name;
	const char	*attribute;	/* of an entry in a list of milters */
	uint64_t	 usual_s;	/* unless it is set */
	const char	*why;
};

static const struct limit limits[SETUP_TIME_COUNT] = {
	[SETUP_CONNECT] = { "milter_connect_timeout", "connect_timeout", 30,
	    "So long may it take to learn what the milters behind us want: "
	    "connect_timeout and timeout of each" },
	[SETUP_COMMAND] = { "milter_command_timeout", "command_timeout", 30,
	    "So long may the milters behind us take at the first recipient: "
	    "connect_timeout and five times timeout of each" },
	[SETUP_CONTENT] = { "milter_content_timeout", "content_timeout", 300,
	    "So long may the milters behind us take at the end of a message: "
	    "connect_timeout and end_timeout of each" },
};

static uint64_t
needed_s(const struct postfix *postfix, size_t which)
{
	return postfix->setup->times.limit_s[which];
}

static bool
is_enough(const struct postfix *postfix, size_t which, const char *found)
{
	uint64_t found_s = limits[which].usual_s;

	return (*found == '\0' || setup_seconds_parse(found, &found_s)) &&
	    found_s >= needed_s(postfix, which);
}

static const char *
time_why(const struct postfix *postfix, size_t which)
{
	return arena_format(postfix->setup->arena, "%s, and %d seconds more.",
	    limits[which].why, SETUP_MARGIN_S);
}

const char *
postfix_time_attributes(const struct postfix *postfix)
{
	struct arena *arena = postfix->setup->arena;
	const char *text = "";

	for (size_t i = 0; i < SETUP_TIME_COUNT; i++)
		if (!is_enough(postfix, i, postfix_get_expanded(postfix,
		    limits[i].name)))
			text = arena_format(arena, "%s, %s = %" PRIu64 "s",
			    text, limits[i].attribute, needed_s(postfix, i));
	return text;
}

/* Where it needs no more than is usual, and has it, there is nothing to say. */
static void
add_time(const struct postfix *postfix, size_t which)
{
	const struct limit *limit = &limits[which];
	const char *found = postfix_get_expanded(postfix, limit->name);
	uint64_t found_s = limit->usual_s;
	bool usual = *found == '\0' || (setup_seconds_parse(found, &found_s) &&
	    found_s == limit->usual_s);

	if (!is_enough(postfix, which, found))
		postfix_add(postfix, limit->name,
		    arena_format(postfix->setup->arena, "%" PRIu64 "s",
		    needed_s(postfix, which)), found, usual ? SETUP_MISSING :
		    SETUP_DIFFERS, time_why(postfix, which));
	else if (needed_s(postfix, which) > limit->usual_s)
		postfix_add(postfix, limit->name, found, found, SETUP_FINE,
		    time_why(postfix, which));
}

void
postfix_add_times(const struct postfix *postfix, struct text own)
{
	static const char list[] = "smtpd_milters";
	struct arena *arena = postfix->setup->arena;

	for (size_t i = 0; i < SETUP_TIME_COUNT; i++) {
		const char *found = postfix_get(postfix, list);
		const char *value = entry_attribute(arena, own,
		    limits[i].attribute);

		if (needed_s(postfix, i) == 0)
			continue;
		if (value == NULL)
			add_time(postfix, i);
		else if (!is_enough(postfix, i, value))
			postfix_add(postfix, list, found, found, SETUP_DIFFERS,
			    arena_format(arena, "In the entry of milter-reply, "
			    "%s should be %" PRIu64 "s. %s",
			    limits[i].attribute, needed_s(postfix, i),
			    time_why(postfix, i)));
	}
}
