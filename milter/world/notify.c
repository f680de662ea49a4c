#include "world/notify.h"

#if HAVE_SYSTEMD

#include <inttypes.h>
#include <time.h>

#include <systemd/sd-daemon.h>

void
notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

/*
 * systemd 253 and later (Type=notify-reload) compares the time with that of
 * its own request, to know which reload this is the answer to.
 */
void
notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

#else

void
notify_ready(const char *status)
{
	(void)status;
}

void
notify_reloading(void)
{
}

void
notify_stopping(void)
{
}

#endif
