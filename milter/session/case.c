#include "session/case.h"

#include <string.h>

#include "session/env.h"

#define CASE_LABEL	" Case: "	/* as the renderer writes it */

/* 32 characters, so that five random bits choose one without a bias. */
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

void
case_new(const struct env *env, char text[CASE_TEXT_MAX])
{
	unsigned char random[8];
	char *at = text;

	env->random(env->world, random, sizeof(random));
	for (int i = 0; i < 8; i++) {
		if (i == 4)
			*at++ = '-';
		*at++ = alphabet[random[i] & 31];
	}
	*at = '\0';
}

bool
case_ends(const char *text, size_t len)
{
	const size_t label = strlen(CASE_LABEL), id = CASE_TEXT_MAX - 1;
	const char *at;

	if (len < label + id)
		return false;
	at = text + len - id;
	if (memcmp(at - label, CASE_LABEL, label) != 0)
		return false;
	for (size_t i = 0; i < id; i++)
		if (i == 4 ? at[i] != '-' :
		    memchr(alphabet, at[i], sizeof(alphabet) - 1) == NULL)
			return false;
	return true;
}
