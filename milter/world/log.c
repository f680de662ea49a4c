#include "world/log.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/names.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "policy/attribute.h"
#include "policy/policy.h"
#include "reply/reply.h"
#include "session/record.h"

#define IDENT		"milter-reply"
/*
 * A client can make HELO, sender and recipient kilobytes long, and a log line
 * that syslog cuts has lost its end, which is ours.
 */
#define VALUE_MAX	1000

/* The one mutable global of this file: written by log_open(). */
static atomic_bool log_to_syslog;

static const struct {
	const char	*name;
	int		 number;
} facilities[] = {
#define FACILITY(name, number)	{ name, number },
#include "config/facility.def"
#undef FACILITY
};

/* The configuration names one of them (schema.def); else it is mail. */
static int
facility_number(const char *name)
{
	for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].number;
	return LOG_MAIL;
}

/*
 * libmilter always writes its own messages to syslog: the facility is set for
 * them even where our lines go to stderr.
 */
void
log_open(bool to_syslog, const char *facility)
{
	openlog(IDENT, LOG_PID | LOG_NDELAY, facility_number(facility));
	atomic_store(&log_to_syslog, to_syslog);
}

/* A value that needs no quotes: whoever splits at blanks and `=' gets it. */
static bool
is_bare(const char *value)
{
	size_t len = 0;

	while (value[len] > ' ' && value[len] <= '~' && value[len] != '"' &&
	    value[len] != '\\')
		len++;
	return len > 0 && value[len] == '\0';
}

static void
field_add(struct strbuf *line, const char *key, const char *value)
{
	struct strbuf cut = STRBUF_INIT;

	if (strnlen(value, VALUE_MAX + 1) > VALUE_MAX) {
		strbuf_add(&cut, value, VALUE_MAX);
		strbuf_adds(&cut, "...");
		value = cut.text;
	}
	strbuf_adds(line, key);
	strbuf_addch(line, '=');
	if (is_bare(value))
		strbuf_adds(line, value);
	else
		names_quote(line, value);
	strbuf_release(&cut);
}

void
log_field(struct strbuf *line, const char *key, const char *value)
{
	if (line->len > 0)
		strbuf_addch(line, ' ');
	field_add(line, key, value);
}

static void
write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n <= 0)
			break;		/* there is nobody to tell */
		text += n;
		len -= (size_t)n;
	}
}

/* How many bytes of these lines one write() may take, at least a line. */
static size_t
lines_together(const char *lines, size_t len)
{
	const char *end;

	if (len <= PIPE_BUF)
		return len;
	end = memrchr(lines, '\n', PIPE_BUF);
	if (end == NULL)
		end = memchr(lines + PIPE_BUF, '\n', len - PIPE_BUF);
	return end != NULL ? (size_t)(end - lines) + 1 : len;
}

/*
 * A pipe takes up to PIPE_BUF bytes at once: so lines of several threads do
 * not mix.
 */
void
log_lines_write(struct strbuf *lines)
{
	for (size_t done = 0, len; done < lines->len; done += len) {
		len = lines_together(lines->text + done, lines->len - done);
		write_all(lines->text + done, len);
	}
	strbuf_reset(lines);
}

static void
write_stderr(const char *line)
{
	struct strbuf lines = STRBUF_INIT;

	strbuf_adds(&lines, line);
	strbuf_addch(&lines, '\n');
	log_lines_write(&lines);
	strbuf_release(&lines);
}

static int
level_priority(enum log_level level)
{
	switch (level) {
	case LEVEL_ERROR:
		return LOG_ERR;
	case LEVEL_WARNING:
		return LOG_WARNING;
	case LEVEL_NOTICE:
		return LOG_NOTICE;
	}
	return LOG_NOTICE;
}

void
log_write(enum log_level level, const char *line)
{
	if (atomic_load(&log_to_syslog))
		syslog(level_priority(level), "%s", line);
	else
		write_stderr(line);
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
	struct strbuf line = STRBUF_INIT, text = STRBUF_INIT;
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&text, format, args);
	va_end(args);
	log_field(&line, "event", event);
	if (level != LEVEL_NOTICE)
		log_field(&line, "level",
		    level == LEVEL_ERROR ? "error" : "warning");
	log_field(&line, "text", text.text);
	log_write(level, line.text);
	strbuf_release(&text);
	strbuf_release(&line);
}

static enum log_level
severity_level(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return LEVEL_ERROR;
	case SEVERITY_WARNING:
		return LEVEL_WARNING;
	case SEVERITY_INFO:
		return LEVEL_NOTICE;
	}
	return LEVEL_NOTICE;
}

