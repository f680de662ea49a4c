#include "world/counters.h"

#include <stdatomic.h>

#include "base/strbuf.h"
#include "session/record.h"
#include "world/log.h"

static const char *const sources[] = {
	[SOURCE_POLICY] = "policy",
	[SOURCE_MILTER] = "milter",
	[SOURCE_MTA] = "mta",
};

#define SOURCE_COUNT	(sizeof(sources) / sizeof(sources[0]))

static atomic_ulong counts[SOURCE_COUNT][OUTCOME_COUNT];

void
counters_add(const struct record *record)
{
	atomic_fetch_add_explicit(&counts[record->source][record->outcome], 1,
	    memory_order_relaxed);
}

void
counters_log(void)
{
	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		struct strbuf line = STRBUF_INIT, number = STRBUF_INIT;
		unsigned long all = 0;

		log_field(&line, "event", "counters");
		log_field(&line, "source", sources[s]);
		for (int o = 0; o < OUTCOME_COUNT; o++) {
			unsigned long count = atomic_load_explicit(
			    &counts[s][o], memory_order_relaxed);

			all += count;
			if (count == 0)
				continue;
			strbuf_reset(&number);
			strbuf_addf(&number, "%lu", count);
			log_field(&line, outcome_name((enum outcome)o),
			    number.text);
		}
		if (all > 0)
			log_write(LEVEL_NOTICE, line.text);
		strbuf_release(&number);
		strbuf_release(&line);
	}
}
