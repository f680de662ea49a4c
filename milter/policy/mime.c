/*
 * GMime decodes here what it decodes safely: base64, quoted-printable and
 * the grammar of addresses.  The tree, words and parameters it reads by
 * recursion, into the stack, or into tables that only grow, and in a daemon
 * each of these is a way for one mail to stop all.  Seen with GMime 3.2.13:
 *
 * - a Content-Disposition of 10 MB overflows a stack of 8 MB (the charset of
 *   an RFC 2231 parameter is copied by alloca); so do 300,000 nested groups
 *   in a From field;
 * - each part costs 1.4 kB of heap, and 10 MB of mail can have two million;
 * - each new charset name, be it nonsense, stays in a table for good;
 * - text is lost where a policy must see it: the second of two base64 words
 *   if the first is padded, all behind an encoded NUL unless in UTF-8, all
 *   parameters behind one without "=".
 *
 * So parts.c cuts the tree, word.c and parameter.c find what is encoded, and
 * charset.c converts.
 */
#include "policy/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/charset.h"
#include "policy/entity.h"
#include "policy/filename.h"
#include "policy/parameter.h"
#include "policy/parts.h"
#include "policy/word.h"

#define FROM_BYTES_MAX	2048
#define UNBOUNDED	((size_t)-1 / 4)

static pthread_once_t gmime_once = PTHREAD_ONCE_INIT;

static struct text
text_of(const struct strbuf *buf)
{
	return (struct text){ .bytes = buf->text, .len = buf->len };
}

static struct text
text_keep(struct arena *arena, const struct strbuf *buf)
{
	return (struct text){
		.bytes = arena_memdup(arena, buf->text, buf->len),
		.len = buf->len
	};
}

/*
 * The codecs.
 *
 * Padding ends a base64 stream for GMime; for most readers it does not, and
 * so hides nothing here: each stretch is a stream of its own, and an "=" at
 * the end brings out the last bytes where the padding is missing.
 */
static void
base64_decode(struct text in, struct strbuf *out)
{
	const unsigned char *p = (const unsigned char *)in.bytes;
	const unsigned char *end = p + in.len;
	unsigned char *buffer = xmalloc(in.len + 4);
	int state = 0;
	guint32 save = 0;

	while (p < end) {
		const unsigned char *pad = memchr(p, '=', (size_t)(end - p));
		size_t len;

		if (pad == NULL)
			pad = end;
		len = g_mime_encoding_base64_decode_step(p, (size_t)(pad - p),
		    buffer, &state, &save);
		len += g_mime_encoding_base64_decode_step(
		    (const unsigned char *)"=", 1, buffer + len, &state,
		    &save);
		strbuf_add(out, buffer, len);
		state = 0;
		save = 0;
		p = pad < end ? pad + 1 : end;
	}
	free(buffer);
}

static void
quoted_decode(struct text in, struct strbuf *out)
{
	unsigned char *buffer = xmalloc(in.len + 4);
	int state = 0;
	guint32 save = 0;
	size_t len;

	len = g_mime_encoding_quoted_decode_step(
	    (const unsigned char *)in.bytes, in.len, buffer, &state, &save);
	strbuf_add(out, buffer, len);
	free(buffer);
}

/*
 * Undoes a Content-Transfer-Encoding, of no more than is enough to get that
 * many bytes from well-formed input.  Returns false where that was not all,
 * or where nobody knows the encoding: then the bytes stay as they are.
 */
static bool
transfer_decode(struct text encoding, struct text in, size_t enough,
    struct strbuf *out)
{
	bool complete = true;

	if (in.len / 4 > enough) {
		in.len = enough * 4;
		complete = false;
	}
	if (text_is(encoding, "base64"))
		base64_decode(in, out);
	else if (text_is(encoding, "quoted-printable"))
		quoted_decode(in, out);
	else {
		strbuf_add(out, in.bytes, in.len);
		if (encoding.len > 0 && !text_is(encoding, "7bit") &&
		    !text_is(encoding, "8bit") && !text_is(encoding, "binary"))
			complete = false;
	}
	return complete;
}

/*
 * Encoded words.  The bytes of adjacent words of one charset are converted
 * together, because senders cut characters in two.
 */
struct run {
	struct strbuf bytes;
	struct text charset;
	const char *begin;	/* NULL: there is no run */
	const char *behind;
};

static void
word_decode(const struct word *word, struct strbuf *out)
{
	struct strbuf payload = STRBUF_INIT;

	if (word->base64) {
		base64_decode(word->payload, out);
		return;
	}
	strbuf_add(&payload, word->payload.bytes, word->payload.len);
	for (size_t n = 0; n < payload.len; n++) {
		if (payload.text[n] == '_')
			payload.text[n] = ' ';
	}
	quoted_decode(text_of(&payload), out);
	strbuf_release(&payload);
}

