#include "config/type.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/socket_name.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "config/schema.h"
#include "config/settings.h"
#include "config/tree.h"
#include "policy/interval.h"

/* An enum of the settings is written through an unsigned. */
_Static_assert(sizeof(enum mode) == sizeof(unsigned) &&
    sizeof(enum refuse_at) == sizeof(unsigned) &&
    sizeof(enum destination) == sizeof(unsigned) &&
    sizeof(enum on_error) == sizeof(unsigned) &&
    sizeof(enum milter_error) == sizeof(unsigned) &&
    sizeof(enum detail) == sizeof(unsigned), "enums are as wide as unsigned");

struct reading {
	const struct setting *setting;
	const struct node *node;
	struct arena *arena;
};

static void
size_format(uint64_t bytes, struct strbuf *out)
{
	static const char units[] = "kMG";
	size_t unit = 0;

	while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	strbuf_addf(out, "%llu", (unsigned long long)bytes);
	if (unit > 0)
		strbuf_addch(out, units[unit - 1]);
}

static void
choices_format(const struct setting *setting, struct strbuf *out)
{
	for (unsigned n = 0; setting->choice(n) != NULL; n++) {
		if (n > 0)
			strbuf_adds(out, setting->choice(n + 1) != NULL ?
			    ", " : " or ");
		strbuf_addf(out, "\"%s\"", setting->choice(n));
	}
}

/* A text that has a default, and that is "". */
static bool
may_be_empty(const struct setting *setting)
{
	return strcmp(setting->standard, "\"\"") == 0;
}

void
type_wants(const struct setting *setting, struct strbuf *out)
{
	switch (setting->type) {
	case TYPE_TEXT:
		strbuf_adds(out, "a text in quotes, without control "
		    "characters");
		break;
	case TYPE_NAME:
		strbuf_adds(out, "a text in quotes, plain ASCII and not "
		    "empty");
		break;
	case TYPE_HOST:
		strbuf_adds(out, "the name of a host");
		break;
	case TYPE_SOCKET:
		strbuf_adds(out, "inet:PORT@HOST, inet6:PORT@HOST or "
		    "unix:PATH");
		if (may_be_empty(setting))
			strbuf_adds(out, ", or \"\"");
		break;
	case TYPE_WORD:
	case TYPE_CHOICE:
		choices_format(setting, out);
		break;
	case TYPE_SWITCH:
		strbuf_adds(out, "true or false");
		break;
	case TYPE_ONLY_TRUE:
		strbuf_adds(out, "true");
		break;
	case TYPE_NUMBER:
		strbuf_addf(out, "a number%s%s from %llu to %llu",
		    *setting->unit != '\0' ? " of " : "", setting->unit,
		    (unsigned long long)setting->min,
		    (unsigned long long)setting->max);
		break;
	case TYPE_SIZE:
		strbuf_adds(out, "a size from \"");
		size_format(setting->min, out);
		strbuf_adds(out, "\" to \"");
		size_format(setting->max, out);
		strbuf_adds(out, "\"");
		break;
	case TYPE_OCTAL:
		strbuf_addf(out, "permissions in quotes, from \"%04llo\" to "
		    "\"%04llo\"", (unsigned long long)setting->min,
		    (unsigned long long)setting->max);
		break;
	case TYPE_WORDS:
		strbuf_adds(out, "an array of texts");
		break;
	case TYPE_TEXTS:
		strbuf_adds(out, "a text in quotes or an array of texts");
		break;
	case TYPE_GROUP:
	case TYPE_NAMED:
		strbuf_adds(out, "a group { ... }");
		break;
	case TYPE_CLAUSE:
		strbuf_adds(out, "a group { ... } or a list of groups "
		    "( { ... }, { ... } )");
		break;
	case TYPE_ROWS:
		strbuf_adds(out, "a list of groups ( { ... }, { ... } )");
		break;
	}
}

/* The readers return -1 where the value is not of the setting's form. */

static int
text_read(const struct reading *r, const char **text)
{
	if (r->node->kind != NODE_TEXT)
		return -1;
	for (const char *p = r->node->text; *p != '\0'; p++)
		if ((unsigned char)*p < 32 || *p == 127)
			return -1;
	*text = r->node->text;
	return 0;
}

static int
name_read(const struct reading *r, const char **text)
{
	if (r->node->text[0] == '\0')
		return -1;
	for (const char *p = r->node->text; *p != '\0'; p++)
		if (!text_is_print(*p))
			return -1;
	return text_read(r, text);
}

static bool
is_host(const char *name)
{
	if (*name == '\0' || strlen(name) > 255)
		return false;
	for (; *name != '\0'; name++)
		if (!text_is_letter(*name) && !text_is_digit(*name) &&
		    strchr("-.", *name) == NULL)
			return false;
	return true;
}

