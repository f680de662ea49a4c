#include "world/machine.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "world/log.h"

#define ENTROPY_MAX	256	/* of one getentropy() call */

static struct local_time
machine_local_time(void *world)
{
	time_t now = time(NULL);
	struct tm local = { .tm_wday = 0 };

	(void)world;
	localtime_r(&now, &local);
	return (struct local_time){
		.weekday = (unsigned)local.tm_wday,
		.minute = (unsigned)(local.tm_hour * 60 + local.tm_min),
	};
}

/*
 * getentropy() blocks only before the kernel's pool was first filled and is
 * never interrupted; where it fails there is no kernel support at all, and
 * case ids that can be guessed are no way out.
 */
static void
machine_random(void *world, void *bytes, size_t size)
{
	unsigned char *to = bytes;

	(void)world;
	while (size > 0) {
		size_t n = size < ENTROPY_MAX ? size : ENTROPY_MAX;

		if (getentropy(to, n) == -1)
			abort();
		to += n;
		size -= n;
	}
}

static void
machine_record(void *world, const struct record *record)
{
	(void)world;
	log_record(record);
}

const struct env *
machine_env(void)
{
	static const struct env env = {
		.local_time = machine_local_time,
		.random = machine_random,
		.record = machine_record,
	};

	return &env;
}
