/*
 * log - one line an event, as key=value, to stderr or syslog.
 *
 * Values are cleaned here and nowhere else: what is not printable ASCII is
 * written \xNN, a value with blanks or quotes stands in double quotes.  Safe
 * from any thread once opened; each line is written at once, but for those
 * that a thread gathers.
 */
#ifndef WORLD_LOG_H
#define WORLD_LOG_H

#include <stdbool.h>

struct diag;
struct record;
struct strbuf;

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE };

/* Before it is opened, lines go to stderr.  facility: "mail", "daemon", ... */
void	log_open(bool to_syslog, const char *facility);

/* Adds key=value to a line; no blank before the first. */
void	log_field(struct strbuf *line, const char *key, const char *value);
void	log_write(enum log_level level, const char *line);
/* Formats the event's text into text="...". */
void	log_event(enum log_level level, const char *event, const char *format,
	    ...) __attribute__((format(printf, 3, 4)));
/* One log line a message, with its place. */
void	log_diag(const struct diag *diag);

/*
 * The line of a decision: outcome, action, case, source, place, stage, reason,
 * client, helo, sender, recipient, queue id, reply.
 */
void	log_record(const struct record *record);
/*
 * For a thread that makes many: adds the line to lines, which then are written
 * together; where lines go to syslog, which takes them one by one, it is there
 * at once.
 */
void	log_record_add(const struct record *record, struct strbuf *lines);
/* Writes the lines, each with its end, and empties them. */
void	log_lines_write(struct strbuf *lines);

#endif
