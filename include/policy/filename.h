/*
 * filename - the name under which a mail program would save an attachment.
 *
 * Pure; safe from any thread.
 */
#ifndef POLICY_FILENAME_H
#define POLICY_FILENAME_H

#include "policy/mime.h"

struct arena;

/*
 * Takes off a path, characters that nobody sees (controls, zero width, those
 * that turn the direction of writing), and the dots and spaces at the end
 * that Windows drops.  name is UTF-8; "" where nothing is left.
 */
struct text	filename_saved(struct arena *arena, struct text name);

#endif
