#include "world/breaker.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "world/log.h"

struct entry {
	char		*name, *socket;	/* the key; own copies */
	uint64_t	 used_ms;	/* the last time */
	unsigned	 failures;	/* in a row */
	bool		 resting;
	bool		 trying;	/* one session does, since it rests */
	uint64_t	 since_ms;	/* of the rest */
	uint64_t	 until_ms;	/* nobody asks before */
	uint64_t	 missed_now;	/* since it rests */
	uint64_t	 asked, failed, missed;		/* counters */
};

struct breaker {
	pthread_mutex_t	 lock;		/* of all below */
	size_t		 count;
	struct entry	 entries[BREAKER_MILTERS_MAX];
};

struct breaker *
breaker_new(void)
{
	struct breaker *breaker = xcalloc(1, sizeof(*breaker));

	if (pthread_mutex_init(&breaker->lock, NULL) != 0)
		abort();
	return breaker;
}

static void
add_number(struct strbuf *line, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	log_field(line, key, text);
}

static void __attribute__((format(printf, 3, 4)))
add_text(struct strbuf *line, const char *key, const char *format, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	log_field(line, key, text.text);
	strbuf_release(&text);
}

static void
counters_line(const struct entry *entry, struct strbuf *line)
{
	log_field(line, "event", "counters");
	add_text(line, "source", "milter %s", entry->name);
	add_number(line, "asked", entry->asked);
	add_number(line, "failed", entry->failed);
	add_number(line, "missed", entry->missed);
}

static void
begin_line(struct strbuf *line, const struct entry *entry,
    enum log_level level, const char *state)
{
	log_field(line, "event", "milter");
	if (level == LEVEL_WARNING)
		log_field(line, "level", "warning");
	log_field(line, "name", entry->name);
	log_field(line, "state", state);
}

/* Lines are made under the lock and written without it: a log may be slow. */
static void
write_line(enum log_level level, struct strbuf *line)
{
	if (line->len > 0)
		log_write(level, line->text);
	strbuf_release(line);
}

static void
entry_release(struct entry *entry)
{
	free(entry->name);
	free(entry->socket);
}

void
breaker_free(struct breaker *breaker)
{
	if (breaker == NULL)
		return;
	for (size_t i = 0; i < breaker->count; i++)
		entry_release(&breaker->entries[i]);
	pthread_mutex_destroy(&breaker->lock);
	free(breaker);
}

static struct entry *
least_used(struct breaker *breaker)
{
	struct entry *found = &breaker->entries[0];

	for (size_t i = 1; i < breaker->count; i++)
		if (breaker->entries[i].used_ms < found->used_ms)
			found = &breaker->entries[i];
	return found;
}

/* Finds the milter's entry, or makes one.  With the lock. */
static struct entry *
entry_of(struct breaker *breaker, const struct milter *milter,
    uint64_t now_ms)
{
	struct entry *entry;

	for (size_t i = 0; i < breaker->count; i++) {
		entry = &breaker->entries[i];
		if (strcmp(entry->name, milter->name) == 0 &&
		    strcmp(entry->socket, milter->socket) == 0) {
			entry->used_ms = now_ms;
			return entry;
		}
	}
	if (breaker->count < BREAKER_MILTERS_MAX)
		entry = &breaker->entries[breaker->count++];
	else {
		entry = least_used(breaker);
		entry_release(entry);
	}
	*entry = (struct entry){
		.name = xstrdup(milter->name),
		.socket = xstrdup(milter->socket),
		.used_ms = now_ms,
	};
	return entry;
}

/* Rounded up, so that nobody is told "0 seconds". */
static uint64_t
seconds(uint64_t ms)
{
	return (ms + 999) / 1000;
}

static const char *
plural(uint64_t number)
{
	return number == 1 ? "" : "s";
}

bool
breaker_allows(struct breaker *breaker, const struct milter *milter,
    uint64_t now_ms, struct diag *why)
{
	struct entry *entry;
	bool allowed = true;

	pthread_mutex_lock(&breaker->lock);
	entry = entry_of(breaker, milter, now_ms);
	if (entry->resting && now_ms < entry->until_ms) {
		uint64_t wait_s = seconds(entry->until_ms - now_ms);

		diag_error(why, "it failed %u time%s, it is asked again in "
		    "%" PRIu64 " second%s", entry->failures,
		    plural(entry->failures), wait_s, plural(wait_s));
		entry->missed++;
		entry->missed_now++;
		allowed = false;
	} else if (entry->resting) {
		/* Should this session never say how it went, another may. */
		entry->trying = true;
		entry->until_ms = now_ms + milter->rest_ms;
	}
	pthread_mutex_unlock(&breaker->lock);
	return allowed;
}

