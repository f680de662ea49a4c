#include "tool/setup_main_cf.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "world/command.h"

#define TIMEOUT_MS	20000
#define SEPARATORS	", \t\r\n"

static enum main_cf_result
ask(const char *folder, const char *how, struct strbuf *out,
    struct diag *diag)
{
	const char *argv[6] = { "postconf" };
	size_t n = 1;

	if (folder != NULL) {
		argv[n++] = "-c";
		argv[n++] = folder;
	}
	if (how != NULL)
		argv[n++] = how;
	argv[n] = NULL;
	switch (command_run(argv, TIMEOUT_MS, out, diag)) {
	case COMMAND_DONE:
		return MAIN_CF_READ;
	case COMMAND_MISSING:
		return MAIN_CF_NO_POSTFIX;
	case COMMAND_FAILED:
		return MAIN_CF_UNREADABLE;
	}
	return MAIN_CF_UNREADABLE;
}

enum main_cf_result
main_cf_read(struct main_cf *main_cf, const char *folder, struct diag *diag)
{
	enum main_cf_result result;

	result = ask(folder, NULL, &main_cf->plain, diag);
	if (result == MAIN_CF_READ)
		result = ask(folder, "-x", &main_cf->expanded, diag);
	if (result == MAIN_CF_READ)
		result = ask(folder, "-P", &main_cf->services, diag);
	return result;
}

void
main_cf_release(struct main_cf *main_cf)
{
	strbuf_release(&main_cf->plain);
	strbuf_release(&main_cf->expanded);
	strbuf_release(&main_cf->services);
}

const char *
main_cf_get(struct arena *arena, const struct strbuf *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text->text; *line != '\0';) {
		size_t rest = strcspn(line, "\n");

		if (rest > len + 1 && memcmp(line, name, len) == 0 &&
		    memcmp(line + len, " =", 2) == 0) {
			const char *value = line + len + 2;

			value += strspn(value, " ");
			return arena_memdup(arena, value,
			    strcspn(value, "\n"));
		}
		line += rest + (line[rest] == '\n');
	}
	return "";
}

bool
list_entry(const char **at, struct text *entry)
{
	const char *start = *at + strspn(*at, SEPARATORS);
	const char *end = start;

	if (*start == '{') {
		int depth = 0;

		do {
			depth += (*end == '{') - (*end == '}');
			end++;
		} while (depth > 0 && *end != '\0');
	} else
		end += strcspn(start, SEPARATORS);
	*entry = (struct text){ .bytes = start, .len = (size_t)(end - start) };
	*at = end;
	return end > start;
}

/* What is between the braces; or all. */
static struct text
inside(struct text entry)
{
	if (entry.len < 2 || entry.bytes[0] != '{')
		return entry;
	entry.bytes++;
	entry.len -= 1 + (size_t)(entry.bytes[entry.len - 2] == '}');
	return entry;
}

struct text
entry_word(struct text entry)
{
	struct text word = inside(entry);
	size_t len = 0;

	while (word.len > 0 && strchr(SEPARATORS, *word.bytes) != NULL) {
		word.bytes++;
		word.len--;
	}
	while (len < word.len && strchr(SEPARATORS, word.bytes[len]) == NULL)
		len++;
	word.len = len;
	return word;
}

const char *
entry_attribute(struct arena *arena, struct text entry, const char *name)
{
	struct text body = inside(entry);
	const char *at = arena_memdup(arena, body.bytes, body.len);

	while ((at = strstr(at, name)) != NULL) {
		at += strlen(name);
		at += strspn(at, " ");
		if (*at == '=') {
			at++;
			at += strspn(at, " ");
			return arena_memdup(arena, at,
			    strcspn(at, SEPARATORS "}"));
		}
	}
	return NULL;
}

const char *
list_with(struct arena *arena, const char *list, const char *entry)
{
	return *list == '\0' ? arena_strdup(arena, entry) :
	    arena_format(arena, "%s, %s", list, entry);
}
