/*
 * print - a loaded configuration as text that loads to the same.
 *
 * Every setting of the fixed groups is written out, defaults too; of the
 * entries, all that was said.  Files of lists are named by their whole paths,
 * so that the text loads from any folder.  Safe from any thread.
 */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

struct node;
struct strbuf;

void	print_settings(const struct node *tree, const struct node *defaults,
	    struct strbuf *out);

#endif
