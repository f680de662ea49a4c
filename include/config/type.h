/*
 * type - what the value of a setting may be: reading one, and saying so.
 *
 * Pure; safe from any thread.
 */
#ifndef CONFIG_TYPE_H
#define CONFIG_TYPE_H

#include <stdbool.h>

struct arena;
struct diag;
struct node;
struct setting;
struct strbuf;

/*
 * Reads a node into member.  Returns 0; or -1 with the reason in diag at its
 * place, and member untouched.
 */
int	type_read(const struct setting *setting, const struct node *node,
	    void *member, struct arena *arena, struct diag *diag);
/* Adds what is expected: "a text in quotes". */
void	type_wants(const struct setting *setting, struct strbuf *out);
/* Two members that were read.  For values, not for groups and lists. */
bool	type_equal(const struct setting *setting, const void *a,
	    const void *b);

#endif
