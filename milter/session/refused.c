#include "session/refused.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/reply.h"

/*
 * What Postfix makes of "554 5.7.1 <bob@example.com>: Relay access denied":
 * {rcpt_host} is "5.7.1", and {rcpt_addr} all behind the first word after it,
 * whatever that word is.  The map is asked with the whole reply.  So both sides
 * have the head "5.7.1 Relay access denied" in common.  The word that Postfix
 * left out is the recipient, the sender, the client or the HELO name as
 * "<...>:", or else just a word of the text; a note knows the first four and
 * stands under each of them.
 */
enum {
	WORD_ANY,		/* "", for a word that is none of the others */
	WORD_RECIPIENT,
	WORD_SENDER,
	WORD_CLIENT,
	WORD_HELO,
	WORD_COUNT
};

#define WORD_OWN	"own"	/* of our replies; their head is all of it */
#define BUCKETS		(1u << 17)
#define TEXT_MAX	512	/* of a head: bytes that are looked at */
#define VALUE_MAX	320	/* a longer value is not told: an address has
				   256 at most (RFC 5321 4.5.3.1.3) */
#define AGREE_MAX	200	/* of more notes nothing is told */

/* The notes that one reply could be about and that no look-up answered. */
struct group {
	struct group	*next;		/* in its bucket */
	uint64_t	 hash;
	struct member	*first;		/* never NULL */
	size_t		 count;		/* of members */
	size_t		 asked;		/* look-ups that could mean several:
					   below count, or all were asked */
};

struct member {
	struct member	*next, *previous;
	struct group	*group;		/* NULL: taken out, or never in one */
	struct note	*note;
};

struct note {
	struct note	*older, *newer;
	struct note	*beside;	/* next in the bucket of its session */
	const void	*session;
	const char	*head;		/* "5.7.1 Relay access denied" */
	const char	*words[WORD_COUNT];	/* "" where there is none */
	struct member	 members[WORD_COUNT];
	bool		 own;
	struct values	 values;
	char		 text[];	/* for all of these */
};

struct refused {
	pthread_mutex_t	 lock;		/* for all that follows */
	struct note	*oldest, *newest;
	size_t		 count;
	struct group	*groups[BUCKETS];
	struct note	*sessions[BUCKETS];
};

struct refused *
refused_new(void)
{
	struct refused *refused = xcalloc(1, sizeof(*refused));

	if (pthread_mutex_init(&refused->lock, NULL) != 0)
		abort();
	return refused;
}

static uint64_t
key_hash(const char *head, const char *word)
{
	return text_hash(head, strlen(head)) * 31 +
	    text_hash(word, strlen(word));
}

/* The word by which the note of this member stands in its group. */
static const char *
member_word(const struct member *member)
{
	return member->note->words[member - member->note->members];
}

static struct group **
group_place(struct refused *refused, const char *head, const char *word,
    uint64_t hash)
{
	struct group **at = &refused->groups[hash % BUCKETS];

	for (; *at != NULL; at = &(*at)->next)
		if ((*at)->hash == hash &&
		    text_equal((*at)->first->note->head, head) &&
		    text_equal(member_word((*at)->first), word))
			break;
	return at;
}

static void
member_put(struct refused *refused, struct member *member)
{
	const char *head = member->note->head, *word = member_word(member);
	const uint64_t hash = key_hash(head, word);
	struct group **at = group_place(refused, head, word, hash);

	if (*at == NULL) {
		*at = xcalloc(1, sizeof(**at));
		(*at)->hash = hash;
	}
	member->group = *at;
	member->next = (*at)->first;
	if (member->next != NULL)
		member->next->previous = member;
	(*at)->first = member;
	(*at)->count++;
}

static void
member_drop(struct refused *refused, struct member *member)
{
	struct group *group = member->group;

	if (group == NULL)
		return;
	if (group->count == 1) {
		*group_place(refused, member->note->head, member_word(member),
		    group->hash) = group->next;
		free(group);
	} else {
		group->count--;
		if (member->next != NULL)
			member->next->previous = member->previous;
		if (member->previous != NULL)
			member->previous->next = member->next;
		else
			group->first = member->next;
	}
	member->group = NULL;
}

static void
note_answer(struct refused *refused, struct note *note)
{
	for (int w = 0; w < WORD_COUNT; w++)
		member_drop(refused, &note->members[w]);
}

static struct note **
session_place(struct refused *refused, const void *session)
{
	uint64_t hash = (uint64_t)(uintptr_t)session *
	    UINT64_C(0x9e3779b97f4a7c15);

	return &refused->sessions[(hash >> 32) % BUCKETS];
}

/*
 * Takes a note out for good.  Its session has read its reply by now: if a
 * look-up could have been this one's, it was.  Returns true where none was.
 */
