#include "policy/stage.h"

static const char *const names[STAGE_COUNT] = {
	[STAGE_CONNECT] = "connect",
	[STAGE_HELO] = "helo",
	[STAGE_MAIL] = "mail",
	[STAGE_RCPT] = "rcpt",
	[STAGE_EOM] = "eom",
};

const char *
stage_name(enum stage stage)
{
	return names[stage];
}
