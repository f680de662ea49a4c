/*
 * case - the short id in a reply by which staff find the whole story.
 *
 * Eight random characters in the form of reply/case_form.h: no time, no
 * address, nothing to guess from.
 */
#ifndef SESSION_CASE_H
#define SESSION_CASE_H

#include "reply/case_form.h"

struct env;

void	case_new(const struct env *env, char text[CASE_TEXT_MAX]);

#endif
