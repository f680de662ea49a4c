/*
 * filename - the name under which a mail program would save an attachment.
 *
 * Pure; safe from any thread.
 */
#ifndef POLICY_FILENAME_H
#define POLICY_FILENAME_H

#include "base/text.h"

struct arena;

/*
 * Takes off a path, characters that nobody sees (controls, zero width, those
 * that turn the direction of writing), blanks of all kinds at both ends, and
 * the dots at the end that Windows drops with them.  name is UTF-8; "" where
 * nothing is left.
 */
struct text	filename_saved(struct arena *arena, struct text name);

#endif