static bool
note_drop(struct refused *refused, struct note *note)
{
	struct note **at = session_place(refused, note->session);
	bool unasked = !note->own && note->members[WORD_ANY].group != NULL;

	for (int w = 0; w < WORD_COUNT; w++) {
		struct group *group = note->members[w].group;

		if (group == NULL || group->asked == 0)
			continue;
		group->asked--;
		unasked = false;
	}
	note_answer(refused, note);
	while (*at != note)
		at = &(*at)->beside;
	*at = note->beside;
	*(note->older != NULL ? &note->older->newer : &refused->oldest) =
	    note->newer;
	*(note->newer != NULL ? &note->newer->older : &refused->newest) =
	    note->older;
	refused->count--;
	free(note);
	return unasked;
}

void
refused_free(struct refused *refused)
{
	if (refused == NULL)
		return;
	while (refused->oldest != NULL)
		note_drop(refused, refused->oldest);
	pthread_mutex_destroy(&refused->lock);
	free(refused);
}

/* Adds the first line of text, up to a bound. */
static void
add_line(struct strbuf *out, const char *text)
{
	size_t len = strcspn(text, "\r\n");

	strbuf_add(out, text, len < TEXT_MAX ? len : TEXT_MAX);
	while (out->len > 0 && text_is_space(out->text[out->len - 1]))
		strbuf_cut(out, out->len - 1);
}

static const char *
skip_word(const char *text)
{
	text += strcspn(text, " ");
	return text + strspn(text, " ");
}

static const char *
skip_code(const char *text)
{
	if (text_is_digit(text[0]) && text_is_digit(text[1]) &&
	    text_is_digit(text[2]) && (text[3] == ' ' || text[3] == '-'))
		return text + 4;
	return text;
}

/*
 * The head of a refusal: enhanced code and text, without what Sendmail or a
 * newer Postfix may leave in front of it.
 */
static void
add_head(struct strbuf *out, const char *enhanced, const char *text)
{
	const char *plain = skip_code(text);

	if (text_is_digit(plain[0]) && plain[1] == '.')
		plain = skip_word(plain);
	if (plain[0] == '<')
		plain = skip_word(plain);
	strbuf_adds(out, enhanced);
	strbuf_addch(out, ' ');
	add_line(out, plain);
}

/* "<bob@example.com>:", as Postfix begins a text. */
static void
add_word(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '<' && text[len - 1] == '>') {
		text++;
		len -= 2;
	}
	if (len <= VALUE_MAX)
		strbuf_addf(out, "<%.*s>:", (int)len, text);
}

/* What the note is found by, and what it tells, as texts one behind another. */
struct draft {
	struct strbuf	text;
	size_t		words[WORD_COUNT];	/* where they begin */
	size_t		values[VARIABLE_COUNT];	/* 0: not known */
};
#define DRAFT_INIT	{ .text = STRBUF_INIT }

static void
draft_words(struct draft *draft, const char *recipient,
    const struct values *values)
{
	const char *const *of = values->text;
	struct strbuf *text = &draft->text;
	const char *name = of[VARIABLE_CLIENT_NAME];

	for (int w = 0; w < WORD_COUNT; w++) {
		strbuf_addch(text, '\0');
		draft->words[w] = text->len;
		if (w == WORD_RECIPIENT)
			add_word(text, recipient);
		else if (w == WORD_SENDER && of[VARIABLE_SENDER] != NULL)
			add_word(text, of[VARIABLE_SENDER]);
		else if (w == WORD_HELO && of[VARIABLE_HELO] != NULL)
			add_word(text, of[VARIABLE_HELO]);
		else if (w == WORD_CLIENT && of[VARIABLE_CLIENT_IP] != NULL)
			strbuf_addf(text, "<%.*s[%s]>:", VALUE_MAX,
			    name != NULL ? name : "unknown",
			    of[VARIABLE_CLIENT_IP]);
	}
	strbuf_addch(text, '\0');
}

static void
draft_values(struct draft *draft, const struct values *values)
{
	for (int v = 0; v < VARIABLE_COUNT; v++) {
		const char *value = values->text[v];

		if (value == NULL || strlen(value) > VALUE_MAX)
			continue;
		draft->values[v] = draft->text.len;
		strbuf_add(&draft->text, value, strlen(value) + 1);
	}
}

static struct note *
note_new(const struct draft *draft, const void *session, bool own)
{
	struct note *note = xcalloc(1, sizeof(*note) + draft->text.len + 1);

	memcpy(note->text, draft->text.text, draft->text.len);
	note->session = session;
	note->own = own;
	note->head = note->text;
	for (int w = 0; w < WORD_COUNT; w++) {
		note->members[w].note = note;
		note->words[w] = note->text + draft->words[w];
	}
	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (draft->values[v] > 0)
			note->values.text[v] = note->text + draft->values[v];
	return note;
}

/* One word may be two things: a bounce's sender, a recipient of one's own. */
static bool
is_word_new(const struct note *note, int word)
{
	if (word != WORD_ANY && note->words[word][0] == '\0')
		return false;
	for (int w = 0; w < word; w++)
		if (text_equal(note->words[w], note->words[word]))
			return false;
	return true;
}

