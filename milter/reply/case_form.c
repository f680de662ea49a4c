#include "reply/case_form.h"

#include <string.h>

#include "base/text.h"

#define CASE_LABEL	" Case: "	/* as the renderer writes it */

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
		if (i == CASE_GROUP ? at[i] != '-' :
		    memchr(CASE_ALPHABET, at[i], strlen(CASE_ALPHABET)) == NULL)
			return false;
	return true;
}

const char *
case_behind(const char *text)
{
	const size_t len = strlen(CASE_LABEL) + CASE_TEXT_MAX - 1;
	const char *p = text;

	for (; (p = strstr(p, CASE_LABEL)) != NULL; p++)
		if (strnlen(p, len) == len && case_ends(p, len) &&
		    !text_is_letter(p[len]) && !text_is_digit(p[len]))
			return p + len;
	return NULL;
}
