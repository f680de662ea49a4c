/*
 * perspective - a text of ours as somebody else tells it.
 *
 * "Our spam filter refused your message" is what the refusing server says;
 * "their spam filter refused your message" is what another one reports.
 * Pure; the words are those of perspective.def.
 */
#ifndef REPLY_PERSPECTIVE_H
#define REPLY_PERSPECTIVE_H

struct strbuf;

/*
 * Adds text, perhaps the source of a template, to out with its words turned.
 * Whole words only; a capital at the start stays one.
 */
void	perspective_turn(const char *text, struct strbuf *out);

#endif
