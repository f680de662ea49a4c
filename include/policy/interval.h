/*
 * interval - comparisons, days and times of day as numbers from low to high.
 *
 * Both ends belong to it; where low > high it wraps: value >= low or <= high.
 * Pure; safe from any thread.
 */
#ifndef POLICY_INTERVAL_H
#define POLICY_INTERVAL_H

#include <stdint.h>

struct diag;

struct interval {
	uint64_t	low, high;
};

/*
 * What is compared with intervals, whole texts.  All return 0; or -1, and the
 * number untouched.
 */
int	amount_parse(uint64_t *amount, const char *text);	/* "25M", "5" */
int	day_parse(unsigned *day, const char *text);	/* "fri", "Friday" */
int	minute_parse(unsigned *minute, const char *text);	/* "8:00" */
/* "sun" to "sat" for 0 to 6. */
const char	*day_name(unsigned day);

/*
 * All return 0; or -1 with the reason, and what to write instead, in diag, and
 * *interval untouched.
 */

/* "> 25M", ">= 10k", "< 3", "<= 3", "= 5", "5"; k, M and G are 1024s. */
int	interval_parse_number(struct interval *interval, const char *text,
	    struct diag *diag);
/* "mon", "mon-fri", "sat-mon"; 0 is Sunday. */
int	interval_parse_day(struct interval *interval, const char *text,
	    struct diag *diag);
/*
 * "08:00-18:00", "22:00-06:00" in minutes since midnight.  The end does not
 * belong to it: at 18:00 the first is over.
 */
int	interval_parse_time(struct interval *interval, const char *text,
	    struct diag *diag);

#endif
