/*
 * 500 expressions, each a policy on the subject, of which none holds.
 */
#include "inside_mails.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "policy/plan.h"

#define SUBJECTS_EACH	4000	/* tries in a round */
#define MESSAGES_EACH	2000

/* Sessions that have come to the end of their message, to be tried. */
struct trying {
	const struct rules	*rules;
	struct mails		 mails;
	struct judged		 at_end[MAILS];
	struct judged		 judged;
	size_t			 held;
};

static void
passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	struct trying *trying = arg;

	(void)policy;
	(void)held;
	(void)evidence;
	trying->held++;
}

static void
try_subjects(void *arg, size_t count)
{
	struct trying *trying = arg;
	const struct plan_watch watch = { passed, trying };
	struct finding finding;

	for (size_t i = 0; i < count; i++) {
		plan_try(trying->rules->plan, STAGE_EOM, session_facts(
		    trying->at_end[i % MAILS].session), UINT_MAX, &watch,
		    &finding);
		if (finding.policy != NULL)
			inside_fail("\"%s\" holds for \"%s\"",
			    finding.policy->name,
			    trying->mails.texts[i % MAILS][3]);
	}
}

static void
judge_messages(void *arg, size_t count)
{
	struct trying *trying = arg;

	for (size_t i = 0; i < count; i++)
		judged_message(&trying->judged,
		    &trying->mails.mail[i % MAILS]);
}

static void
subjects(struct inside *inside, const struct rules *rules, size_t len)
{
	size_t part = inside->instructions ? 10 : 1;
	struct trying *trying = calloc(1, sizeof(*trying));
	char name[20];

	if (trying == NULL)
		inside_fail("out of memory");
	trying->rules = rules;
	mails_init(&trying->mails, len);
	for (size_t n = 0; n < MAILS; n++) {
		judged_begin(&trying->at_end[n], rules, &trying->mails.env,
		    &trying->mails.mail[n]);
		judged_message(&trying->at_end[n], &trying->mails.mail[n]);
	}
	snprintf(name, sizeof(name), "try_%zu", len);
	inside_measure(inside, name, try_subjects, trying,
	    SUBJECTS_EACH / part);
	judged_begin(&trying->judged, rules, &trying->mails.env,
	    &trying->mails.mail[0]);
	snprintf(name, sizeof(name), "end_%zu", len);
	inside_measure(inside, name, judge_messages, trying,
	    MESSAGES_EACH / part);
	if (trying->held + trying->judged.refused > 0)
		inside_fail("a policy holds");
	judged_end(&trying->judged);
	for (size_t n = 0; n < MAILS; n++)
		judged_end(&trying->at_end[n]);
	mails_release(&trying->mails);
	free(trying);
}

void
inside_regexes(struct inside *inside)
{
	struct strbuf text = STRBUF_INIT;
	struct snapshot *snapshot;

	strbuf_adds(&text, "policies: (\n");
	inside_add_expressions(&text, INSIDE_EXPRESSIONS);
	strbuf_adds(&text, " );\n");
	snapshot = inside_load(text.text);
	subjects(inside, snapshot_rules(snapshot), 60);
	subjects(inside, snapshot_rules(snapshot), 300);
	snapshot_put(snapshot);
	strbuf_release(&text);
}
