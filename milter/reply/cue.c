#include "reply/cue.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"

#define LITERAL_MIN	4	/* what knowledge finds a cue by */
#define NAME_MAX_BYTES	32	/* longer than any variable's name */
#define NO_MATCH	SIZE_MAX
#define VALUE_MAX_BYTES	320	/* more of a run is no value */

enum piece_kind {
	PIECE_TEXT,		/* plain characters */
	PIECE_ANY,		/* "*" */
	PIECE_ONE,		/* "?" */
	PIECE_VALUE		/* {name} */
};

struct piece {
	enum piece_kind kind;
	const char *text;	/* lower case */
	size_t len;
	enum variable variable;
	size_t capture;		/* which of the values found */
};

struct cue {
	const char *source;
	const char *literal, *other;
	const struct piece *pieces;
	size_t count;
};

/* Where a value stands in the text. */
struct span {
	size_t start, end;
};

struct compiler {
	struct arena *arena;
	struct diag *diag;
	const char *p;
	struct strbuf text;		/* plain characters since the last */
	struct piece pieces[CUE_TEXT_MAX + 1];
	size_t count;
	size_t captures;
	const struct piece *longest;
};

static void
piece_add(struct compiler *c, struct piece piece)
{
	c->pieces[c->count++] = piece;
}

static void
text_flush(struct compiler *c)
{
	if (c->text.len == 0)
		return;
	text_lower_all(c->text.text);
	piece_add(c, (struct piece){
		.kind = PIECE_TEXT,
		.text = arena_strdup(c->arena, c->text.text),
		.len = c->text.len,
	});
	strbuf_reset(&c->text);
}

static int
variable_compile(struct compiler *c)
{
	size_t len = strcspn(c->p + 1, "{} ");
	char name[NAME_MAX_BYTES];
	enum variable variable;

	if (c->p[1 + len] != '}' || len == 0 || len >= sizeof(name)) {
		diag_error(c->diag, "\"%.20s\" names no variable; write {name} "
		    "for one and {{ for the brace itself", c->p);
		return -1;
	}
	memcpy(name, c->p + 1, len);
	name[len] = '\0';
	if (variable_from_name(name, &variable, c->diag) == -1)
		return -1;
	if (c->captures == CUE_CAPTURES_MAX) {
		diag_error(c->diag, "there are more than %d variables",
		    CUE_CAPTURES_MAX);
		return -1;
	}
	text_flush(c);
	piece_add(c, (struct piece){
		.kind = PIECE_VALUE,
		.variable = variable,
		.capture = c->captures++,
	});
	c->p += len + 2;
	return 0;
}

/* "**" is "*": a second one would only cost time. */
static void
any_compile(struct compiler *c)
{
	text_flush(c);
	if (c->count == 0 || c->pieces[c->count - 1].kind != PIECE_ANY)
		piece_add(c, (struct piece){ .kind = PIECE_ANY });
	c->p++;
}

/* One step: a character, a doubled brace, a wildcard or a variable. */
static int
step(struct compiler *c)
{
	const char now = *c->p;

	switch (now) {
	case '*':
		any_compile(c);
		return 0;
	case '?':
		text_flush(c);
		piece_add(c, (struct piece){ .kind = PIECE_ONE });
		c->p++;
		return 0;
	case '{':
		if (c->p[1] != '{')
			return variable_compile(c);
		c->p++;
		break;
	case '}':
		if (c->p[1] != '}') {
			diag_error(c->diag, "\"}\" closes nothing; write }} "
			    "for the character itself");
			return -1;
		}
		c->p++;
		break;
	}
	if (!text_is_print(now)) {
		diag_error(c->diag, "the byte \\x%02x never matches, because "
		    "replies are read as printable ASCII; write \"*\"",
		    (unsigned char)now);
		return -1;
	}
	if (now == ' ' && c->p[1] == ' ') {
		diag_error(c->diag, "two blanks in a row never match, because "
		    "replies are read with single ones; write one");
		return -1;
	}
	strbuf_addch(&c->text, now);
	c->p++;
	return 0;
}

