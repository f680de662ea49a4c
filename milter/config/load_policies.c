#include "config/load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/schema.h"
#include "config/tree.h"
#include "policy/policy.h"
#include "reply/reason.h"

/* A number stands for the text of its digits. */
static const char *
pattern_text(struct load *load, const struct node *node)
{
	if (node->kind == NODE_TEXT)
		return node->text;
	if (node->kind == NODE_NUMBER && node->number >= 0)
		return arena_format(load->arena, "%lld",
		    (long long)node->number);
	return NULL;
}

static void
wrong_pattern(struct load *load, const char *what, const struct node *node)
{
	bool is_switch = node->kind == NODE_SWITCH;
	struct strbuf written = STRBUF_INIT;

	node_describe(node, &written);
	diag_add(load->diag, SEVERITY_ERROR, node->place, "%s must be a "
	    "pattern in quotes or an array of patterns, not %s; write %s = "
	    "\"%s\"%s", what, written.text, what,
	    is_switch ? "*" : "...", is_switch ? " for any" : "");
	strbuf_release(&written);
}

/* The patterns of one attribute; -1 where they are of the wrong kind. */
static int
patterns_read(struct load *load, const char *what, const struct node *node,
    struct words *patterns)
{
	bool many = node->kind == NODE_ARRAY || node->kind == NODE_LIST;
	const struct node *items = many ? node->items : node;
	size_t count = many ? node->count : 1;
	const char **texts = arena_alloc(load->arena, count * sizeof(*texts));

	for (size_t i = 0; i < count; i++) {
		texts[i] = pattern_text(load, &items[i]);
		if (texts[i] == NULL) {
			wrong_pattern(load, what, &items[i]);
			return -1;
		}
	}
	*patterns = (struct words){ .count = count, .items = texts };
	return 0;
}

/*
 * True if each pattern is right.  Of an array over several lines each is tried
 * alone, so that a mistake is told at its own line.
 */
static bool
check_each(struct load *load, const char *attribute, const char *name,
    const struct node *node, const struct words *patterns)
{
	struct arena *scratch = arena_new();
	struct diag unknown = DIAG_INIT;
	size_t errors = load->diag->errors;
	struct condition condition;
	enum attribute which;

	/* An attribute that nobody knows is told once. */
	if (attribute_from_name(attribute, &which, &unknown) == 0)
		for (size_t i = 0; i < node->count; i++)
			condition_compile(&condition, scratch, attribute, name,
			    &patterns->items[i], 1, node->items[i].place,
			    load->lists, load->diag);
	diag_release(&unknown);
	arena_free(scratch);
	return load->diag->errors == errors;
}

/* "docm", which somebody wrote for "*.docm". */
static bool
is_ending(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!text_is_letter(text[i]) && !text_is_digit(text[i]))
			return false;
	return len >= 2 && len <= 5;
}

/*
 * Warns of patterns that are right and nearly always a slip: a size to the
 * byte, and the ending of a file name as the whole of it.
 */
static void
warn_slips(struct load *load, const struct condition *condition)
{
	for (size_t i = 0; i < condition->count; i++) {
		const struct pattern *pattern = &condition->patterns[i];
		const char *source = pattern->source;

		if (condition->attribute == ATTRIBUTE_SIZE &&
		    text_is_digit(*source) && pattern->low > 0)
			diag_add(load->diag, SEVERITY_WARNING, pattern->place,
			    "size = \"%s\" holds only for a message of "
			    "exactly %" PRIu64 " bytes; write \"> %s\"",
			    source, pattern->low, source);
		if (condition->attribute == ATTRIBUTE_ATTACHMENT &&
		    pattern->kind == PATTERN_TEXT && is_ending(source))
			diag_add(load->diag, SEVERITY_WARNING, pattern->place,
			    "attachment = \"%s\" holds only for a file of "
			    "exactly this name; write \"*.%s\"", source,
			    source);
	}
}

/* A group of conditions while it is filled. */
struct filling {
	struct condition *conditions;
	size_t count;
};

/* attribute = patterns, or below a named one NAME = patterns. */
static void
add_condition(struct load *load, struct filling *group,
    const char *attribute, const char *name, const struct node *node)
{
	struct condition *condition = &group->conditions[group->count];
	struct words patterns;

	if (patterns_read(load, *name != '\0' ? name : attribute, node,
	    &patterns) == -1)
		return;
	if (node->count > 0 &&
	    node->items[node->count - 1].place.line != node->place.line &&
	    !check_each(load, attribute, name, node, &patterns))
		return;
	if (condition_compile(condition, load->arena, attribute, name,
	    patterns.items, patterns.count, node->place, load->lists,
	    load->diag) == -1)
		return;
	group->count++;
	warn_slips(load, condition);
}