static void
up_line(const struct entry *entry, uint64_t now_ms,
    struct strbuf *line)
{
	/* Another thread may have looked at the clock later, and been first. */
	uint64_t down_s = now_ms > entry->since_ms ?
	    seconds(now_ms - entry->since_ms) : 0;

	begin_line(line, entry, LEVEL_NOTICE, "up");
	add_number(line, "down_s", down_s);
	add_number(line, "missed", entry->missed_now);
	add_text(line, "text", "it works again after %" PRIu64 " second%s; it "
	    "was not asked %" PRIu64 " time%s", down_s,
	    plural(down_s), entry->missed_now, plural(entry->missed_now));
}

/* Who came to a connection after the rest began, was sent to try. */
static bool
is_try(const struct entry *entry, uint64_t opened_ms)
{
	return entry->resting && opened_ms > entry->since_ms;
}

void
breaker_worked(struct breaker *breaker, const struct milter *milter,
    uint64_t opened_ms, uint64_t now_ms)
{
	struct strbuf line = STRBUF_INIT;
	struct entry *entry;

	pthread_mutex_lock(&breaker->lock);
	entry = entry_of(breaker, milter, now_ms);
	entry->asked++;
	if (!entry->resting || is_try(entry, opened_ms)) {
		if (entry->resting)
			up_line(entry, now_ms, &line);
		entry->failures = 0;
		entry->resting = false;
		entry->trying = false;
		entry->missed_now = 0;
	}
	pthread_mutex_unlock(&breaker->lock);
	write_line(LEVEL_NOTICE, &line);
}

void
breaker_left(struct breaker *breaker, const struct milter *milter,
    uint64_t opened_ms, uint64_t now_ms)
{
	struct entry *entry;

	pthread_mutex_lock(&breaker->lock);
	entry = entry_of(breaker, milter, now_ms);
	if (entry->trying && is_try(entry, opened_ms)) {
		entry->trying = false;
		entry->until_ms = now_ms;
	}
	pthread_mutex_unlock(&breaker->lock);
}

/*
 * Counts the failure.  Sessions that began before the rest and fail during it
 * do not make it longer.
 */
static void
note_failure(struct entry *entry, const struct milter *milter,
    uint64_t now_ms)
{
	entry->asked++;
	entry->failed++;
	entry->failures++;
	if (entry->trying) {
		entry->trying = false;
		entry->until_ms = now_ms + milter->rest_ms;
	}
}

static void
failure_line(const struct entry *entry, const char *state,
    const char *why, struct strbuf *line)
{
	begin_line(line, entry, LEVEL_WARNING, state);
	add_number(line, "failures", entry->failures);
	log_field(line, "text", why);
}

void
breaker_failed(struct breaker *breaker, const struct milter *milter,
    uint64_t now_ms, const char *why)
{
	struct strbuf line = STRBUF_INIT;
	struct entry *entry;

	pthread_mutex_lock(&breaker->lock);
	entry = entry_of(breaker, milter, now_ms);
	note_failure(entry, milter, now_ms);
	if (!entry->resting && entry->failures >= milter->failures_max) {
		entry->resting = true;
		entry->since_ms = now_ms;
		entry->until_ms = now_ms + milter->rest_ms;
		failure_line(entry, "down", why, &line);
	} else if (entry->failures == 1)
		failure_line(entry, "failing", why, &line);
	pthread_mutex_unlock(&breaker->lock);
	write_line(LEVEL_WARNING, &line);
}

void
breaker_log(struct breaker *breaker)
{
	struct strbuf lines[BREAKER_MILTERS_MAX];
	size_t count;

	pthread_mutex_lock(&breaker->lock);
	count = breaker->count;
	for (size_t i = 0; i < count; i++) {
		strbuf_init(&lines[i]);
		counters_line(&breaker->entries[i], &lines[i]);
	}
	pthread_mutex_unlock(&breaker->lock);
	for (size_t i = 0; i < count; i++)
		write_line(LEVEL_NOTICE, &lines[i]);
}