static int
compile(struct compiler *c)
{
	while (*c->p != '\0')
		if (step(c) == -1)
			return -1;
	text_flush(c);
	for (size_t i = 0; i < c->count; i++)
		if (c->pieces[i].kind == PIECE_TEXT && (c->longest == NULL ||
		    c->pieces[i].len > c->longest->len))
			c->longest = &c->pieces[i];
	if (c->longest == NULL || c->longest->len < LITERAL_MIN) {
		diag_error(c->diag, "there are no %d plain characters in a row "
		    "to find it by", LITERAL_MIN);
		return -1;
	}
	return 0;
}

static const struct cue *
cue_make(const struct compiler *c, const char *source)
{
	struct piece *pieces = arena_alloc(c->arena,
	    c->count * sizeof(*pieces));
	struct cue *cue = arena_alloc(c->arena, sizeof(*cue));
	const char *other = "";

	for (size_t i = 0; i < c->count; i++)
		if (c->pieces[i].kind == PIECE_TEXT &&
		    &c->pieces[i] != c->longest &&
		    c->pieces[i].len > strlen(other))
			other = c->pieces[i].text;
	memcpy(pieces, c->pieces, c->count * sizeof(*pieces));
	*cue = (struct cue){
		.source = arena_strdup(c->arena, source),
		.literal = c->longest->text,
		.other = other,
		.pieces = pieces,
		.count = c->count,
	};
	return cue;
}

const struct cue *
cue_compile(struct arena *arena, const char *pattern, struct diag *diag)
{
	struct compiler *c;
	const struct cue *cue = NULL;

	if (strlen(pattern) > CUE_TEXT_MAX) {
		diag_error(diag, "the pattern has %zu characters, the limit is "
		    "%d", strlen(pattern), CUE_TEXT_MAX);
		return NULL;
	}
	c = xmalloc(sizeof(*c));
	c->arena = arena;
	c->diag = diag;
	c->p = pattern;
	strbuf_init(&c->text);
	c->count = 0;
	c->captures = 0;
	c->longest = NULL;
	if (compile(c) == 0)
		cue = cue_make(c, pattern);
	strbuf_release(&c->text);
	free(c);
	return cue;
}

const struct cue *
cue_compile_own(struct arena *arena, const char *pattern)
{
	struct diag diag = DIAG_INIT;
	const struct cue *cue = cue_compile(arena, pattern, &diag);

	if (cue == NULL)
		abort();
	diag_release(&diag);
	return cue;
}

const char *
cue_source(const struct cue *cue)
{
	return cue->source;
}

const char *
cue_literal(const struct cue *cue)
{
	return cue->literal;
}

const char *
cue_other(const struct cue *cue)
{
	return cue->other;
}

bool
cue_is_literal(const struct cue *cue)
{
	return cue->count == 3 && cue->pieces[0].kind == PIECE_ANY &&
	    cue->pieces[1].kind == PIECE_TEXT &&
	    cue->pieces[2].kind == PIECE_ANY;
}

/* One match while it is tried. */
struct attempt {
	const struct cue *cue;
	const char *text, *lower;
	size_t len;
	struct span spans[CUE_CAPTURES_MAX];
};

bool
cue_may_hold(enum value_kind kind, char c)
{
	if (text_is_digit(c))
		return true;
	switch (kind) {
	case VALUE_IP:
		return c == '.' || c == ':' ||
		    (text_lower(c) >= 'a' && text_lower(c) <= 'f');
	case VALUE_NUMBER:
		return c == '.';
	case VALUE_DOMAIN:
		return text_is_letter(c) || strchr(".-_", c) != NULL;
	case VALUE_WORD:
	case VALUE_PHRASE:
		return text_is_letter(c) || strchr(".-_+", c) != NULL;
	case VALUE_ADDRESS:
		return c != ' ' && strchr("<>()[],;:\"\\", c) == NULL;
	case VALUE_LINK:
		return c != ' ' && strchr("<>()[],;\"\\", c) == NULL;
	}
	return false;
}

