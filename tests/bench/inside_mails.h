/*
 * What the cases that judge mails share: mails of many senders, and an env.
 */
#ifndef BENCH_INSIDE_MAILS_H
#define BENCH_INSIDE_MAILS_H

#include "../unit/judged.h"
#include "inside.h"

#define MAILS	64

/* Mails that differ in client, sender, recipient and subject. */
struct mails {
	struct judged_mail	 mail[MAILS];
	struct judged_field	 fields[MAILS][12];
	char			*texts[MAILS][4];
	struct refused		*refused;
	struct env		 env;
};

/* Subjects have subject_len bytes. */
void	mails_init(struct mails *mails, size_t subject_len);
void	mails_release(struct mails *mails);

#endif
