#include "session/case.h"

#include "session/env.h"

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
