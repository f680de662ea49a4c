#include "tool/tool.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "policy/facts.h"
#include "policy/interval.h"
#include "policy/plan.h"
#include "reply/reply.h"
#include "reply/template.h"
#include "session/milter.h"
#include "session/rules.h"
#include "session/session.h"
#include "tool/given.h"
#include "tool/grounds.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/story.h"
#include "world/json.h"
#include "world/machine.h"

/* A recipient that was not refused at RCPT. */
struct kept {
	const char *recipient;
	unsigned limit;		/* as walk.limit, for this one alone */
	bool settled;		/* refused, but not carried out */
};

struct walk {
	struct tool *tool;
	const struct rules *rules;
	const struct given *given;
	struct arena *arena;
	struct session *session;
	struct note *notes;		/* of the last event */
	size_t note_count, note_room;
	unsigned limit;			/* policies from here on have no say
					   in the whole message */
	struct kept *kept;
	size_t kept_count, kept_room;
	bool host_told;			/* where its name comes from */
	uint64_t dice;
};

static struct local_time
scripted_time(void *world)
{
	const struct walk *walk = world;

	return walk->given->now;
}

/* The same numbers in every run, so that two runs print the same. */
static void
scripted_random(void *world, void *bytes, size_t size)
{
	struct walk *walk = world;
	unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++) {
		walk->dice = walk->dice * 6364136223846793005u +
		    1442695040888963407u;	/* Knuth's MMIX */
		at[i] = (unsigned char)(walk->dice >> 56);
	}
}

static void
scripted_record(void *world, const struct record *record)
{
	struct walk *walk = world;

	walk->notes = xgrow(walk->notes, walk->note_count, &walk->note_room,
	    sizeof(*walk->notes));
	note_take(&walk->notes[walk->note_count++], walk->arena, record,
	    session_facts(walk->session));
}

/* plan_try() is asked only who decides; the session has its own watch. */
static void
ignore_passed(void *arg, const struct policy *policy, enum truth held,
    const struct evidence *evidence)
{
	(void)arg;
	(void)policy;
	(void)held;
	(void)evidence;
}

static void
tell_policy(struct walk *walk, enum stage stage, const char *recipient,
    const struct policy *policy)
{
	struct strbuf why = STRBUF_INIT;
	enum truth truth = grounds_explain(policy,
	    session_facts(walk->session), &why);

	story_policy(walk->tool, stage, recipient, policy, truth, why.text);
	strbuf_release(&why);
}

/*
 * Tells of each policy of the stage that is tried.  Fills *finding with the
 * one that decides, and returns the limit for the stages after this one.
 */
static unsigned
tell_policies(struct walk *walk, enum stage stage, const char *recipient,
    unsigned limit, struct finding *finding)
{
	static const struct plan_watch quiet = { .passed = ignore_passed };
	const struct plan *plan = walk->rules->plan;
	size_t skipped = 0;

	plan_try(plan, stage, session_facts(walk->session), limit, &quiet,
	    finding);
	for (size_t i = 0; i < plan_count(plan); i++) {
		const struct policy *policy = plan_at(plan, i);

		if (policy->stage != stage)
			continue;
		if (policy->number >= limit)
			skipped++;
		else
			tell_policy(walk, stage, recipient, policy);
		if (policy == finding->policy)
			limit = policy->number;
	}
	if (skipped > 0)
		story_skipped(walk->tool, skipped, plan_at(plan, limit));
	return limit;
}

/* Where a verdict is kept for later, says what will come of it, and when. */
static void
tell_kept(struct walk *walk, const struct finding *finding)
{
	const struct policy *policy = finding->policy;
	bool fault = finding->truth == TRUTH_UNKNOWN;
	enum action action;

	if (policy == NULL)
		return;
	if (walk->rules->observe) {
		story_remark(walk->tool, "  decides, but the daemon only "
		    "observes");
		return;
	}
	action = fault ? ACTION_DEFER : policy->action;
	if (action == ACTION_ACCEPT)
		story_remark(walk->tool, "  decides: accept");
	else if (action_refuses(action))
		story_remark(walk->tool, "  decides: %s %s, told %s",
		    action_name(action),
		    fault ? walk->rules->fault->name : policy->reason->name,
		    walk->rules->refuse_early ? "as soon as SMTP allows" :
		    "at RCPT");
	else
		story_remark(walk->tool, "  decides: %s, done at the end of "
		    "the message", action_name(action));
}

