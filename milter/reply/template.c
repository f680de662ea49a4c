#include "reply/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"

#define PARTS_MAX	(TEMPLATE_TEXT_MAX + 1)
#define NAME_MAX_BYTES	32	/* longer than any variable's name */

/*
 * A template is a row of parts: fixed text, or a variable.  The parts of one
 * pair of brackets share a number; 0 is outside of brackets.
 */
struct part {
	enum variable variable;	/* VARIABLE_NONE: fixed text */
	const char *text;
	unsigned bracket;
};

struct template {
	const char *source;
	size_t count;
	const struct part *parts;
};

struct compiler {
	struct arena *arena;
	struct diag *diag;
	const char *p;
	struct strbuf text;		/* fixed text since the last part */
	struct part *parts;		/* PARTS_MAX */
	size_t count;
	const char *open;		/* where the bracket began, or NULL */
	unsigned bracket;		/* 0 outside */
	unsigned brackets;		/* how many there were */
	size_t bracket_part;		/* its first part */
};

static void
part_add(struct compiler *c, enum variable variable, const char *text)
{
	c->parts[c->count++] = (struct part){
		.variable = variable,
		.text = text,
		.bracket = c->bracket,
	};
}

static void
text_flush(struct compiler *c)
{
	if (c->text.len == 0)
		return;
	part_add(c, VARIABLE_NONE, arena_strdup(c->arena, c->text.text));
	strbuf_reset(&c->text);
}

/* An error about len bytes of the source. */
static int
refuse(struct compiler *c, const char *piece, size_t len,
    const char *before, const char *after)
{
	char *copy = xstrndup(piece, len);
	struct strbuf quoted = STRBUF_INIT;

	names_quote(&quoted, copy);
	diag_error(c->diag, "%s%s%s", before, quoted.text, after);
	strbuf_release(&quoted);
	free(copy);
	return -1;
}

static int
variable_compile(struct compiler *c)
{
	char name[NAME_MAX_BYTES];
	size_t len = strcspn(c->p + 1, "{}[] ");
	enum variable variable;

	if (c->p[1 + len] != '}')
		return refuse(c, c->p, len + 1, "", " has no \"}\"; write "
		    "{name} for a variable and {{ for the brace itself");
	if (len == 0 || len >= sizeof(name))
		return refuse(c, c->p, len + 2, "", " names no variable");
	memcpy(name, c->p + 1, len);
	name[len] = '\0';
	if (variable_from_name(name, &variable, c->diag) == -1)
		return -1;
	text_flush(c);
	part_add(c, variable, "");
	c->p += len + 2;
	return 0;
}

static int
bracket_open(struct compiler *c)
{
	if (c->bracket != 0)
		return refuse(c, c->p, strcspn(c->p, "]") + 1,
		    "brackets do not nest: ", " begins within others");
	text_flush(c);
	c->open = c->p++;
	c->bracket = ++c->brackets;
	c->bracket_part = c->count;
	return 0;
}

static int
bracket_close(struct compiler *c)
{
	text_flush(c);
	c->p++;
	c->bracket = 0;
	for (size_t i = c->bracket_part; i < c->count; i++)
		if (c->parts[i].variable != VARIABLE_NONE)
			return 0;
	return refuse(c, c->open, (size_t)(c->p - c->open), "", " has no "
	    "variable, so nothing decides when to leave it out; write [[ and "
	    "]] for the brackets themselves");
}

/* One step: a character, a doubled one, a variable or a bracket. */
static int
step(struct compiler *c)
{
	char now = *c->p;
	bool doubled = c->p[1] == now;

	switch (now) {
	case '{':
		if (!doubled)
			return variable_compile(c);
		break;
	case '[':
		if (!doubled)
			return bracket_open(c);
		break;
	case ']':
		if (c->bracket != 0)
			return bracket_close(c);
		/* FALLTHROUGH */
	case '}':
		if (!doubled) {
			diag_error(c->diag, "\"%c\" closes nothing; write "
			    "\"%c%c\" for the character itself", now, now, now);
			return -1;
		}
		break;
	case '\0':
		return 0;
	}
	if (!text_is_print(now)) {
		diag_error(c->diag, "the byte \\x%02x may not stand in a "
		    "reply; write printable ASCII", (unsigned char)now);
		return -1;
	}
	strbuf_addch(&c->text, now);
	c->p += strchr("{[]}", now) != NULL ? 2 : 1;
	return 0;
}

static int
compile(struct compiler *c)
{
	while (*c->p != '\0')
		if (step(c) == -1)
			return -1;
	if (c->bracket != 0) {
		diag_error(c->diag, "\"%.10s\" has no \"]\"; write [[ for the "
		    "bracket itself", c->open);
		return -1;
	}
	text_flush(c);
	return 0;
}

const struct template *
template_compile(struct arena *arena, const char *text, struct diag *diag)
{
	struct part parts[PARTS_MAX];	/* large: set as far as it is used */
	struct compiler c = {
		.arena = arena,
		.diag = diag,
		.p = text,
		.text = STRBUF_INIT,
		.parts = parts,
	};
	struct template *template = NULL;

	if (strlen(text) > TEMPLATE_TEXT_MAX) {
		diag_error(diag, "the text has %zu characters, the limit is %d",
		    strlen(text), TEMPLATE_TEXT_MAX);
		return NULL;
	}
	if (compile(&c) == 0) {
		struct part *kept = arena_alloc(arena,
		    (c.count + 1) * sizeof(*kept));

		memcpy(kept, parts, c.count * sizeof(*kept));
		template = arena_alloc(arena, sizeof(*template));
		*template = (struct template){
			.source = arena_strdup(arena, text),
			.count = c.count,
			.parts = kept,
		};
	}
	strbuf_release(&c.text);
	return template;
}

const char *
template_source(const struct template *template)
{
	return template->source;
}

bool
template_uses(const struct template *template, enum variable variable)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->parts[i].variable == variable)
			return true;
	return false;
}

bool
template_requires(const struct template *template, enum variable variable)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->parts[i].variable == variable &&
		    template->parts[i].bracket == 0)
			return true;
	return false;
}

bool
template_stands_alone(const struct template *template)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->parts[i].variable != VARIABLE_NONE &&
		    template->parts[i].bracket == 0)
			return false;
	return true;
}

static bool
part_fill(const struct part *part, const struct values *values,
    struct strbuf *out)
{
	const char *raw;

	if (part->variable == VARIABLE_NONE) {
		strbuf_adds(out, part->text);
		return true;
	}
	raw = values != NULL ? values->text[part->variable] : NULL;
	return raw != NULL &&
	    value_clean(variable_kind(part->variable), raw, out);
}

int
template_fill(const struct template *template, const struct values *values,
    struct strbuf *out)
{
	const size_t start = out->len;
	size_t i = 0;

	while (i < template->count) {
		const unsigned bracket = template->parts[i].bracket;
		const size_t before = out->len;
		bool known = true;

		/* All of one bracket, or one part outside. */
		do {
			known = known && part_fill(&template->parts[i], values,
			    out);
			i++;
		} while (bracket != 0 && i < template->count &&
		    template->parts[i].bracket == bracket);
		if (known)
			continue;
		if (bracket == 0) {
			strbuf_cut(out, start);
			return -1;
		}
		strbuf_cut(out, before);
	}
	return 0;
}