static void
add_literal(struct strbuf *out, const char *begin, const char *behind)
{
	struct text text = { .bytes = begin, .len = (size_t)(behind - begin) };
	bool complete = true;

	charset_convert((struct text){ .bytes = "" }, text, UNBOUNDED, out,
	    &complete);
}

/* Words of a charset that nobody knows stay as they came. */
static void
run_end(struct run *run, struct strbuf *out)
{
	bool complete = true;

	if (run->begin == NULL)
		return;
	if (charset_convert(run->charset, text_of(&run->bytes), UNBOUNDED,
	    out, &complete) != 0)
		add_literal(out, run->begin, run->behind);
	run->begin = NULL;
	strbuf_reset(&run->bytes);
}

static bool
is_space(const char *p, const char *behind)
{
	while (p < behind && text_is_space(*p))
		p++;
	return p == behind;
}

/* A NUL would end the text for whoever reads it as a string. */
static struct text
without_nuls(struct arena *arena, const struct strbuf *buf)
{
	struct strbuf out = STRBUF_INIT;
	struct text text;

	if (memchr(buf->text, '\0', buf->len) == NULL)
		return text_keep(arena, buf);
	for (size_t n = 0; n < buf->len; n++) {
		if (buf->text[n] == '\0')
			strbuf_adds(&out, "\xef\xbf\xbd");
		else
			strbuf_addch(&out, buf->text[n]);
	}
	text = text_keep(arena, &out);
	strbuf_release(&out);
	return text;
}

struct text
mime_decode_header(struct arena *arena, const char *raw, size_t len)
{
	struct run run = { .bytes = STRBUF_INIT };
	struct strbuf out = STRBUF_INIT;
	const char *literal = raw;
	struct words words;
	struct word word;
	struct text result;

	words_init(&words, (struct text){ .bytes = raw, .len = len });
	while (words_next(&words, &word)) {
		/* White space between two words is not part of the text. */
		if (run.begin == NULL || !is_space(literal, word.begin)) {
			run_end(&run, &out);
			add_literal(&out, literal, word.begin);
		} else if (!text_same(run.charset, word.charset))
			run_end(&run, &out);
		if (run.begin == NULL)
			run.begin = word.begin;
		run.charset = word.charset;
		run.behind = word.behind;
		word_decode(&word, &run.bytes);
		literal = word.behind;
	}
	run_end(&run, &out);
	add_literal(&out, literal, raw + len);
	result = without_nuls(arena, &out);
	strbuf_release(&run.bytes);
	strbuf_release(&out);
	return result;
}

/*
 * From.  A reader sees one address, whose domain this is, or there is no
 * answer.
 */
struct from {
	char text[FROM_BYTES_MAX + 1];	/* as it is given to GMime */
	const char *ats[FROM_BYTES_MAX];	/* behind each "@" there */
	size_t ats_count;
};

/*
 * Copies the value, without encoded words, which only name people, and finds
 * each "@" outside of quotes and comments.  Returns -1 for a group, for
 * GMime would go into groups of groups by recursion.
 */