static size_t
condition_count(const struct node *group)
{
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++)
		count += group->items[i].kind == NODE_GROUP ?
		    group->items[i].count : 1;
	return count;
}

static void
load_group(struct load *load, struct group *group, const char *clause,
    const struct node *node)
{
	struct filling filling = {
		.conditions = arena_alloc(load->arena,
		    condition_count(node) * sizeof(struct condition)),
	};

	if (node->count == 0)
		diag_add(load->diag, SEVERITY_ERROR, node->place, "an empty "
		    "group in %s holds for every mail; name an attribute, "
		    "or take it out", clause);
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];

		if (item->kind != NODE_GROUP) {
			add_condition(load, &filling, item->name, "", item);
			continue;
		}
		if (item->count == 0)
			diag_add(load->diag, SEVERITY_ERROR, item->place,
			    "the group %s is empty; write %s = { NAME = "
			    "\"...\"; }", item->name, item->name);
		for (size_t n = 0; n < item->count; n++)
			add_condition(load, &filling, item->name,
			    item->items[n].name, &item->items[n]);
	}
	*group = (struct group){
		.count = filling.count,
		.conditions = filling.conditions,
	};
}

/* node is NULL, a group, or a list of groups: the schema saw to that. */
static struct clause
load_clause(struct load *load, const char *name, const struct node *node)
{
	bool many = node != NULL && node->kind == NODE_LIST;
	size_t count = node == NULL ? 0 : many ? node->count : 1;
	struct group *groups = arena_alloc(load->arena,
	    count * sizeof(*groups));

	for (size_t i = 0; i < count; i++)
		load_group(load, &groups[i], name,
		    many ? &node->items[i] : node);
	return (struct clause){ .count = count, .groups = groups };
}

/* Adds the action's way of writing: reject = "REASON". */
static void
action_sample(enum action action, struct strbuf *out)
{
	const char *value = "true";

	if (action_refuses(action))
		value = "\"REASON\"";
	else if (action == ACTION_QUARANTINE)
		value = "\"TEXT\"";
	strbuf_addf(out, "%s = %s", action_name(action), value);
}

static void
no_action(struct load *load, const struct node *node)
{
	struct strbuf samples = STRBUF_INIT;

	for (int a = 0; a < ACTION_COUNT; a++) {
		strbuf_adds(&samples, a == 0 ? "" :
		    a + 1 < ACTION_COUNT ? ", " : " or ");
		action_sample((enum action)a, &samples);
	}
	diag_add(load->diag, SEVERITY_ERROR, node->place,
	    "this policy does nothing; write %s", samples.text);
	strbuf_release(&samples);
}

/* Which action stands there; an error, and -1, unless it is just one. */
static int
load_action(struct load *load, const struct node *node, enum action *action)
{
	const struct node *first = NULL;
	bool twice = false;

	for (int a = 0; a < ACTION_COUNT; a++) {
		const char *name = action_name((enum action)a);
		const struct node *found = node_find(node, name);

		if (found == NULL)
			continue;
		if (first != NULL) {
			diag_add(load->diag, SEVERITY_ERROR, found->place,
			    "a policy does one thing, and this one has %s "
			    "already; keep one of %s and %s", first->name,
			    first->name, name);
			twice = true;
			continue;
		}
		first = found;
		*action = (enum action)a;
	}
	if (first == NULL)
		no_action(load, node);
	return first != NULL && !twice ? 0 : -1;
}

static void
missing_form(struct load *load, struct place place,
    const struct reason *reason, enum form form)
{
	enum form other = form == FORM_PERMANENT ?
	    FORM_TEMPORARY : FORM_PERMANENT;
	char status[STATUS_TEXT_MAX];

	status_format(reason->forms[other].status, status);
	diag_add(load->diag, SEVERITY_ERROR, place, "the reason \"%s\" has no "
	    "%s form, only the %s one %s; write %s = \"%s\", or give it a "
	    "%s form in reasons", reason->name, form_name(form),
	    form_name(other), status,
	    action_name(other == FORM_PERMANENT ? ACTION_REJECT :
	    ACTION_DEFER), reason->name, form_name(form));
}

