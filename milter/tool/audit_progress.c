#include "tool/audit_progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tool/say.h"
#include "world/clock.h"
#include "world/logfile.h"

#define LINES_BETWEEN	2048	/* looks at the clock */
#define DRAW_MS		200
#define BAR_COLUMNS	24
#define NAME_COLUMNS	24

void
progress_begin(struct progress *progress, FILE *err)
{
	const char *term = getenv("TERM");
	int fd = fileno(err);

	*progress = (struct progress){
		.err = err,
		.shown = fd != -1 && isatty(fd) == 1 && term != NULL &&
		    strcmp(term, "dumb") != 0,
		.started_ms = clock_now_ms(),
		.waiting = LINES_BETWEEN,
	};
}

/* "mail.log [######......] 51 %  1200000 lines  310000/s" */
static void
draw(struct progress *progress, const char *name, const struct logfile *file,
    uint64_t lines)
{
	uint64_t past_ms = progress->drawn_ms - progress->started_ms;
	const char *slash = strrchr(name, '/');
	struct strbuf text = STRBUF_INIT;
	uint64_t done, total;

	if (slash != NULL)
		name = slash + 1;
	clean(&text, name, strnlen(name, NAME_COLUMNS));
	logfile_position(file, &done, &total);
	if (total > 0) {
		uint64_t part = done < total ? done : total;

		strbuf_adds(&text, " [");
		for (uint64_t i = 0; i < BAR_COLUMNS; i++)
			strbuf_addch(&text, i * total < part * BAR_COLUMNS ?
			    '#' : '.');
		strbuf_addf(&text, "] %" PRIu64 " %%", part * 100 / total);
	}
	strbuf_addf(&text, "  %" PRIu64 " lines", lines);
	if (past_ms > 0)
		strbuf_addf(&text, "  %" PRIu64 "/s", lines * 1000 / past_ms);
	(void)fprintf(progress->err, "\r%s\033[K", text.text);
	(void)fflush(progress->err);
	strbuf_release(&text);
}

void
progress_step(struct progress *progress, const char *name,
    const struct logfile *file, uint64_t lines)
{
	uint64_t now;

	if (!progress->shown || --progress->waiting > 0)
		return;
	progress->waiting = LINES_BETWEEN;
	now = clock_now_ms();
	if (now - progress->drawn_ms < DRAW_MS)
		return;
	progress->drawn_ms = now;
	draw(progress, name, file, lines);
}

void
progress_erase(struct progress *progress)
{
	if (!progress->shown || progress->drawn_ms == 0)
		return;
	(void)fputs("\r\033[K", progress->err);
	(void)fflush(progress->err);
	progress->drawn_ms = 0;
}
