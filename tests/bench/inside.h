/*
 * inside - the parts of the measurement within one process: see inside.c.
 *
 * A case prepares what it needs, hands pieces of work to inside_measure(), and
 * says other figures with inside_figure().
 */
#ifndef BENCH_INSIDE_H
#define BENCH_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;
struct strbuf;

struct inside {
	bool		 instructions;	/* each work once, to be counted */
	const char	*only;		/* a figure's name; NULL: all */
	size_t		 figures;	/* said so far */
};

/* Does this many units of work. */
typedef void inside_work_fn(void *arg, size_t count);

/*
 * Measures so many units of work, and says the figure NAME_ns: nanoseconds of
 * CPU for one, the median of some rounds.  Returns them, or 0 where the figure
 * is not asked for.  When instructions are counted the figure is how many units
 * were done within inside_work().
 */
double	inside_measure(struct inside *inside, const char *name,
	    inside_work_fn *work, void *arg, size_t count);
/* Is this figure asked for?  If not, what it needs may be left out. */
bool	inside_wants(const struct inside *inside, const char *name);
void	inside_figure(struct inside *inside, const char *name, double value);
/* Ends the program; the reason goes to stderr. */
void	inside_fail(const char *format, ...)
	    __attribute__((format(printf, 1, 2), noreturn));

/* The configuration of a text, which must have no mistake. */
struct snapshot	*inside_load(const char *text);

/* Of so many values, which get sorted. */
double	inside_median(double *values, size_t count);

double	inside_cpu_seconds(void);
double	inside_wall_seconds(void);

/* Numbers by lot, the same in each run. */
struct lot {
	uint64_t	state;
};

#define LOT_INIT	{ UINT64_C(0x9e3779b97f4a7c15) }

uint64_t	lot_below(struct lot *lot, uint64_t limit);
/* Mixes count items of this size. */
void		lot_shuffle(struct lot *lot, void *items, size_t count,
		    size_t size);

/* The cases. */
void	inside_lists(struct inside *inside);
void	inside_regexes(struct inside *inside);
void	inside_recognise(struct inside *inside);
void	inside_rewrite(struct inside *inside);
void	inside_policies(struct inside *inside);
void	inside_allocations(struct inside *inside);

/* inside_texts.c: what policies and subjects are made of. */
#define INSIDE_EXPRESSIONS	500

/* Adds so many policies on the subject, at most these; none holds. */
void	inside_add_expressions(struct strbuf *out, size_t count);
/* Adds a subject of len bytes; number chooses its words. */
void	inside_add_subject(struct strbuf *out, size_t len, size_t number);
/*
 * Adds so many policies on client and envelope, by address, domain and
 * wildcard, each its own; none holds.
 */
void	inside_add_envelope(struct strbuf *out, size_t count);

#endif