static bool
uses_host(const struct template *template)
{
	return template != NULL && template_uses(template, VARIABLE_HOST);
}

/* The name of this mail server stands in the reply. */
static bool
shows_host(const struct note *note, const struct letterhead *letterhead)
{
	const struct reason_form *form = &note->reason->forms[note->form];

	if (note->reply->status.code != 421 && !uses_host(form->what) &&
	    !uses_host(form->fix) && !uses_host(letterhead->help) &&
	    !uses_host(letterhead->contact))
		return false;
	for (size_t i = 0; i < note->reply->count; i++)
		if (text_find(note->reply->lines[i], letterhead->host) != NULL)
			return true;
	return false;
}

/* Once is enough: the host is the same in all replies. */
static void
tell_host(struct walk *walk, const struct note *note)
{
	const struct letterhead *letterhead = &walk->rules->letterhead;

	if (walk->host_told || note->reply == NULL || note->reason == NULL ||
	    facts_macro(session_facts(walk->session), "j") != NULL ||
	    !shows_host(note, letterhead))
		return;
	story_remark(walk->tool, "     Macro j is not given, so the name of "
	    "the mail server is that of site.host: %s.", letterhead->host);
	walk->host_told = true;
}

/* Tells of the decisions of the last event; returns how many there were. */
static size_t
tell_notes(struct walk *walk, enum stage stage, const char *recipient)
{
	size_t told = 0;

	for (size_t i = 0; i < walk->note_count; i++)
		if (!note_is_aside(&walk->notes[i])) {
			story_decision(walk->tool, stage, recipient,
			    &walk->notes[i]);
			tell_host(walk, &walk->notes[i]);
			told++;
		}
	return told;
}

/* An event before RCPT is over.  Returns true if the client was refused. */
static bool
finish_early(struct walk *walk, enum stage stage, struct answer answer)
{
	struct finding finding;

	walk->limit = tell_policies(walk, stage, NULL, walk->limit,
	    &finding);
	if (tell_notes(walk, stage, NULL) == 0)
		tell_kept(walk, &finding);
	walk->note_count = 0;
	return answer.kind == ANSWER_REFUSE;
}

static void
event_quoted(struct walk *walk, enum stage stage, const char *text)
{
	struct strbuf what = STRBUF_INIT;

	if (*text == '<')
		clean(&what, text, strlen(text));
	else
		quote(&what, text, strlen(text));
	story_event(walk->tool, stage, what.text);
	strbuf_release(&what);
}

static bool
walk_connect(struct walk *walk)
{
	const struct given *given = walk->given;
	const char *name = given_client_name(given);
	struct strbuf what = STRBUF_INIT;
	char ip[IP_TEXT_MAX];
	struct answer answer;

	given_tell_macros(given, walk->session, STAGE_CONNECT);
	answer = session_connect(walk->session, name != NULL ? name :
	    CLIENT_UNKNOWN, given->client_ip.family != 0 ?
	    &given->client_ip : NULL, given->client_port);
	ip_format(&given->client_ip, ip);
	if (*ip != '\0')
		strbuf_addf(&what, "from %s", ip);
	if (name != NULL) {
		strbuf_adds(&what, *ip != '\0' ? " " : "from ");
		quote(&what, name, strlen(name));
	}
	story_event(walk->tool, STAGE_CONNECT, what.text);
	strbuf_release(&what);
	return finish_early(walk, STAGE_CONNECT, answer);
}

