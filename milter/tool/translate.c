#include "tool/translate.h"

#include "base/diag.h"
#include "base/strbuf.h"
#include "reply/origin.h"
#include "session/rules.h"
#include "tool/options.h"
#include "tool/tool.h"

static int
origin_read(struct tool *tool, const struct rules *rules,
    const char **origin)
{
	const char *given = options_get(tool->options, OPT_ORIGIN);
	struct diag diag = DIAG_INIT;
	struct strbuf list = STRBUF_INIT;

	*origin = given != NULL ? given : "";
	if (given == NULL || origins_check(rules->origins, given, &diag) == 0)
		return 0;
	origins_format(rules->origins, &list);
	tool_usage(tool, "%s (the origins are %s)", diag_first(&diag),
	    list.text);
	strbuf_release(&list);
	diag_release(&diag);
	return -1;
}

int
translate_how(struct tool *tool, const struct rules *rules,
    struct rewrite_how *how)
{
	*how = (struct rewrite_how){
		.catalogue = rules->catalogue,
		.knowledge = rules->knowledge,
		.letterhead = &rules->letterhead,
		.case_id = tool_case(tool, rules),
	};
	return origin_read(tool, rules, &how->origin);
}

const char *
translate_speaker(enum speaker speaker)
{
	return speaker == SPEAKER_NONE || speaker == SPEAKER_UNTOLD ? NULL :
	    speaker_name(speaker);
}
