/*
 * Ten policies and thousands, of all kinds: none holds, so the difference is
 * what it costs to have them.
 */
#include "inside_mails.h"

#include <stdio.h>

#include "base/strbuf.h"

#define CONNECTIONS_EACH	2000u	/* in a round */

/* Of 10,000, this many are expressions; of fewer, the same share. */
#define SHARE	(10000 / INSIDE_EXPRESSIONS)

struct judging {
	const struct rules	*rules;
	struct mails		 mails;
	struct judged		 judged;
};

static void
judge_connections(void *arg, size_t count)
{
	struct judging *judging = arg;

	for (size_t i = 0; i < count; i++) {
		const struct judged_mail *mail =
		    &judging->mails.mail[i % MAILS];
		struct judged judged;

		judged_begin(&judged, judging->rules, &judging->mails.env,
		    mail);
		judged_message(&judged, mail);
		if (judged.refused > 0)
			inside_fail("a policy holds");
		judged_end(&judged);
	}
}

static void
judge_messages(void *arg, size_t count)
{
	struct judging *judging = arg;

	for (size_t i = 0; i < count; i++)
		judged_message(&judging->judged,
		    &judging->mails.mail[i % MAILS]);
}

/* Expressions come last, as they are tried last where the file says so. */
static struct snapshot *
load(size_t count)
{
	size_t expressions = count < SHARE ? 1 : count / SHARE;
	struct strbuf text = STRBUF_INIT;
	struct snapshot *snapshot;

	strbuf_adds(&text, "policies: (\n");
	inside_add_envelope(&text, count - expressions);
	strbuf_adds(&text, ",\n");
	inside_add_expressions(&text, expressions);
	strbuf_adds(&text, " );\n");
	snapshot = inside_load(text.text);
	strbuf_release(&text);
	return snapshot;
}

static void
say_ratio(struct inside *inside, const char *name, double here, double first)
{
	char ratio[60];

	snprintf(ratio, sizeof(ratio), "%s_to_10", name);
	if (here > 0 && first > 0 && here != first)
		inside_figure(inside, ratio, here / first);
}

/* Both figures of so many policies; first has those of the fewest. */
static void
judge(struct inside *inside, size_t count, double first[2])
{
	size_t each = CONNECTIONS_EACH / (inside->instructions ? 10u : 1u);
	char connection[40], message[40];
	struct snapshot *snapshot;
	struct judging judging;
	double here[2];

	snprintf(connection, sizeof(connection), "connection_%zu", count);
	snprintf(message, sizeof(message), "message_%zu", count);
	if (!inside_wants(inside, connection) &&
	    !inside_wants(inside, message))
		return;
	snapshot = load(count);
	judging.rules = snapshot_rules(snapshot);
	mails_init(&judging.mails, 60);
	here[0] = inside_measure(inside, connection, judge_connections,
	    &judging, each);
	judged_begin(&judging.judged, judging.rules, &judging.mails.env,
	    &judging.mails.mail[0]);
	here[1] = inside_measure(inside, message, judge_messages, &judging,
	    each);
	judged_end(&judging.judged);
	mails_release(&judging.mails);
	snapshot_put(snapshot);
	if (first[0] <= 0 && first[1] <= 0) {
		first[0] = here[0];
		first[1] = here[1];
	}
	say_ratio(inside, connection, here[0], first[0]);
	say_ratio(inside, message, here[1], first[1]);
}

void
inside_policies(struct inside *inside)
{
	double first[2] = { 0, 0 };

	judge(inside, 10, first);
	judge(inside, 1000, first);
	judge(inside, 10000, first);
}
