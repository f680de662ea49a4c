#include "session/record.h"

static const char *const names[] = {
#define OUTCOME(id, name, help) [OUTCOME_##id] = name,
#include "session/outcome.def"
#undef OUTCOME
};

const char *
outcome_name(enum outcome outcome)
{
	return names[outcome];
}
