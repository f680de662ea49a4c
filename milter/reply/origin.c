#include "reply/origin.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/unwrap.h"

#define MILTER		"milter "
#define SENDMAIL	"sendmail"

static const char *const files[] = {
#define ORIGIN(name)	name,
#include "reply/origins.def"
#undef ORIGIN
};

#define FILE_COUNT	(sizeof(files) / sizeof(files[0]))

size_t
origin_file_count(void)
{
	return FILE_COUNT;
}

const char *
origin_file(size_t n)
{
	return files[n];
}

const char *
origin_of_milter(struct arena *arena, const char *name)
{
	return arena_format(arena, MILTER "%s", name);
}

bool
origin_is_milter(const char *origin)
{
	return text_starts(origin, MILTER);
}

/* "milter rspamd" is most likely the software of that name. */
static const char *
software(const char *origin)
{
	return origin_is_milter(origin) ? origin + strlen(MILTER) : origin;
}

size_t
origin_file_find(const char *origin)
{
	const char *name = software(origin);

	for (size_t i = 0; i < FILE_COUNT; i++)
		if (text_equal(files[i], name))
			return i;
	return ORIGIN_NO_FILE;
}

static bool
is_mta(const char *one, const char *other)
{
	return text_equal(one, ORIGIN_MTA) &&
	    (text_equal(other, ORIGIN_POSTFIX) || text_equal(other, SENDMAIL));
}

bool
origin_match(const char *from, const char *origin)
{
	return *from == '\0' || text_equal(from, origin) ||
	    text_equal(from, software(origin)) || is_mta(from, origin) ||
	    is_mta(origin, from);
}

const char *
origin_guess(const struct unwrapped *unwrapped)
{
	if (unwrapped->speaker != SPEAKER_MTA &&
	    unwrapped->speaker != SPEAKER_DELIVERY)
		return "";
	if (text_starts(unwrapped->program, ORIGIN_POSTFIX))
		return ORIGIN_POSTFIX;
	if (text_starts(unwrapped->program, "sm-mta") ||
	    text_starts(unwrapped->program, SENDMAIL))
		return SENDMAIL;
	return "";
}

const struct origins *
origins_new(struct arena *arena, const char *const milters[], size_t count)
{
	struct origins *origins = arena_alloc(arena, sizeof(*origins));

	origins->names = arena_alloc(arena, (1 + FILE_COUNT + count) *
	    sizeof(*origins->names));
	origins->names[origins->count++] = ORIGIN_MTA;
	for (size_t i = 0; i < FILE_COUNT; i++)
		origins->names[origins->count++] = files[i];
	for (size_t i = 0; i < count; i++)
		origins->names[origins->count++] =
		    origin_of_milter(arena, milters[i]);
	return origins;
}

/* A milter without its "milter ", or software with it: then what is there. */
static const char *
meant(const struct origins *origins, const char *written)
{
	for (size_t i = 0; i < origins->count; i++)
		if (text_equal(software(origins->names[i]), software(written)))
			return origins->names[i];
	return NULL;
}

int
origins_check(const struct origins *origins, const char *written,
    struct diag *diag)
{
	const char *other;
	struct strbuf text = STRBUF_INIT;

	if (names_find(origins->names, origins->count, written) != -1)
		return 0;
	other = meant(origins, written);
	if (other == NULL) {
		names_unknown(diag, "origin", written, origins->names,
		    origins->count);
		return -1;
	}
	names_quote(&text, written);
	diag_error(diag, "unknown origin %s; did you mean \"%s\"?", text.text,
	    other);
	strbuf_release(&text);
	return -1;
}

void
origins_format(const struct origins *origins, struct strbuf *out)
{
	for (size_t i = 0; i < origins->count; i++)
		strbuf_addf(out, "%s%s", i > 0 ? ", " : "",
		    origins->names[i]);
}
