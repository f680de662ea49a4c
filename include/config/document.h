/*
 * document - the table of settings, written out for people.
 *
 * So that the sample file cannot say what the program does not do: a test
 * compares it with what this writes.  Pure; safe from any thread.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

struct strbuf;

/*
 * etc/milter-reply.conf.full: every setting with its help, defaults as they
 * are and the entries of groups as comments.  It loads, and changes nothing.
 */
void	schema_document(struct strbuf *out);

#endif
