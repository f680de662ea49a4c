#include "base/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"

const char *
severity_name(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return "error";
	case SEVERITY_WARNING:
		return "warning";
	case SEVERITY_INFO:
		return "info";
	}
	return "";
}

void
place_format(struct place place, struct strbuf *out)
{
	strbuf_adds(out, place.file);
	if (place.file[0] != '\0' && place.line > 0)
		strbuf_addf(out, ":%u", place.line);
}

void
diag_release(struct diag *diag)
{
	for (size_t i = 0; i < diag->count; i++) {
		free(diag->messages[i].file);
		free(diag->messages[i].text);
	}
	free(diag->messages);
	*diag = (struct diag)DIAG_INIT;
}

/* Takes over text. */
static void
diag_push(struct diag *diag, enum severity severity, struct place place,
    char *text)
{
	diag->messages = xgrow(diag->messages, diag->count, &diag->room,
	    sizeof(*diag->messages));
	diag->messages[diag->count++] = (struct diag_message){
		.severity = severity,
		.file = xstrdup(place.file),
		.line = place.line,
		.text = text,
	};
	if (severity == SEVERITY_ERROR)
		diag->errors++;
}

static void
diag_vadd(struct diag *diag, enum severity severity, struct place place,
    const char *format, va_list args)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_vaddf(&text, format, args);
	diag_push(diag, severity, place, strbuf_detach(&text));
}

void
diag_add(struct diag *diag, enum severity severity, struct place place,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(diag, severity, place, format, args);
	va_end(args);
}

void
diag_error(struct diag *diag, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(diag, SEVERITY_ERROR, PLACE_NONE, format, args);
	va_end(args);
}

void
diag_take(struct diag *diag, struct diag *from, struct place place,
    const char *before)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct diag_message *m = &from->messages[i];

		if (m->file[0] != '\0')
			diag_add(diag, m->severity,
			    (struct place){ m->file, m->line }, "%s", m->text);
		else
			diag_add(diag, m->severity, place, "%s%s", before,
			    m->text);
	}
	diag_release(from);
}

/* Insertion sort: it is stable, and a file has few problems. */
void
diag_sort(struct diag *diag)
{
	for (size_t i = 1; i < diag->count; i++) {
		struct diag_message m = diag->messages[i];
		size_t at = i;

		while (at > 0) {
			const struct diag_message *before =
			    &diag->messages[at - 1];
			int order = strcmp(before->file, m.file);

			if (order < 0 ||
			    (order == 0 && before->line <= m.line))
				break;
			diag->messages[at] = *before;
			at--;
		}
		diag->messages[at] = m;
	}
}

void
diag_format(const struct diag *diag, struct strbuf *out)
{
	for (size_t i = 0; i < diag->count; i++) {
		const struct diag_message *m = &diag->messages[i];

		if (m->file[0] != '\0') {
			place_format((struct place){ m->file, m->line }, out);
			strbuf_adds(out, ": ");
		}
		strbuf_addf(out, "%s: %s\n", severity_name(m->severity),
		    m->text);
	}
}

const char *
diag_first(const struct diag *diag)
{
	return diag->count > 0 ? diag->messages[0].text : "";
}
