/*
 * memo - what is worked out once for all recipients of a message.
 *
 * At its end a message may be judged for each of its recipients.  What does
 * not depend on them is kept here, under the address of what it is the result
 * of.  Lives in the message's arena, and only while its facts, but for the
 * recipient, stay as they are.  Belongs to one thread.
 */
#ifndef POLICY_MEMO_H
#define POLICY_MEMO_H

#include <stddef.h>

struct arena;
struct memo;

struct memo	*memo_new(struct arena *arena);
/* What memo_add() returned for this key, or NULL. */
void		*memo_find(const struct memo *memo, const void *key);
/* Zeroed room for the result of a key that has none; the caller fills it. */
void		*memo_add(struct memo *memo, const void *key, size_t size);

#endif
