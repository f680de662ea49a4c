/*
 * record - the story of one decision, for the log.
 *
 * A plain value that lives only while it is handed over.  Texts are raw:
 * whoever writes them down cleans them.  Absent texts are "".
 */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

#include <stdbool.h>

#include "policy/policy.h"
#include "policy/stage.h"

struct reply;

enum outcome {
#define OUTCOME(id, name, help)	OUTCOME_##id,
#include "session/outcome.def"
#undef OUTCOME
	OUTCOME_COUNT
};

const char	*outcome_name(enum outcome outcome);

/* Who refused, in the words of the log: "policy NAME", "milter NAME", "mta". */
enum record_source { SOURCE_POLICY, SOURCE_MILTER, SOURCE_MTA };

struct record {
	enum outcome		 outcome;
	enum action		 action;	/* done, or would be */
	enum record_source	 source;
	const struct policy	*policy;	/* SOURCE_POLICY, else NULL */
	const char		*milter;	/* its name; "" of the others */
	const char		*map;		/* that asked: "footer"; "" */
	const char		*original;	/* what was rewritten; "" */
	const char		*sure;		/* of its reason; "" */
	const struct reason	*reason;	/* of a refusal, else NULL */
	enum stage		 stage;		/* at which it was decided */
	const char		*case_id;	/* of a reply, else "" */
	const struct reply	*reply;		/* of a refusal, else NULL */
	const char		*lint;		/* rule for which the reply
						   lost its values; "" */
	const char		*client_ip, *client_name, *helo;
	const char		*sender;	/* "<>" for the empty one */
	const char		*recipient;	/* several apart by commas */
	const char		*queue_id;
	const struct evidence	*evidence;	/* NULL where there is none */
};

#endif
