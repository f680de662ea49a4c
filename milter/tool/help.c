#include "tool/help.h"

#include "base/strbuf.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/tool.h"

static void
help_all(struct tool *tool)
{
	struct strbuf options = STRBUF_INIT;
	const struct verb *verb;

	options_help(OPTIONS_COMMON, &options);
	say(tool,
	    "milter-reply refuses mail with replies that help.\n\n"
	    "usage: milter-reply [-c FILE] [VERB] [OPTIONS]\n\n");
	for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
		struct strbuf form = STRBUF_INIT;

		strbuf_addf(&form, "%s %s", verb->name, verb->operands);
		say(tool, "  %-26s%s\n", form.text, verb->summary);
		strbuf_release(&form);
	}
	say(tool,
	    "\nOptions of every verb:\n%s"
	    "\nWithout a verb it serves.  Without -c the configuration is\n"
	    "%s.\n"
	    "Exit status: 0 all is well, 1 something is wrong, 2 wrong "
	    "usage.\n"
	    "`milter-reply VERB --help' tells more of a verb.\n",
	    options.text, tool_default_config);
	strbuf_release(&options);
}

static void
help_verb(struct tool *tool, const struct verb *verb)
{
	struct strbuf options = STRBUF_INIT;

	options_help(verb->groups | OPTIONS_COMMON, &options);
	say(tool, "usage: milter-reply %s [OPTIONS]%s%s\n\n", verb->name,
	    *verb->operands != '\0' ? " " : "", verb->operands);
	say_paragraph(tool, STYLE_PLAIN, "", 0, verb->manual);
	say(tool, "\n%s\nOptions:\n%s", verb->examples, options.text);
	strbuf_release(&options);
}

int
help(struct tool *tool, const struct verb *verb)
{
	if (verb == NULL || verb == &verb_help)
		help_all(tool);
	else
		help_verb(tool, verb);
	return TOOL_FINE;
}

static int
help_run(struct tool *tool)
{
	const struct verb *verb = NULL;

	if (tool->options->operand_count > 1) {
		verb = verb_find(tool->options->operands[1]);
		if (verb == NULL)
			return verb_unknown(tool,
			    tool->options->operands[1]);
	}
	return help(tool, verb);
}

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.summary = "how to use the command, or a verb",
	.manual = "",
	.examples = "",
	.run = help_run,
};