/* The forms of smfi_setconn(); libmilter itself would say only "no". */
static bool
is_socket(const char *text)
{
	char port[8];
	const char *at;
	uint64_t number;

	if (text_starts(text, "unix:") || text_starts(text, "local:"))
		return strchr(text, ':')[1] == '/';
	if (!text_starts(text, "inet:") && !text_starts(text, "inet6:"))
		return false;
	text = strchr(text, ':') + 1;
	at = strchr(text, '@');
	if (at == NULL || at[1] == '\0' ||
	    (size_t)(at - text) >= sizeof(port))
		return false;
	memcpy(port, text, (size_t)(at - text));
	port[at - text] = '\0';
	return text_number(port, 65535, &number) == 0 && number > 0;
}

static int
choice_find(const struct reading *r, unsigned *n)
{
	const char *name;

	if (r->node->kind != NODE_TEXT)
		return -1;
	for (*n = 0; (name = r->setting->choice(*n)) != NULL; (*n)++)
		if (strcmp(name, r->node->text) == 0)
			return 0;
	return -1;
}

static int
in_range(const struct setting *setting, uint64_t value, uint64_t *number)
{
	if (value < setting->min || value > setting->max)
		return -1;
	*number = value;
	return 0;
}

static int
number_read(const struct reading *r, uint64_t *number)
{
	if (r->node->kind != NODE_NUMBER || r->node->number < 0)
		return -1;
	return in_range(r->setting, (uint64_t)r->node->number, number);
}

/* "64M", or a number of bytes. */
static int
size_read(const struct reading *r, uint64_t *number)
{
	uint64_t value;

	if (r->node->kind == NODE_NUMBER)
		return number_read(r, number);
	if (amount_parse(&value, r->node->text) == -1)
		return -1;
	return in_range(r->setting, value, number);
}

static int
octal_read(const struct reading *r, uint64_t *number)
{
	const char *p = r->node->text;
	uint64_t value = 0;

	if (r->node->kind != NODE_TEXT || *p == '\0' || strlen(p) > 5)
		return -1;
	for (; *p != '\0'; p++) {
		if (*p < '0' || *p > '7')
			return -1;
		value = value * 8 + (uint64_t)(*p - '0');
	}
	return in_range(r->setting, value, number);
}

static int
words_read(const struct reading *r, struct words *words)
{
	const struct node *node = r->node;
	const char **items;

	if (node->kind != NODE_ARRAY && node->kind != NODE_LIST)
		return -1;
	for (size_t i = 0; i < node->count; i++)
		if (node->items[i].kind != NODE_TEXT)
			return -1;
	items = arena_alloc(r->arena, node->count * sizeof(*items));
	for (size_t i = 0; i < node->count; i++)
		items[i] = node->items[i].text;
	*words = (struct words){ .count = node->count, .items = items };
	return 0;
}

static int
texts_read(const struct reading *r, struct words *words)
{
	const char **item;

	if (r->node->kind != NODE_TEXT)
		return words_read(r, words);
	item = arena_alloc(r->arena, sizeof(*item));
	*item = r->node->text;
	*words = (struct words){ .count = 1, .items = item };
	return 0;
}

static bool
is_rows(const struct node *node)
{
	if (node->kind != NODE_LIST)
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (node->items[i].kind != NODE_GROUP)
			return false;
	return true;
}

static int
value_read(const struct reading *r, void *member)
{
	const struct node *node = r->node;
	unsigned choice;
	bool fits = false;

	switch (r->setting->type) {
	case TYPE_TEXT:
		return text_read(r, member);
	case TYPE_NAME:
		return name_read(r, member);
	case TYPE_HOST:
		return is_host(node->text) ? text_read(r, member) : -1;
	case TYPE_SOCKET:
		return is_socket(node->text) || (node->text[0] == '\0' &&
		    may_be_empty(r->setting)) ? text_read(r, member) : -1;
	case TYPE_WORD:
		if (choice_find(r, &choice) == -1)
			return -1;
		return text_read(r, member);
	case TYPE_CHOICE:
		if (choice_find(r, &choice) == -1)
			return -1;
		memcpy(member, &choice, sizeof(choice));
		return 0;
	case TYPE_SWITCH:
	case TYPE_ONLY_TRUE:
		if (node->kind != NODE_SWITCH ||
		    (r->setting->type == TYPE_ONLY_TRUE && !node->on))
			return -1;
		*(bool *)member = node->on;
		return 0;
	case TYPE_NUMBER:
		return number_read(r, member);
	case TYPE_SIZE:
		return size_read(r, member);
	case TYPE_OCTAL:
		return octal_read(r, member);
	case TYPE_WORDS:
		return words_read(r, member);
	case TYPE_TEXTS:
		return texts_read(r, member);
	case TYPE_GROUP:
	case TYPE_NAMED:
		fits = node->kind == NODE_GROUP;
		break;
	case TYPE_CLAUSE:
		fits = node->kind == NODE_GROUP ||
		    (is_rows(node) && node->count > 0);
		break;
	case TYPE_ROWS:
		fits = is_rows(node);
		break;
	}
	if (!fits)
		return -1;
	*(const struct node **)member = node;
	return 0;
}

