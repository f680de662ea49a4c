#include "session/record.h"

static const char *const names[] = {
#define OUTCOME(id, name, help) [OUTCOME_##id] = name,
#include "session/outcome.def"
#undef OUTCOME
};

static const char *const helps[] = {
#define OUTCOME(id, name, help) [OUTCOME_##id] = help,
#include "session/outcome.def"
#undef OUTCOME
};

const char *
outcome_name(enum outcome outcome)
{
	return names[outcome];
}

const char *
outcome_help(enum outcome outcome)
{
	return helps[outcome];
}
