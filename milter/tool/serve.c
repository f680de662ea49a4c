#include "tool/tool.h"

#include "daemon/serve.h"

#include "tool/options.h"

static int
serve_run(struct tool *tool)
{
	if (tool->options->operand_count > 1)
		return tool_usage(tool, "serve takes no operands, but there "
		    "is \"%s\"", tool->options->operands[1]);
	if (tool_lacks_config(tool))
		return TOOL_WRONG;
	return serve(tool_config(tool));
}

const struct verb verb_serve = {
	.name = "serve",
	.operands = "",
	.summary = "be the daemon, in the foreground",
	.manual =
	    "Serves mail servers over the milter protocol until it is told "
	    "to stop. It stays in the foreground and logs to standard error "
	    "or syslog, as the configuration says. SIGUSR1 loads the "
	    "configuration again; if it has an error, the old one stays in "
	    "force. SIGTERM ends the daemon.",
	.examples =
	    "  milter-reply -c /etc/milter-reply.conf serve\n",
	.run = serve_run,
};