static int
from_read(struct from *from, const char *raw, size_t len)
{
	unsigned comments = 0;
	bool quoted = false;

	if (len > FROM_BYTES_MAX || memchr(raw, '\0', len) != NULL)
		return -1;
	for (size_t n = 0; n < len; n++) {
		char c = raw[n];

		from->text[n] = n > 0 && c == '?' && raw[n - 1] == '=' ? '_' :
		    c;
		if (c == '\\' && (quoted || comments > 0) && n + 1 < len) {
			n++;
			from->text[n] = raw[n];
		} else if (c == '"' && comments == 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(')
			comments++;
		else if (c == ')' && comments > 0)
			comments--;
		else if (comments > 0)
			continue;
		else if (c == ':' || c == ';')
			return -1;
		else if (c == '@')
			from->ats[from->ats_count++] = from->text + n + 1;
	}
	from->text[len] = '\0';
	return quoted || comments > 0 ? -1 : 0;
}

static bool
is_domain(const char *domain)
{
	const char *p = domain;

	for (; *p != '\0'; p++) {
		if (*p == '.' && (p == domain || p[1] == '.'))
			return false;
		if (!text_is_letter(*p) && !text_is_digit(*p) &&
		    strchr("-._:[]", *p) == NULL)
			return false;
	}
	return p > domain;
}

/* "a@example.org <a@example.org>" is usual; with two domains it is a lie. */
static bool
one_domain(const struct from *from, const char *domain)
{
	size_t len = strlen(domain);

	if (from->ats_count == 1)
		return true;
	for (size_t n = 0; n < from->ats_count; n++) {
		char behind;

		if (!text_starts(from->ats[n], domain))
			return false;
		behind = from->ats[n][len];
		if (behind != '\0' && !text_is_space(behind) &&
		    strchr("<>,(", behind) == NULL)
			return false;
	}
	return true;
}

struct text
mime_from_domain(struct arena *arena, const char *raw, size_t len)
{
	struct from *from = xcalloc(1, sizeof(*from));
	struct text result = { .bytes = "" };
	InternetAddressList *list = NULL;
	InternetAddress *address;
	const char *domain;

	if (from_read(from, raw, len) != 0 || from->ats_count == 0)
		goto out;
	pthread_once(&gmime_once, g_mime_init);
	list = internet_address_list_parse(NULL, from->text);
	if (list == NULL || internet_address_list_length(list) == 0)
		goto out;
	address = internet_address_list_get_address(list, 0);
	if (!INTERNET_ADDRESS_IS_MAILBOX(address))
		goto out;
	domain = internet_address_mailbox_get_idn_addr(
	    INTERNET_ADDRESS_MAILBOX(address));
	domain = domain == NULL ? NULL : strrchr(domain, '@');
	if (domain != NULL && is_domain(domain + 1) &&
	    one_domain(from, domain + 1)) {
		char *copy = arena_strdup(arena, domain + 1);

		text_lower_all(copy);
		result = (struct text){ .bytes = copy, .len = strlen(copy) };
	}
out:
	if (list != NULL)
		g_object_unref(list);
	free(from);
	return result;
}

/* The walk. */
struct row {
	struct text *items;
	size_t count;
	size_t room;
	bool complete;
};

/* An attached message that had to be decoded, to be walked later. */
struct pending {
	struct pending *next;
	struct text message;
	size_t depth;
};

struct walk {
	struct arena *arena;		/* of the results */
	struct arena *scratch;		/* as long as the walk */
	struct arena *part;		/* reset for each part */
	const struct mime_limits *limits;
	struct row *names;		/* NULL: nobody asked */
	struct row *bodies;
	struct pending *pending;
	size_t parts;			/* seen so far */
	size_t text_bytes;
	size_t decodable_bytes;		/* what pending may still grow by */
};

static void
row_add(struct row *row, struct text text)
{
	row->items = xgrow(row->items, row->count, &row->room,
	    sizeof(*row->items));
	row->items[row->count++] = text;
}

static void
row_finish(const struct row *row, struct arena *arena, struct texts *texts)
{
	*texts = (struct texts){
		.count = row->count,
		.items = row->count == 0 ? NULL : (const struct text *)
		    arena_memdup(arena, row->items,
		    row->count * sizeof(*row->items)),
		.complete = row->complete
	};
	free(row->items);
}

static void
walk_incomplete(struct walk *walk)
{
	if (walk->names != NULL)
		walk->names->complete = false;
	if (walk->bodies != NULL)
		walk->bodies->complete = false;
}

/* Once for each part: both fields usually have the same name. */
static void
add_name(struct row *row, size_t from, struct text name)
{
	if (name.len == 0)
		return;
	for (size_t n = from; n < row->count; n++) {
		if (row->items[n].len == name.len && memcmp(name.bytes,
		    row->items[n].bytes, name.len) == 0)
			return;
	}
	if (row->count == MIME_NAMES_MAX)
		row->complete = false;
	else
		row_add(row, name);
}

static struct text
name_decode(struct walk *walk, const struct parameter *item)
{
	struct strbuf out = STRBUF_INIT;
	struct text name;

	if (!item->extended)
		return mime_decode_header(walk->arena, item->value.bytes,
		    item->value.len);
	if (charset_convert(item->charset, item->value, UNBOUNDED, &out,
	    &walk->names->complete) != 0)
		charset_mend(item->value, UNBOUNDED, &out,
		    &walk->names->complete);
	name = without_nuls(walk->arena, &out);
	strbuf_release(&out);
	return name;
}

static void
walk_names(struct walk *walk, const struct entity *entity)
{
	size_t from = walk->names->count;

	for (size_t n = 0; n < entity->names_count; n++) {
		struct text name;

		if (walk->names->count == MIME_NAMES_MAX) {
			walk->names->complete = false;
			break;
		}
		name = name_decode(walk, &entity->names[n]);

		add_name(walk->names, from, name);
		add_name(walk->names, from, filename_saved(walk->arena, name));
	}
}

static void
walk_text(struct walk *walk, const struct entity *entity,
    struct text content)
{
	struct row *bodies = walk->bodies;
	size_t room = walk->limits->text_bytes_max - walk->text_bytes;
	struct strbuf decoded = STRBUF_INIT;
	struct strbuf out = STRBUF_INIT;
	struct text text;

	if (room > UNBOUNDED)
		room = UNBOUNDED;
	/* No charset takes more than four bytes for one of UTF-8. */
	if (!transfer_decode(entity->encoding, content, room * 4, &decoded))
		bodies->complete = false;
	text = text_of(&decoded);
	if (charset_convert(entity->charset, text, room, &out,
	    &bodies->complete) != 0) {
		charset_mend(text, room, &out, &bodies->complete);
		bodies->complete = false;
	}
	if (out.len > 0)
		row_add(bodies, text_keep(walk->arena, &out));
	walk->text_bytes += out.len;
	strbuf_release(&decoded);
	strbuf_release(&out);
}

/*
 * An attached message must not be encoded (RFC 2046 5.2.1), but mail programs
 * decode it all the same.  All such messages together may take as much room
 * as the mail that they came in.
 */
static void
walk_later(struct walk *walk, const struct entity *entity,
    struct text content, size_t depth)
{
	struct pending *pending;
	struct strbuf decoded = STRBUF_INIT;

	if (depth > walk->limits->depth_max ||
	    content.len > walk->decodable_bytes) {
		walk_incomplete(walk);
		return;
	}
	walk->decodable_bytes -= content.len;
	if (!transfer_decode(entity->encoding, content, UNBOUNDED, &decoded))
		walk_incomplete(walk);
	pending = arena_alloc(walk->scratch, sizeof(*pending));
	*pending = (struct pending){
		.next = walk->pending,
		.message = text_keep(walk->scratch, &decoded),
		.depth = depth
	};
	walk->pending = pending;
	strbuf_release(&decoded);
}

static void
walk_part(struct walk *walk, struct parts *parts, const struct entity *entity)
{
	switch (entity->kind) {
	case ENTITY_MULTIPART:
		if (!entity->has_boundary || !parts_enter(parts,
		    entity->boundary, entity->is_digest) ||
		    !parts_found(parts))
			walk_incomplete(walk);
		break;
	case ENTITY_MESSAGE:
		if (text_is(entity->encoding, "base64") ||
		    text_is(entity->encoding, "quoted-printable"))
			walk_later(walk, entity, parts_content(parts),
			    parts_depth(parts) + 1);
		else if (!parts_enter_message(parts))
			walk_incomplete(walk);
		break;
	case ENTITY_PARTIAL:
		walk_incomplete(walk);
		break;
	case ENTITY_TEXT:
		if (walk->bodies != NULL && !entity->is_attachment)
			walk_text(walk, entity, parts_content(parts));
		break;
	case ENTITY_OTHER:
		break;
	}
}

static void
walk_message(struct walk *walk, struct text message, size_t depth)
{
	struct parts *parts = parts_new(walk->scratch, message, depth,
	    walk->limits->depth_max);
	struct part part;

	while (parts_next(parts, &part)) {
		struct entity entity;

		if (walk->parts == walk->limits->parts_max) {
			walk_incomplete(walk);
			break;
		}
		walk->parts++;
		arena_reset(walk->part);
		entity_init(&entity, walk->part, &part);
		if (!entity.complete)
			walk_incomplete(walk);
		if (walk->names != NULL)
			walk_names(walk, &entity);
		walk_part(walk, parts, &entity);
		entity_release(&entity);
	}
}

void
mime_walk(struct arena *arena, const char *message, size_t len,
    const struct mime_limits *limits, struct texts *names,
    struct texts *bodies)
{
	struct row names_row = { .complete = true };
	struct row bodies_row = { .complete = true };
	struct walk walk = {
		.arena = arena,
		.scratch = arena_new(),
		.part = arena_new(),
		.limits = limits,
		.names = names == NULL ? NULL : &names_row,
		.bodies = bodies == NULL ? NULL : &bodies_row,
		.decodable_bytes = len
	};

	walk_message(&walk, (struct text){ .bytes = message, .len = len }, 0);
	while (walk.pending != NULL) {
		struct pending *pending = walk.pending;

		walk.pending = pending->next;
		walk_message(&walk, pending->message, pending->depth);
	}
	if (names != NULL)
		row_finish(&names_row, arena, names);
	if (bodies != NULL)
		row_finish(&bodies_row, arena, bodies);
	arena_free(walk.part);
	arena_free(walk.scratch);
}