static bool
walk_helo(struct walk *walk)
{
	const char *name = given_helo(walk->given);
	struct answer answer;

	if (name == NULL) {
		if (plan_has_stage(walk->rules->plan, STAGE_HELO))
			story_remark(walk->tool, "No HELO was given, so no "
			    "policy of that stage is tried.");
		return false;
	}
	given_tell_macros(walk->given, walk->session, STAGE_HELO);
	answer = session_helo(walk->session, name);
	event_quoted(walk, STAGE_HELO, name);
	return finish_early(walk, STAGE_HELO, answer);
}

/* What MAIL and RCPT carry has brackets. */
static const char *
bracketed(struct walk *walk, const char *address)
{
	return arena_format(walk->arena, *address == '<' ? "%s" : "<%s>",
	    address);
}

/*
 * SMTP cannot go on without a sender and a recipient: the samples stand in, as
 * in expect cases.
 */
static const char *
assume(struct walk *walk, enum variable variable)
{
	const char *sample = variable_sample(variable);

	story_remark(walk->tool, "No %s was given; <%s> is assumed.",
	    variable_name(variable), sample);
	return sample;
}

static bool
walk_mail(struct walk *walk)
{
	const char *sender = given_sender(walk->given);
	struct answer answer;

	sender = bracketed(walk, sender != NULL ? sender :
	    assume(walk, VARIABLE_SENDER));
	given_tell_macros(walk->given, walk->session, STAGE_MAIL);
	answer = session_mail(walk->session, sender);
	event_quoted(walk, STAGE_MAIL, sender);
	return finish_early(walk, STAGE_MAIL, answer);
}

static void
keep(struct walk *walk, const char *recipient, unsigned limit)
{
	struct kept kept = { .recipient = recipient, .limit = limit };

	for (size_t i = 0; i < walk->note_count; i++)
		if (!note_is_aside(&walk->notes[i]) &&
		    action_refuses(walk->notes[i].action))
			kept.settled = true;
	walk->kept = xgrow(walk->kept, walk->kept_count, &walk->kept_room,
	    sizeof(*walk->kept));
	walk->kept[walk->kept_count++] = kept;
}

static void
walk_recipient(struct walk *walk, const char *recipient)
{
	struct finding finding;
	struct answer answer;
	unsigned limit;

	recipient = bracketed(walk, recipient);
	given_tell_macros(walk->given, walk->session, STAGE_RCPT);
	answer = session_rcpt(walk->session, recipient);
	event_quoted(walk, STAGE_RCPT, recipient);
	limit = tell_policies(walk, STAGE_RCPT, recipient, walk->limit,
	    &finding);
	if (tell_notes(walk, STAGE_RCPT, recipient) == 0) {
		tell_kept(walk, &finding);
		story_continue(walk->tool, STAGE_RCPT, recipient,
		    "continue");
	}
	if (answer.kind != ANSWER_REFUSE)
		keep(walk, recipient, limit);
	walk->note_count = 0;
}

static void
walk_recipients(struct walk *walk)
{
	const char *recipient = given_recipient(walk->given, 0);

	if (recipient == NULL)
		walk_recipient(walk, assume(walk, VARIABLE_RECIPIENT));
	for (size_t i = 0; recipient != NULL;
	    recipient = given_recipient(walk->given, ++i))
		walk_recipient(walk, recipient);
}

/* A policy at the end of the message asks about the recipient. */
static bool
each_differs(const struct walk *walk)
{
	const struct plan *plan = walk->rules->plan;

	return plan_names(plan, STAGE_EOM, ATTRIBUTE_RECIPIENT) ||
	    plan_names(plan, STAGE_EOM, ATTRIBUTE_RECIPIENT_DOMAIN);
}

/* True if one of the recipients before n was told with the same policies. */
static bool
told_before(const struct walk *walk, size_t n)
{
	if (each_differs(walk))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!walk->kept[i].settled &&
		    walk->kept[i].limit == walk->kept[n].limit)
			return true;
	return false;
}

/*
 * At the end of the message the policies are tried for each recipient; those
 * with the same history, and nothing that tells them apart, share one answer.
 */