void
log_diag(const struct diag *diag)
{
	struct strbuf line = STRBUF_INIT, place = STRBUF_INIT;

	for (size_t i = 0; i < diag->count; i++) {
		const struct diag_message *m = &diag->messages[i];

		strbuf_reset(&line);
		strbuf_reset(&place);
		place_format((struct place){ m->file, m->line }, &place);
		log_field(&line, "event", "config");
		log_field(&line, "level", severity_name(m->severity));
		if (place.len > 0)
			log_field(&line, "place", place.text);
		log_field(&line, "text", m->text);
		log_write(severity_level(m->severity), line.text);
	}
	strbuf_release(&line);
	strbuf_release(&place);
}

/* What is not there gets no field: lines stay short enough to read. */
static void
known_field(struct strbuf *line, const char *key, const char *value)
{
	if (value[0] != '\0')
		log_field(line, key, value);
}

/* Who refused: "policy NAME" with its place, "milter NAME" or "mta". */
static void
source_fields(struct strbuf *line, const struct record *record)
{
	struct strbuf source = STRBUF_INIT, place = STRBUF_INIT;

	switch (record->source) {
	case SOURCE_POLICY:
		if (record->policy == NULL)
			break;
		strbuf_addf(&source, "policy %s", record->policy->name);
		place_format(record->policy->place, &place);
		break;
	case SOURCE_MILTER:
		strbuf_addf(&source, "milter %s", record->milter);
		break;
	case SOURCE_MTA:
		strbuf_adds(&source, "mta");
		break;
	}
	known_field(line, "source", source.text);
	known_field(line, "place", place.text);
	known_field(line, "map", record->map);
	strbuf_release(&place);
	strbuf_release(&source);
}

/* "client_ip 192.0.2.0/24, helo localhost": by which patterns it held. */
static void
evidence_field(struct strbuf *line, const struct evidence *evidence)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < evidence->count; i++) {
		const struct evidence_item *item = &evidence->items[i];

		if (item->condition == NULL || item->pattern == NULL)
			continue;
		strbuf_addf(&text, "%s%s", text.len > 0 ? ", " : "",
		    attribute_name(item->condition->attribute));
		if (item->condition->name[0] != '\0')
			strbuf_addf(&text, ".%s", item->condition->name);
		strbuf_addf(&text, " %s", item->pattern);
	}
	known_field(line, "matched", text.text);
	strbuf_release(&text);
}

/* "550 5.1.1 What happened. / What helps." */
static void
reply_field(struct strbuf *line, const struct reply *reply)
{
	char status[STATUS_TEXT_MAX];
	struct strbuf text = STRBUF_INIT;

	status_format(reply->status, status);
	strbuf_adds(&text, status);
	for (size_t i = 0; i < reply->count; i++) {
		strbuf_adds(&text, i > 0 ? " / " : " ");
		strbuf_adds(&text, reply->lines[i]);
	}
	log_field(line, "reply", text.text);
	strbuf_release(&text);
}

/* That something could not be decided is for the postmaster to look at. */
static enum log_level
outcome_level(enum outcome outcome)
{
	return outcome == OUTCOME_UNDECIDED || outcome == OUTCOME_FAULT ?
	    LEVEL_WARNING : LEVEL_NOTICE;
}

static void
record_format(const struct record *record, struct strbuf *line)
{
	field_add(line, "outcome", outcome_name(record->outcome));
	log_field(line, "action", action_name(record->action));
	known_field(line, "case", record->case_id);
	source_fields(line, record);
	/* What a map is asked about can be of any step. */
	if (record->map[0] == '\0')
		log_field(line, "stage", stage_name(record->stage));
	if (record->reason != NULL)
		log_field(line, "reason", record->reason->name);
	known_field(line, "sure", record->sure);
	if (record->evidence != NULL)
		evidence_field(line, record->evidence);
	known_field(line, "client_ip", record->client_ip);
	known_field(line, "client_name", record->client_name);
	known_field(line, "helo", record->helo);
	known_field(line, "sender", record->sender);
	known_field(line, "recipient", record->recipient);
	known_field(line, "queue_id", record->queue_id);
	known_field(line, "original", record->original);
	if (record->reply != NULL)
		reply_field(line, record->reply);
	known_field(line, "lint", record->lint);
}

void
log_record(const struct record *record)
{
	struct strbuf line = STRBUF_INIT;

	record_format(record, &line);
	log_write(outcome_level(record->outcome), line.text);
	strbuf_release(&line);
}

void
log_record_add(const struct record *record, struct strbuf *lines)
{
	if (atomic_load(&log_to_syslog)) {
		log_record(record);
		return;
	}
	record_format(record, lines);
	strbuf_addch(lines, '\n');
}
