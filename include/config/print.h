/*
 * print - a loaded configuration as text that loads to the same.
 *
 * Every setting of the fixed groups is written out, defaults too; of the
 * entries, all that was said.  Pure; safe from any thread.
 */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

struct node;
struct strbuf;

void	print_settings(const struct node *tree, const struct node *defaults,
	    struct strbuf *out);

#endif
