/*
 * load - the steps from a tree of settings to compiled rules.
 *
 * Each step reads one group, adds every problem at its place to diag, and goes
 * on as well as it can: later steps find what is wrong there, too.  All that
 * they make lives in the arena.  Belongs to one thread.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

struct arena;
struct catalogue;
struct diag;
struct knowledge;
struct lists;
struct milter;
struct node;
struct origins;
struct policy;
struct rules;

struct load {
	struct arena		 *arena;
	struct diag		 *diag;
	const struct node	 *defaults;
	struct root_entry	  root;
	struct place		  root_place;	/* the file as a whole */
	bool			  expect_warns;	/* where a case fails */
	struct settings		 *settings;
	struct lists		 *lists;
	/* Of the configuration in force, or NULL: they may be taken over. */
	const struct lists	 *lists_before;
	struct catalogue	 *catalogue;
	const struct policy	**policies;
	size_t			  policy_count;
	struct milter		 *milters;
	size_t			  milter_count;
	const struct origins	 *origins;
	struct knowledge	 *knowledge;
};

void	load_lists(struct load *load);
void	load_reasons(struct load *load);
/* True if the reason stands in the file, even with a mistake in it. */
bool	load_reason_is_written(const struct load *load, const char *name);
void	load_policies(struct load *load);
void	load_milters(struct load *load);
/* After milters, which it names, and reasons; tries all cases. */
void	load_recognise(struct load *load);

/*
 * Warns of lists with entries that cannot hold where policies use them, once
 * for each list and kind of attribute.
 */
void	load_check_lists(struct load *load);
/*
 * Looks at every reply that can be sent by all rules of the lint: those of
 * policies, and of reasons that the file changes.  Each finding is told once.
 */
void	load_check_replies(struct load *load, const struct rules *rules);
/* Reads and runs the expect cases; only without errors before. */
void	load_expect(struct load *load, const struct rules *rules);

/*
 * The values that a policy gives to the texts of its reason, into policy; and
 * whether it tells all that these texts cannot do without.  node is the
 * policy's group.
 */
void	load_values(struct load *load, const struct node *node,
	    const struct policy_entry *entry, struct policy *policy);

#endif