/* What was written instead. */
static void
written_format(const struct reading *r, struct strbuf *out)
{
	enum type type = r->setting->type;

	if ((type == TYPE_CLAUSE || type == TYPE_ROWS) &&
	    r->node->kind == NODE_LIST && r->node->count > 0)
		strbuf_adds(out, "a list of other things");
	else
		node_describe(r->node, out);
}

/*
 * Postfix has the host in front, "inet:127.0.0.1:8891", and so have those who
 * copy it from there: adds the same as we want to see it.  Returns false for
 * what is none.
 */
static bool
socket_turn(const char *text, struct strbuf *out)
{
	bool inet6 = text_starts(text, "inet6:");
	const char *host = inet6 || text_starts(text, "inet:") ?
	    strchr(text, ':') + 1 : text, *port = strrchr(host, ':');
	struct socket_name name = { .kind = SOCKET_INET };
	struct strbuf turned = STRBUF_INIT;
	struct diag why = DIAG_INIT;
	size_t len = port != NULL ? (size_t)(port - host) : 0;
	bool found;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len > 0) {
		inet6 = inet6 || memchr(host, ':', len) != NULL;
		strbuf_addf(&turned, "%s:%s@%.*s", inet6 ? "inet6" : "inet",
		    port + 1, (int)len, host);
	}
	found = is_socket(turned.text) &&
	    socket_parse(&name, turned.text, &why) == 0;
	if (found)
		strbuf_adds(out, turned.text);
	diag_release(&why);
	strbuf_release(&turned);
	return found;
}

/* What is wrong with this socket; returns false where that is not known. */
static bool
socket_advice(const struct reading *r, struct strbuf *out)
{
	const char *text = r->node->text;
	struct strbuf turned = STRBUF_INIT;
	bool path = text_starts(text, "unix:") || text_starts(text, "local:");
	bool known = path || socket_turn(text, &turned);

	if (path)
		strbuf_adds(out, "; the path must begin with \"/\"");
	else if (known)
		strbuf_addf(out, "; write %s = \"%s\"", r->setting->key,
		    turned.text);
	strbuf_release(&turned);
	return known;
}

/* "; did you mean ...", or how the setting looks like when it is right. */
static void
advice_format(const struct reading *r, struct strbuf *out)
{
	const struct setting *setting = r->setting;
	const char *sample = setting->example[0] != '\0' ?
	    setting->example : setting->standard;

	if (setting->type == TYPE_SOCKET && r->node->kind == NODE_TEXT &&
	    socket_advice(r, out))
		return;
	if (setting->type == TYPE_ONLY_TRUE && r->node->kind == NODE_SWITCH)
		strbuf_adds(out, "; take the line out where it does not hold");
	else if (setting->choice != NULL && r->node->kind == NODE_TEXT) {
		const char *names[16], *nearest;
		size_t count = 0;

		while (count < 16 &&
		    setting->choice((unsigned)count) != NULL) {
			names[count] = setting->choice((unsigned)count);
			count++;
		}
		nearest = names_nearest(names, count, r->node->text);
		if (nearest != NULL)
			strbuf_addf(out, "; did you mean \"%s\"?", nearest);
	} else if (sample[0] != '\0' && strcmp(sample, "\"\"") != 0)
		strbuf_addf(out, "; write %s = %s", setting->key, sample);
}

int
type_read(const struct setting *setting, const struct node *node,
    void *member, struct arena *arena, struct diag *diag)
{
	struct reading r = {
		.setting = setting,
		.node = node,
		.arena = arena,
	};
	struct strbuf text = STRBUF_INIT;

	if (value_read(&r, member) == 0)
		return 0;
	strbuf_addf(&text, "%s", setting->key);
	if (setting->section != SECTION_ROOT)
		strbuf_addf(&text, " in %s", section_name(setting->section));
	strbuf_adds(&text, " must be ");
	type_wants(setting, &text);
	strbuf_adds(&text, ", not ");
	written_format(&r, &text);
	advice_format(&r, &text);
	diag_add(diag, SEVERITY_ERROR, node->place, "%s", text.text);
	strbuf_release(&text);
	return -1;
}

bool
type_equal(const struct setting *setting, const void *a, const void *b)
{
	switch (setting->type) {
	case TYPE_TEXT:
	case TYPE_NAME:
	case TYPE_HOST:
	case TYPE_SOCKET:
	case TYPE_WORD:
		return strcmp(*(const char *const *)a,
		    *(const char *const *)b) == 0;
	case TYPE_CHOICE:
		return memcmp(a, b, sizeof(unsigned)) == 0;
	case TYPE_SWITCH:
	case TYPE_ONLY_TRUE:
		return *(const bool *)a == *(const bool *)b;
	case TYPE_NUMBER:
	case TYPE_SIZE:
	case TYPE_OCTAL:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	case TYPE_WORDS:
	case TYPE_TEXTS:
	case TYPE_GROUP:
	case TYPE_NAMED:
	case TYPE_CLAUSE:
	case TYPE_ROWS:
		break;
	}
	return false;
}