static void
tell_last_policies(struct walk *walk)
{
	bool one = walk->kept_count == 1;
	struct finding finding;

	for (size_t i = 0; i < walk->kept_count; i++) {
		const struct kept *kept = &walk->kept[i];

		if (kept->settled || told_before(walk, i))
			continue;
		facts_set_address(session_facts(walk->session), walk->arena,
		    ATTRIBUTE_RECIPIENT, ATTRIBUTE_RECIPIENT_DOMAIN,
		    kept->recipient);
		if (!one)
			story_remark(walk->tool, "  for %s%s", kept->recipient,
			    each_differs(walk) ? "" : " and those like it");
		tell_policies(walk, STAGE_EOM, one || each_differs(walk) ?
		    kept->recipient : NULL, kept->limit, &finding);
	}
}

static void
tell_end(struct walk *walk, const struct answer *answer)
{
	size_t told = tell_notes(walk, STAGE_EOM, NULL);

	for (size_t i = 0; i < answer->drop_count; i++)
		story_remark(walk->tool, "  recipient taken out: %s",
		    answer->drop[i]);
	if (told == 0)
		story_continue(walk->tool, STAGE_EOM, NULL, "continue");
	if (answer->kind == ANSWER_CONTINUE && answer->quarantine == NULL)
		story_remark(walk->tool, "The message goes on to %s.",
		    answer->drop_count > 0 ? "the other recipients" :
		    "its recipients");
	walk->note_count = 0;
}

static void
walk_end(struct walk *walk)
{
	struct answer answer;

	given_tell_letter(walk->given, walk->session);
	given_tell_macros(walk->given, walk->session, STAGE_EOM);
	answer = session_end(walk->session);
	story_event(walk->tool, STAGE_EOM, "");
	tell_last_policies(walk);
	tell_end(walk, &answer);
}

/* Goes as far as the facts do. */
static void
walk_all(struct walk *walk)
{
	bool letter = walk->given->has_letter;
	bool recipient = letter || given_recipient(walk->given, 0) != NULL;

	if (walk_connect(walk) || walk_helo(walk)) {
		story_remark(walk->tool, "The client is refused here.");
		return;
	}
	if (!recipient && given_sender(walk->given) == NULL) {
		story_remark(walk->tool, "It ends here: no sender is given "
		    "(--from) and no recipient (--rcpt).");
		return;
	}
	if (walk_mail(walk)) {
		story_remark(walk->tool, "The message is refused here.");
		return;
	}
	if (!recipient) {
		story_remark(walk->tool, "It ends here: no recipient is given "
		    "(--rcpt).");
		return;
	}
	walk_recipients(walk);
	if (letter && walk->kept_count > 0)
		walk_end(walk);
	else if (letter)
		story_remark(walk->tool, "No recipient is left, so the "
		    "message is not sent.");
	else if (walk->kept_count > 0 &&
	    plan_has_stage(walk->rules->plan, STAGE_EOM))
		story_remark(walk->tool, "It ends here: no message is given "
		    "(a file, --header or --body).");
}

/* What nobody gave, and what the clock said where a policy asks for it. */
static void
tell_premises(struct walk *walk)
{
	const struct options *options = walk->tool->options;
	const struct local_time *now = &walk->given->now;
	struct strbuf text = STRBUF_INIT;
	bool clock = false;

	for (size_t i = 0; i < plan_count(walk->rules->plan); i++) {
		const struct policy *policy = plan_at(walk->rules->plan, i);

		clock = clock || (policy_names(policy, ATTRIBUTE_DAY) &&
		    !options_has(options, OPT_DAY)) ||
		    (policy_names(policy, ATTRIBUTE_TIME) &&
		    !options_has(options, OPT_TIME));
	}
	given_absent(walk->given, &text);
	if (text.len > 0)
		story_remark(walk->tool, "%s", text.text);
	if (clock)
		story_remark(walk->tool, "The time is taken for %s, "
		    "%02u:%02u.", day_name(now->weekday), now->minute / 60,
		    now->minute % 60);
	strbuf_release(&text);
}

