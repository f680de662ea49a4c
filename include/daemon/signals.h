/*
 * signals - requests to the daemon, taken by the main thread alone.
 *
 * libmilter has a thread of its own that waits for SIGHUP, SIGINT and SIGTERM
 * with sigwait(), and stops slowly when it gets one (serve.c).  The kernel
 * gives a signal of the whole process to the main thread wherever that one
 * does not block it.  So all others block these signals, and the main thread
 * never does: it has handlers, which only make a note.
 *
 * One gap is left: a signal in the first milliseconds, before libmilter's
 * thread waits, is taken by whichever of the two runs first.  If that is
 * libmilter's, smfi_main() returns some seconds later, and all ends the same.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

enum request {
	REQUEST_STOP,		/* SIGTERM, SIGINT, SIGHUP */
	REQUEST_RELOAD,		/* SIGUSR1 */
	REQUEST_LOADED		/* signals_loaded() */
};

/* In the main thread, before there is another. */
void		signals_take(void);
/* In each other thread that is to have children or live long. */
void		signals_block(void);
/* In the main thread: waits for the next request. */
enum request	signals_wait(void);
/* From any thread: as if SIGTERM had come. */
void		signals_stop(void);
/*
 * From any thread: something was loaded.  Where many requests wait, this one
 * may be lost: look for what was loaded after each.
 */
void		signals_loaded(void);

#endif
