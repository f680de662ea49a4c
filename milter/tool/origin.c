#include "tool/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "reply/knowledge.h"
#include "reply/unwrap.h"
#include "session/milter.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/tool.h"

#define MILTER		"milter "

/* All that may follow --from; the caller frees it. */
static const char **
origins(const struct rules *rules, size_t *count)
{
	const char **names = xcalloc(knowledge_origin_count() +
	    rules->milter_count + 1, sizeof(*names));

	*count = 0;
	for (size_t i = 0; i < knowledge_origin_count(); i++)
		names[(*count)++] = knowledge_origin(i);
	for (size_t i = 0; i < rules->milter_count; i++)
		names[(*count)++] = rules->milters[i].name;
	return names;
}

static int
origin_unknown(struct tool *tool, const char *written,
    const char *const names[], size_t count)
{
	struct diag diag = DIAG_INIT;
	struct strbuf list = STRBUF_INIT;

	names_unknown(&diag, "origin", written, names, count);
	for (size_t i = 0; i < count; i++)
		strbuf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	tool_usage(tool, "%s; there are: %s", diag_first(&diag), list.text);
	strbuf_release(&list);
	diag_release(&diag);
	return -1;
}

int
origin_read(struct tool *tool, const struct rules *rules,
    const char **origin)
{
	const char *given = options_get(tool->options, OPT_ORIGIN);
	const char *name = given;
	const char **names;
	size_t count;
	int rc = 0;

	*origin = given != NULL ? given : "";
	if (given == NULL)
		return 0;
	if (text_starts(given, MILTER))
		name += strlen(MILTER);
	names = origins(rules, &count);
	if (names_find(names, count, name) == -1)
		rc = origin_unknown(tool, name, names, count);
	free(names);
	return rc;
}

const char *
origin_of(const char *given, const struct unwrapped *unwrapped)
{
	if (*given != '\0' || (unwrapped->speaker != SPEAKER_MTA &&
	    unwrapped->speaker != SPEAKER_DELIVERY))
		return given;
	if (text_starts(unwrapped->program, "postfix"))
		return "postfix";
	return *unwrapped->program != '\0' ? "sendmail" : "";
}