/* Nothing leaves the program, so what they would say is not known. */
static void
tell_milters(const struct walk *walk)
{
	const struct rules *rules = walk->rules;
	struct strbuf names = STRBUF_INIT;
	struct row *row;

	if (rules->milter_count == 0)
		return;
	if (options_has(walk->tool->options, OPT_JSON)) {
		row = row_new();
		row_text(row, "kind", "milters");
		row_list(row, "not_asked");
		for (size_t i = 0; i < rules->milter_count; i++)
			row_list_text(row, "not_asked",
			    rules->milters[i].name);
		row_print(row, walk->tool->out);
		return;
	}
	for (size_t i = 0; i < rules->milter_count; i++)
		strbuf_addf(&names, "%s%s", i > 0 ? ", " : "",
		    rules->milters[i].name);
	story_remark(walk->tool, "The milter%s behind us (%s) %s not asked.",
	    rules->milter_count == 1 ? "" : "s", names.text,
	    rules->milter_count == 1 ? "is" : "are");
	strbuf_release(&names);
}

static void
try_given(struct tool *tool, const struct rules *rules,
    const struct given *given, struct arena *arena)
{
	struct walk walk = {
		.tool = tool,
		.rules = rules,
		.given = given,
		.arena = arena,
		.limit = (unsigned)plan_count(rules->plan),
	};
	struct env env = {
		.world = &walk,
		.local_time = scripted_time,
		.random = scripted_random,
		.record = scripted_record,
	};

	tell_premises(&walk);
	tell_milters(&walk);
	walk.session = session_new(rules, &env);
	walk_all(&walk);
	session_free(walk.session);
	free(walk.notes);
	free(walk.kept);
}

static int
try_loaded(struct tool *tool, const struct given *given, struct arena *arena)
{
	struct snapshot *snapshot = tool_load(tool);

	if (snapshot == NULL)
		return TOOL_WRONG;
	try_given(tool, snapshot_rules(snapshot), given, arena);
	snapshot_put(snapshot);
	return TOOL_FINE;
}

static int
try_run(struct tool *tool)
{
	const struct options *options = tool->options;
	const struct env machine = machine_env(NULL);
	struct arena *arena;
	struct diag diag = DIAG_INIT;
	struct given given;
	int status = TOOL_WRONG;

	if (options->operand_count > 2)
		return tool_usage(tool, "try takes one message, but there "
		    "is also \"%s\"", options->operands[2]);
	arena = arena_new();
	switch (given_read(&given, arena, options,
	    machine.local_time(machine.world),
	    options->operand_count > 1 ? options->operands[1] : NULL,
	    tool->in, &diag)) {
	case GIVEN_FINE:
		status = try_loaded(tool, &given, arena);
		given_release(&given);
		break;
	case GIVEN_WRONG:
		status = tool_usage(tool, "%s", diag_first(&diag));
		break;
	case GIVEN_UNREADABLE:
		status = tool_wrong(tool, "%s", diag_first(&diag));
		break;
	}
	diag_release(&diag);
	arena_free(arena);
	return status;
}

const struct verb verb_try = {
	.name = "try",
	.operands = "[FACTS] [MESSAGE]",
	.summary = "walk one imaginary message through the policies",
	.manual =
	    "Walks one imaginary message through the configuration, stage by "
	    "stage, and says of each policy whether it holds and why, what "
	    "is decided, and what the client gets to read. It goes as far as "
	    "the facts do: without a recipient it ends at MAIL, without a "
	    "message at RCPT. What is not given counts as absent. MESSAGE is "
	    "a file with header and body, or - for standard input. Nothing "
	    "is sent, logged or counted, and the case in the reply is made "
	    "up. With --json it prints a row of the kind `policy' for each "
	    "that is tried, and one of the kind `decision' for each "
	    "recipient and for the message. The milters behind us are not "
	    "asked.",
	.examples =
	    "  milter-reply try --client-ip 192.0.2.1 --helo localhost \\\n"
	    "      --from ann@example.net --rcpt jane@example.com\n"
	    "  milter-reply try --rcpt jane@example.com - < message.eml\n"
	    "  milter-reply try --json --header 'Precedence: bulk'\n",
	.groups = OPTIONS_FACTS | OPTIONS_JSON,
	.run = try_run,
};
