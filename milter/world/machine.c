#include "world/machine.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "session/milter.h"
#include "world/breaker.h"
#include "world/channel.h"
#include "world/clock.h"
#include "world/counters.h"
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
	counters_add(record);
	log_record(record);
}

static uint64_t
machine_now_ms(void *world)
{
	(void)world;
	return clock_now_ms();
}

static struct channel *
machine_channel_open(void *world, const struct milter *milter, bool *rested,
    struct diag *why)
{
	*rested = !breaker_allows(world, milter, clock_now_ms(), why);
	return *rested ? NULL : channel_open(milter->socket,
	    milter->connect_timeout_ms, why);
}

static int
machine_channel_write(void *world, struct channel *channel,
    const void *bytes, size_t len, unsigned timeout_ms, struct diag *why)
{
	(void)world;
	return channel_write(channel, bytes, len, timeout_ms, why);
}

static int
machine_channel_read(void *world, struct channel *channel, void *bytes,
    size_t len, unsigned timeout_ms, struct diag *why)
{
	(void)world;
	return channel_read(channel, bytes, len, timeout_ms, why);
}

static bool
machine_channel_waiting(void *world, struct channel *channel)
{
	(void)world;
	return channel_waiting(channel);
}

static void
machine_channel_finish(void *world, struct channel *channel)
{
	(void)world;
	channel_finish(channel);
}

static void
machine_channel_close(void *world, struct channel *channel)
{
	(void)world;
	channel_close(channel);
}

static void
machine_milter_worked(void *world, const struct milter *milter,
    uint64_t opened_ms)
{
	breaker_worked(world, milter, opened_ms, clock_now_ms());
}

static void
machine_milter_left(void *world, const struct milter *milter,
    uint64_t opened_ms)
{
	breaker_left(world, milter, opened_ms, clock_now_ms());
}

static void
machine_milter_failed(void *world, const struct milter *milter,
    const char *why)
{
	breaker_failed(world, milter, clock_now_ms(), why);
}

void
machine_log_counters(const struct env *env)
{
	counters_log();
	breaker_log(env->world);
}

struct env
machine_env(struct breaker *breaker)
{
	return (struct env){
		.world = breaker,
		.local_time = machine_local_time,
		.random = machine_random,
		.record = machine_record,
		.now_ms = machine_now_ms,
		.channel_open = machine_channel_open,
		.channel_write = machine_channel_write,
		.channel_read = machine_channel_read,
		.channel_waiting = machine_channel_waiting,
		.channel_finish = machine_channel_finish,
		.channel_close = machine_channel_close,
		.milter_worked = machine_milter_worked,
		.milter_left = machine_milter_left,
		.milter_failed = machine_milter_failed,
	};
}
