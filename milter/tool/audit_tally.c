#include "tool/audit_tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "reply/reason.h"

#define BUCKETS		16384
#define CASE_SLOTS	(1u << 21)	/* more than twice as many as cases */
#define WORD_BREAKS	" ()[]<>\"',;="
#define ID_MIN		6	/* characters of an id */
#define ERROR_WEIGHT	10	/* of a rule: so many warnings are as bad */

_Static_assert(CASE_SLOTS >= 2u * TALLY_CASES_MAX, "there is always room");

/* A refusal that has a case. */
struct tally_case {
	uint64_t	 number;	/* hash of the case; 0: free */
	struct tally_row *row;		/* where it is counted */
	enum teller	 teller;
};

struct tally_store {
	const struct catalogue *catalogue;
	struct tally_row	*rows;	/* for each reason, by source */
	size_t			 reasons;	/* the last one: unclear */
	struct arena		*arena;
	struct tally_text	*buckets[BUCKETS];
	/* A slot is the first free one behind that of its hash. */
	struct tally_case	*cases;	/* NULL until there is one */
	size_t			 case_count;
};

static const char *const refuser_names[REFUSER_COUNT] = {
	[REFUSER_POLICY] = "policy",
	[REFUSER_OURS] = "ours",
	[REFUSER_MILTER] = "milter",
	[REFUSER_MTA] = "mta",
	[REFUSER_REMOTE] = "remote",
	[REFUSER_DELIVERY] = "delivery",
	[REFUSER_UNTOLD] = "untold",
};

const char *
refuser_name(enum refuser source)
{
	return refuser_names[source];
}

enum refuser
refuser_of(enum speaker speaker)
{
	switch (speaker) {
	case SPEAKER_NONE:
	case SPEAKER_UNTOLD:
		return REFUSER_UNTOLD;
	case SPEAKER_MTA:
		return REFUSER_MTA;
	case SPEAKER_MILTER:
		return REFUSER_MILTER;
	case SPEAKER_REMOTE:
		return REFUSER_REMOTE;
	case SPEAKER_DELIVERY:
		return REFUSER_DELIVERY;
	}
	return REFUSER_UNTOLD;
}

void
tally_init(struct tally *tally, const struct catalogue *catalogue)
{
	struct tally_store *store = xcalloc(1, sizeof(*store));

	store->catalogue = catalogue;
	store->reasons = catalogue_count(catalogue) + 1;
	store->rows = xcalloc(store->reasons * REFUSER_COUNT,
	    sizeof(*store->rows));
	for (size_t i = 0; i < store->reasons * REFUSER_COUNT; i++) {
		size_t n = i / REFUSER_COUNT;

		store->rows[i].reason = n < catalogue_count(catalogue) ?
		    catalogue_at(catalogue, n) : NULL;
		store->rows[i].source = (enum refuser)(i % REFUSER_COUNT);
	}
	store->arena = arena_new();
	*tally = (struct tally){ .store = store };
}

void
tally_release(struct tally *tally)
{
	arena_free(tally->store->arena);
	free(tally->store->cases);
	free(tally->store->rows);
	free(tally->store);
}

/* Digits and letters mixed, as in queue ids and hashes. */
static bool
is_id(const char *word, size_t len)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < len; i++) {
		digits += text_is_digit(word[i]);
		letters += text_is_letter(word[i]);
	}
	return len >= ID_MIN && digits > 1 && letters > 0 &&
	    digits + letters == len;
}

static bool
is_ipv6(const char *word, size_t len)
{
	size_t colons = 0;

	for (size_t i = 0; i < len; i++) {
		if (word[i] == ':')
			colons++;
		else if (strchr("0123456789abcdefABCDEF.", word[i]) == NULL)
			return false;
	}
	return colons > 1;
}

/* Adds a word with NUMBER for each run of digits. */
static void
mask_digits(const char *word, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len;) {
		if (!text_is_digit(word[i])) {
			strbuf_addch(out, word[i++]);
			continue;
		}
		while (i < len && (text_is_digit(word[i]) ||
		    (word[i] == '.' && i + 1 < len &&
		    text_is_digit(word[i + 1]))))
			i++;
		strbuf_adds(out, "NUMBER");
	}
}

static void
mask_word(const char *word, size_t len, struct strbuf *out)
{
	if (memchr(word, '@', len) != NULL)
		strbuf_adds(out, "ADDRESS");
	else if (is_id(word, len))
		strbuf_adds(out, "ID");
	else if (is_ipv6(word, len))
		strbuf_adds(out, "NUMBER");
	else
		mask_digits(word, len, out);
}

void
tally_mask(const char *text, struct strbuf *out)
{
	while (*text != '\0') {
		size_t len = strcspn(text, WORD_BREAKS);
		const char *close = *text == '<' ? strchr(text, '>') : NULL;

		if (close != NULL) {
			strbuf_adds(out, "<ADDRESS>");
			text = close + 1;
		} else if (len > 0 && text[len] == '[') {
			/* name[address], as Postfix writes a host */
			strbuf_adds(out, "HOST");
			text += len;
		} else if (len > 0) {
			mask_word(text, len, out);
			text += len;
		} else
			strbuf_addch(out, *text++);
	}
}

static struct tally_text **
bucket_of(struct tally *tally, struct text masked)
{
	return &tally->store->buckets[text_hash(masked.bytes, masked.len) %
	    BUCKETS];
}

