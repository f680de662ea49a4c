#include "session/case.h"

#include "session/env.h"

/* Five random bits choose one without a bias. */
_Static_assert(sizeof(CASE_ALPHABET) - 1 == 32, "32 characters");

void
case_new(const struct env *env, char text[CASE_TEXT_MAX])
{
	unsigned char random[CASE_TEXT_MAX - 2];
	char *at = text;

	env->random(env->world, random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		if (i == CASE_GROUP)
			*at++ = '-';
		*at++ = CASE_ALPHABET[random[i] & 31];
	}
	*at = '\0';
}