static bool
is_ip(const char *text, size_t len)
{
	char copy[IP_TEXT_MAX];
	struct ip ip;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return ip_parse(&ip, copy) == 0;
}

/*
 * The end of the value at start, or NO_MATCH.  What ends a sentence or a
 * quotation behind a value is none of it.
 */
static size_t
value_end(const struct attempt *a, enum value_kind kind, size_t start)
{
	size_t end = start;

	while (end < a->len && cue_may_hold(kind, a->text[end]) &&
	    end - start < VALUE_MAX_BYTES)
		end++;
	if (kind == VALUE_IP && is_ip(a->text + start, end - start))
		return end;
	while (end > start && strchr(".:'!?-", a->text[end - 1]) != NULL)
		end--;
	if (end == start ||
	    (kind == VALUE_IP && !is_ip(a->text + start, end - start)))
		return NO_MATCH;
	return end;
}

/* Where the text goes on behind this piece, or NO_MATCH. */
static size_t
piece_match(struct attempt *a, const struct piece *piece, size_t at)
{
	size_t end;

	switch (piece->kind) {
	case PIECE_TEXT:
		if (a->len - at < piece->len ||
		    memcmp(a->lower + at, piece->text, piece->len) != 0)
			return NO_MATCH;
		return at + piece->len;
	case PIECE_ONE:
		return at < a->len ? at + 1 : NO_MATCH;
	case PIECE_VALUE:
		end = value_end(a, variable_kind(piece->variable), at);
		a->spans[piece->capture] = (struct span){
			.start = at, .end = end };
		return end;
	case PIECE_ANY:
		return at;
	}
	return NO_MATCH;
}

/* The first place from at where the piece behind a "*" may begin. */
static size_t
place_next(const struct attempt *a, const struct piece *piece, size_t at)
{
	const char *found;

	if (at > a->len)
		return NO_MATCH;
	if (piece->kind != PIECE_TEXT)
		return at;
	found = strstr(a->lower + at, piece->text);
	return found != NULL ? (size_t)(found - a->lower) : NO_MATCH;
}

/*
 * Only the last "*" is ever tried again: what a piece matches ends the later,
 * the later it begins, so the earliest match of all before is the best.
 */
static bool
attempt(struct attempt *a)
{
	const struct cue *cue = a->cue;
	size_t n = 0, at = 0, again = 0, star = 0;

	for (;;) {
		size_t end = NO_MATCH;

		if (n < cue->count && cue->pieces[n].kind == PIECE_ANY) {
			if (++n == cue->count)
				return true;
			star = n;
			again = at;
		} else if (n < cue->count) {
			end = piece_match(a, &cue->pieces[n], at);
		} else if (at == a->len) {
			return true;
		}
		if (end != NO_MATCH) {
			at = end;
			n++;
			continue;
		}
		if (star == 0)
			return false;
		at = place_next(a, &cue->pieces[star], again);
		if (at == NO_MATCH)
			return false;
		again = at + 1;
		n = star;
	}
}

bool
cue_match(const struct cue *cue, struct arena *arena, const char *text,
    const char *lower, size_t len, struct values *values)
{
	struct attempt a = {
		.cue = cue, .text = text, .lower = lower, .len = len };

	if (!attempt(&a))
		return false;
	for (size_t i = 0; i < cue->count && values != NULL; i++) {
		const struct piece *piece = &cue->pieces[i];
		const struct span *span = &a.spans[piece->capture];

		if (piece->kind == PIECE_VALUE &&
		    values->text[piece->variable] == NULL)
			values->text[piece->variable] = arena_memdup(arena,
			    text + span->start, span->end - span->start);
	}
	return true;
}