static void
note_put(struct refused *refused, struct note *note)
{
	struct note **at;

	pthread_mutex_lock(&refused->lock);
	if (refused->count == REFUSED_NOTES_MAX)
		note_drop(refused, refused->oldest);
	note->older = refused->newest;
	*(note->older != NULL ? &note->older->newer : &refused->oldest) = note;
	refused->newest = note;
	refused->count++;
	at = session_place(refused, note->session);
	note->beside = *at;
	*at = note;
	for (int w = 0; w < WORD_COUNT; w++)
		if (is_word_new(note, w))
			member_put(refused, &note->members[w]);
	pthread_mutex_unlock(&refused->lock);
}

void
refused_note(struct refused *refused, const void *session,
    const char *recipient, const char *enhanced, const char *text,
    const struct values *values)
{
	struct draft draft = DRAFT_INIT;

	add_head(&draft.text, enhanced, text);
	draft_words(&draft, recipient, values);
	draft_values(&draft, values);
	note_put(refused, note_new(&draft, session, false));
	strbuf_release(&draft.text);
}

/* Without the line end that stands behind the last line on the wire. */
static void
cut_end(struct strbuf *text)
{
	while (text->len > 0 && strchr("\r\n", text->text[text->len - 1]))
		strbuf_cut(text, text->len - 1);
}

void
refused_note_own(struct refused *refused, const void *session,
    const struct reply *reply)
{
	struct draft draft = DRAFT_INIT;

	reply_format(reply, &draft.text);
	cut_end(&draft.text);
	strbuf_addch(&draft.text, '\0');
	for (int w = 0; w < WORD_COUNT; w++)
		draft.words[w] = draft.text.len;
	strbuf_adds(&draft.text, WORD_OWN);
	note_put(refused, note_new(&draft, session, true));
	strbuf_release(&draft.text);
}

bool
refused_forget(struct refused *refused, const void *session)
{
	struct note *note, *next;
	bool unasked = false;

	pthread_mutex_lock(&refused->lock);
	for (note = *session_place(refused, session); note != NULL;
	    note = next) {
		next = note->beside;
		if (note->session == session && note_drop(refused, note))
			unasked = true;
	}
	pthread_mutex_unlock(&refused->lock);
	return unasked;
}

/* What all notes of the group agree on. */
static void
group_values(const struct group *group, struct arena *arena,
    struct values *values)
{
	if (group->count > AGREE_MAX)
		return;
	*values = group->first->note->values;
	for (struct member *member = group->first->next; member != NULL;
	    member = member->next)
		for (int v = 0; v < VARIABLE_COUNT; v++) {
			const char *other = member->note->values.text[v];

			if (values->text[v] != NULL && (other == NULL ||
			    strcmp(values->text[v], other) != 0))
				values->text[v] = NULL;
		}
	for (int v = 0; v < VARIABLE_COUNT; v++)
		if (values->text[v] != NULL)
			values->text[v] = arena_strdup(arena, values->text[v]);
}

/* The last of them takes the group with it. */
static void
group_answer(struct refused *refused, struct group *group)
{
	for (size_t left = group->count; left > 0; left--)
		note_answer(refused, group->first->note);
}

static enum refused_found
group_ask(struct refused *refused, struct group *group, struct arena *arena,
    struct values *values)
{
	enum refused_found found;

	/* Some were answered under another word: these were all asked. */
	if (group->asked >= group->count) {
		group_answer(refused, group);
		return REFUSED_NONE;
	}
	found = group->count == 1 ? REFUSED_ONE : REFUSED_SEVERAL;
	group_values(group, arena, values);
	if (++group->asked == group->count)
		group_answer(refused, group);
	return found;
}

/*
 * The word that Postfix left out, where it is one that the note knows.  A word
 * in brackets that no note has belongs to a session that we do not see.
 */
static const char *
left_out(struct arena *arena, const char *text)
{
	size_t len = strcspn(text, " ");

	if (len >= 3 && text[0] == '<' && memcmp(text + len - 2, ">:", 2) == 0)
		return arena_memdup(arena, text, len);
	return "";
}

enum refused_found
refused_find(struct refused *refused, struct arena *arena, const char *reply,
    size_t len, struct values *values)
{
	struct strbuf whole = STRBUF_INIT, head = STRBUF_INIT;
	enum refused_found found = REFUSED_NONE;
	const char *enhanced, *text, *word;
	uint64_t own, others;
	struct group *group;

	memset(values, 0, sizeof(*values));
	strbuf_add(&whole, reply, len);
	cut_end(&whole);
	enhanced = skip_code(whole.text);
	text = skip_word(enhanced);
	word = left_out(arena, text);
	add_head(&head, arena_memdup(arena, enhanced, strcspn(enhanced, " ")),
	    skip_word(text));
	own = key_hash(whole.text, WORD_OWN);
	others = key_hash(head.text, word);
	pthread_mutex_lock(&refused->lock);
	if (*group_place(refused, whole.text, WORD_OWN, own) != NULL)
		found = REFUSED_OWN;
	else {
		group = *group_place(refused, head.text, word, others);
		if (group != NULL)
			found = group_ask(refused, group, arena, values);
	}
	pthread_mutex_unlock(&refused->lock);
	strbuf_release(&head);
	strbuf_release(&whole);
	return found;
}