struct tally_text *
tally_find(struct tally *tally, struct text masked)
{
	struct tally_text *text = *bucket_of(tally, masked);

	while (text != NULL && strcmp(text->text, masked.bytes) != 0)
		text = text->next;
	return text;
}

struct tally_text *
tally_add(struct tally *tally, struct text masked, struct text sample)
{
	struct tally_text **bucket = bucket_of(tally, masked);
	struct arena *arena = tally->store->arena;
	struct tally_text *text;

	if (tally->text_count == TALLY_TEXTS_MAX)
		return NULL;
	if (sample.len > TALLY_SAMPLE_MAX)
		sample.len = TALLY_SAMPLE_MAX;
	text = arena_alloc(arena, sizeof(*text));
	text->text = arena_memdup(arena, masked.bytes, masked.len);
	text->sample = (struct text){
		.bytes = arena_memdup(arena, sample.bytes, sample.len),
		.len = sample.len,
	};
	text->next = *bucket;
	*bucket = text;
	tally->text_count++;
	return text;
}

struct tally_row *
tally_row(struct tally *tally, const struct reason *reason,
    enum refuser source)
{
	struct tally_store *store = tally->store;
	size_t n = 0;

	while (n < store->reasons - 1 &&
	    store->rows[n * REFUSER_COUNT].reason != reason)
		n++;
	return &store->rows[n * REFUSER_COUNT + source];
}

void
tally_count(struct tally *tally, struct tally_row *row,
    const struct text_verdict *verdict, struct tally_text *text)
{
	tally->refusals++;
	tally->recognised += row->reason != NULL;
	row->count++;
	row->uncoded += verdict->uncoded;
	row->at_odds += verdict->at_odds;
	row->helpful += verdict->helpful;
	if (text != NULL)
		text->count++;
	else
		tally->others++;
}

/* What is known of the case, or the free slot for it; NULL where none is. */
static struct tally_case *
case_slot(struct tally_store *store, const char *case_id)
{
	uint64_t number = text_hash(case_id, strlen(case_id)) | 1;
	size_t slot = (size_t)(number >> 1) % CASE_SLOTS;

	if (store->cases == NULL)
		store->cases = xcalloc(CASE_SLOTS, sizeof(*store->cases));
	while (store->cases[slot].number != 0) {
		if (store->cases[slot].number == number)
			return &store->cases[slot];
		slot = (slot + 1) % CASE_SLOTS;
	}
	if (store->case_count == TALLY_CASES_MAX)
		return NULL;
	store->case_count++;
	store->cases[slot].number = number;
	return &store->cases[slot];
}

/* Into a row of ours: its text is helpful, or it would not have loaded. */
static void
row_count(struct tally *tally, struct tally_row *row)
{
	tally->recognised += row->reason != NULL;
	row->count++;
	row->helpful++;
}

static void
row_uncount(struct tally *tally, struct tally_row *row)
{
	tally->recognised -= row->reason != NULL;
	row->count--;
	row->helpful--;
}

void
tally_count_ours(struct tally *tally, enum teller teller,
    const struct reason *reason, enum refuser source, const char *case_id)
{
	struct tally_row *row = tally_row(tally, reason, source);
	struct tally_case *known = *case_id == '\0' ? NULL :
	    case_slot(tally->store, case_id);

	if (known != NULL && known->row != NULL) {
		if (teller == TELLER_MTA || known->teller == TELLER_OURSELVES)
			return;
		row_uncount(tally, known->row);
	} else {
		tally->refusals++;
		tally->ours++;
		tally->unnoted += known == NULL && *case_id != '\0';
	}
	row_count(tally, row);
	if (known != NULL) {
		known->row = row;
		known->teller = teller;
	}
}

static int
compare_rows(const void *a, const void *b)
{
	const struct tally_row *x = *(const struct tally_row *const *)a;
	const struct tally_row *y = *(const struct tally_row *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x < y ? -1 : x > y;	/* in the order of the catalogue */
}

const struct tally_row **
tally_rows(const struct tally *tally, size_t *count)
{
	const struct tally_store *store = tally->store;
	size_t all = store->reasons * REFUSER_COUNT;
	const struct tally_row **rows = xcalloc(all, sizeof(*rows));

	*count = 0;
	for (size_t i = 0; i < all; i++)
		if (store->rows[i].count > 0)
			rows[(*count)++] = &store->rows[i];
	qsort(rows, *count, sizeof(*rows), compare_rows);
	return rows;
}

static uint64_t
badness(const struct tally_text *text)
{
	return text->count * (text->verdict.errors * ERROR_WEIGHT +
	    text->verdict.warnings);
}

static int
compare_texts(const void *a, const void *b)
{
	const struct tally_text *x = *(const struct tally_text *const *)a;
	const struct tally_text *y = *(const struct tally_text *const *)b;

	if (badness(x) != badness(y))
		return badness(x) < badness(y) ? 1 : -1;
	return strcmp(x->text, y->text);
}

const struct tally_text **
tally_worst(const struct tally *tally, size_t max, size_t *count)
{
	const struct tally_text **texts = xcalloc(tally->text_count + 1,
	    sizeof(*texts));

	*count = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		for (const struct tally_text *text = tally->store->buckets[i];
		    text != NULL; text = text->next)
			if (badness(text) > 0)
				texts[(*count)++] = text;
	qsort(texts, *count, sizeof(*texts), compare_texts);
	if (*count > max)
		*count = max;
	return texts;
}
