#include "session/verdict.h"

#include <limits.h>
#include <stddef.h>

bool
verdict_decided(const struct verdict *verdict)
{
	return verdict->policy != NULL;
}

unsigned
verdict_limit(const struct verdict *verdict)
{
	return verdict_decided(verdict) ?
	    verdict->policy->number : UINT_MAX;
}

bool
verdict_refuses(const struct verdict *verdict)
{
	return verdict_decided(verdict) &&
	    (verdict->truth == TRUTH_UNKNOWN ||
	    action_refuses(verdict->policy->action));
}

bool
verdict_does(const struct verdict *verdict, enum action action)
{
	return verdict_decided(verdict) &&
	    verdict->truth == TRUTH_YES &&
	    verdict->policy->action == action;
}