static void
load_reason_of(struct load *load, const struct node *node,
    const char *name, struct policy *policy)
{
	struct place place = node_place(node, action_name(policy->action));
	const struct reason *reason = catalogue_find(load->catalogue, name);
	struct diag why = DIAG_INIT;

	if (reason == NULL) {
		if (!load_reason_is_written(load, name))
			catalogue_unknown(load->catalogue, name, &why);
		diag_take(load->diag, &why, place, "");
		return;
	}
	policy->form = policy->action == ACTION_DEFER ?
	    FORM_TEMPORARY : FORM_PERMANENT;
	if (reason->forms[policy->form].present)
		policy->reason = reason;
	else
		missing_form(load, place, reason, policy->form);
}

/* A row of policies and its name; sorted, all of one name in their order. */
struct named {
	const char *name;
	const struct node *row;
};

struct names {
	struct named *items;
	size_t count;
};

static int
compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/*
 * All rows are looked at, because one that has a mistake of its own holds its
 * name, too.
 */
static struct names
names_of(struct arena *arena, const struct node *rows)
{
	struct names names = {
		.items = arena_alloc(arena,
		    rows->count * sizeof(*names.items)),
	};

	for (size_t i = 0; i < rows->count; i++) {
		const struct node *row = &rows->items[i];
		const struct node *name = node_find(row, "name");

		if (name != NULL && name->kind == NODE_TEXT)
			names.items[names.count++] = (struct named){
				.name = name->text, .row = row
			};
	}
	qsort(names.items, names.count, sizeof(*names.items), compare_named);
	return names;
}

/* The first policy before node with this name, or NULL. */
static const struct node *
same_name(const struct names *names, const struct node *node, const char *name)
{
	size_t low = 0, high = names->count;
	const struct named *first;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* It is there: node itself has this name. */
	first = &names->items[low];
	return first->row < node ? first->row : NULL;
}

/* A name is how the log and the expect cases call a policy. */
static void
check_name(struct load *load, const struct names *names,
    const struct node *node, const char *name)
{
	struct place place = node_place(node, "name");
	const struct node *same;
	struct strbuf where = STRBUF_INIT;

	if (name == NULL) {
		if (node_find(node, "name") == NULL)
			diag_add(load->diag, SEVERITY_ERROR, place,
			    "this policy has no name; write name = \"...\", "
			    "for the log and for expect");
		return;
	}
	same = same_name(names, node, name);
	if (same == NULL)
		return;
	place_format(same->place, &where);
	diag_add(load->diag, SEVERITY_ERROR, place, "there is a policy "
	    "\"%s\" already, at %s; give this one another name", name,
	    where.text);
	strbuf_release(&where);
}

static void
load_policy(struct load *load, const struct names *names,
    const struct node *node)
{
	struct policy_entry entry = {
		.on_error = load->settings->daemon.on_error,
	};
	struct policy *policy = arena_alloc(load->arena, sizeof(*policy));
	size_t errors = load->diag->errors;
	const char *reason;

	schema_read(SECTION_POLICY, &entry, node, load->defaults, load->arena,
	    load->diag);
	check_name(load, names, node, entry.name);
	*policy = (struct policy){
		.name = entry.name != NULL ? entry.name : "",
		.place = node->place,
		.when = load_clause(load, "when", entry.when),
		.unless = load_clause(load, "unless", entry.unless),
		.text = entry.quarantine != NULL ? entry.quarantine : "",
		.observe = entry.observe,
		.on_error = entry.on_error,
		.number = (unsigned)load->policy_count,
	};
	policy_finish(policy);
	if (load_action(load, node, &policy->action) == 0) {
		reason = policy->action == ACTION_DEFER ?
		    entry.defer : entry.reject;
		if (action_refuses(policy->action) && reason != NULL)
			load_reason_of(load, node, reason, policy);
		load_values(load, node, &entry, policy);
	}
	if (load->diag->errors == errors)
		load->policies[load->policy_count++] = policy;
}

void
load_policies(struct load *load)
{
	const struct node *rows = load->root.policies;
	struct arena *scratch;
	struct names names;

	if (rows == NULL)
		return;
	scratch = arena_new();
	names = names_of(scratch, rows);
	load->policies = arena_alloc(load->arena,
	    rows->count * sizeof(*load->policies));
	for (size_t i = 0; i < rows->count; i++)
		load_policy(load, &names, &rows->items[i]);
	arena_free(scratch);
}
