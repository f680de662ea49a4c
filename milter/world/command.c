#include "world/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "world/clock.h"
#include "world/errno_text.h"

#define COMPLAINT_MAX	4096	/* bytes of standard error that are kept */

extern char **environ;

/* Not in the PATH of every user. */
static const char *const folders[] = {
	"/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/postfix/sbin",
};

/* Both ends of two pipes, and what came through them. */
struct talk {
	int	 out[2], err[2];
	struct strbuf *output, complaint;
};

static void
pipe_close(int ends[2])
{
	for (int i = 0; i < 2; i++) {
		if (ends[i] != -1)
			close(ends[i]);
		ends[i] = -1;
	}
}

/* Returns 0 or the error. */
static int
spawn(const char *const argv[], const struct talk *talk, pid_t *pid)
{
	/* posix_spawn() writes to none of them, its type is older than const */
	union {
		const char *const *given;
		char *const *taken;
	} arguments = { .given = argv };
	posix_spawn_file_actions_t actions;
	struct strbuf path = STRBUF_INIT;
	int error;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
	    "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, talk->out[1],
	    STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, talk->err[1],
	    STDERR_FILENO);
	error = posix_spawnp(pid, argv[0], &actions, NULL, arguments.taken,
	    environ);
	for (size_t i = 0; error == ENOENT && strchr(argv[0], '/') == NULL &&
	    i < sizeof(folders) / sizeof(folders[0]); i++) {
		strbuf_reset(&path);
		strbuf_addf(&path, "%s/%s", folders[i], argv[0]);
		error = posix_spawn(pid, path.text, &actions, NULL,
		    arguments.taken, environ);
	}
	strbuf_release(&path);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Reads what is there, of which max bytes are kept.  False at the end. */
static bool
take(int fd, struct strbuf *out, size_t max)
{
	char bytes[8192];
	ssize_t got = read(fd, bytes, sizeof(bytes));
	size_t room = max - out->len;

	if (got == -1 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got <= 0)
		return false;
	strbuf_add(out, bytes, (size_t)got < room ? (size_t)got : room);
	return true;
}

/* Until both pipes end, or the time is over. */
static void
listen_to(struct talk *talk, uint64_t end_ms)
{
	struct pollfd fds[2] = {
		{ .fd = talk->out[0], .events = POLLIN },
		{ .fd = talk->err[0], .events = POLLIN },
	};

	while (fds[0].fd != -1 || fds[1].fd != -1) {
		uint64_t now_ms = clock_now_ms();

		if (now_ms >= end_ms)
			return;
		if (poll(fds, 2, (int)(end_ms - now_ms)) <= 0)
			continue;
		if (fds[0].revents != 0 && !take(fds[0].fd, talk->output,
		    COMMAND_OUTPUT_MAX))
			fds[0].fd = -1;
		if (fds[1].revents != 0 && !take(fds[1].fd, &talk->complaint,
		    COMPLAINT_MAX))
			fds[1].fd = -1;
	}
}

/*
 * Waits for the end, and makes it where it does not come in time: a program may
 * close its output and go on.  Returns false if it had to.
 */
static bool
wait_for(pid_t pid, uint64_t end_ms, int *status)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	pid_t ended;

	while ((ended = waitpid(pid, status, WNOHANG)) != pid) {
		if (ended == -1 && errno != EINTR)
			return false;	/* it is not ours any more */
		if (clock_now_ms() >= end_ms) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, status, 0);
			return false;
		}
		(void)nanosleep(&moment, NULL);
	}
	return true;
}

static enum command_result
failed(const char *name, int status, const struct strbuf *complaint,
    struct diag *diag)
{
	int len = (int)strcspn(complaint->text, "\r\n");

	if (len > 0)
		diag_error(diag, "%s says: %.*s", name, len,
		    complaint->text);
	else if (WIFSIGNALED(status))
		diag_error(diag, "%s was ended by signal %d", name,
		    WTERMSIG(status));
	else
		diag_error(diag, "%s ended with the status %d", name,
		    WEXITSTATUS(status));
	return COMMAND_FAILED;
}

static enum command_result
talk_with(const char *const argv[], struct talk *talk, unsigned timeout_ms,
    struct diag *diag)
{
	char why[ERRNO_TEXT_MAX];
	uint64_t end_ms = clock_now_ms() + timeout_ms;
	int error, status;
	pid_t pid;

	error = spawn(argv, talk, &pid);
	if (error != 0) {
		diag_error(diag, "%s cannot be run: %s", argv[0],
		    errno_text(error, why));
		return error == ENOENT ? COMMAND_MISSING : COMMAND_FAILED;
	}
	/* Else the pipes would not end with the program. */
	close(talk->out[1]);
	close(talk->err[1]);
	talk->out[1] = talk->err[1] = -1;
	listen_to(talk, end_ms);
	if (!wait_for(pid, end_ms, &status)) {
		diag_error(diag, "%s did not end within %u seconds", argv[0],
		    (timeout_ms + 999) / 1000);
		return COMMAND_FAILED;
	}
	return status == 0 ? COMMAND_DONE :
	    failed(argv[0], status, &talk->complaint, diag);
}

enum command_result
command_run(const char *const argv[], unsigned timeout_ms, struct strbuf *out,
    struct diag *diag)
{
	enum command_result result = COMMAND_FAILED;
	struct talk talk = {
		.out = { -1, -1 },
		.err = { -1, -1 },
		.output = out,
		.complaint = STRBUF_INIT,
	};
	char why[ERRNO_TEXT_MAX];

	if (pipe2(talk.out, O_CLOEXEC) == -1 ||
	    pipe2(talk.err, O_CLOEXEC) == -1)
		diag_error(diag, "%s cannot be run: %s", argv[0],
		    errno_text(errno, why));
	else
		result = talk_with(argv, &talk, timeout_ms, diag);
	pipe_close(talk.out);
	pipe_close(talk.err);
	strbuf_release(&talk.complaint);
	return result;
}
