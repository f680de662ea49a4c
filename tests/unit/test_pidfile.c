/* The pid file: who holds it, and what a crash leaves behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "world/pidfile.h"
#include "table.h"

static void
path_make(char path[64])
{
	int fd;

	snprintf(path, 64, "/tmp/test_pidfile.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	close(fd);
}

static long
number_in(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[32] = "";

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
	fclose(file);
	return strtol(line, NULL, 10);
}

START_TEST(test_take_and_release)
{
	struct pidfile pidfile = PIDFILE_INIT;
	struct diag diag = DIAG_INIT;
	char path[64];

	path_make(path);
	unlink(path);
	ck_assert_int_eq(pidfile_take(&pidfile, path, &diag), 0);
	ck_assert_int_eq(number_in(path), (long)getpid());
	ck_assert_int_eq(pidfile_release(&pidfile, &diag), 0);
	ck_assert_int_eq(access(path, F_OK), -1);
	/* Once more is harmless. */
	ck_assert_int_eq(pidfile_release(&pidfile, &diag), 0);
}
END_TEST

START_TEST(test_left_behind)
{
	struct pidfile pidfile = PIDFILE_INIT;
	struct diag diag = DIAG_INIT;
	FILE *file;
	char path[64];

	path_make(path);
	file = fopen(path, "w");
	fprintf(file, "1234567890\n");
	fclose(file);
	ck_assert_int_eq(pidfile_take(&pidfile, path, &diag), 0);
	ck_assert_int_eq(number_in(path), (long)getpid());
	ck_assert_int_eq(pidfile_release(&pidfile, &diag), 0);
}
END_TEST

START_TEST(test_held)
{
	struct pidfile first = PIDFILE_INIT, second = PIDFILE_INIT;
	struct diag diag = DIAG_INIT;
	char path[64], want[200];

	path_make(path);
	ck_assert_int_eq(pidfile_take(&first, path, &diag), 0);
	ck_assert_int_eq(pidfile_take(&second, path, &diag), -1);
	snprintf(want, sizeof(want), "pid file \"%s\": process %ld holds it; "
	    "the daemon runs already", path, (long)getpid());
	ck_assert_str_eq(diag_first(&diag), want);
	ck_assert_int_eq(pidfile_release(&second, &diag), 0);
	ck_assert_int_eq(access(path, F_OK), 0);
	diag_release(&diag);
	ck_assert_int_eq(pidfile_release(&first, &diag), 0);
}
END_TEST

START_TEST(test_no_folder)
{
	struct pidfile pidfile = PIDFILE_INIT;
	struct diag diag = DIAG_INIT;

	ck_assert_int_eq(pidfile_take(&pidfile, "/nonexistent/pid", &diag),
	    -1);
	ck_assert_str_eq(diag_first(&diag), "pid file \"/nonexistent/pid\": "
	    "cannot be opened: No such file or directory");
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_take_and_release, 1 },
		{ test_left_behind, 1 },
		{ test_held, 1 },
		{ test_no_folder, 1 },
	};

	return table_run("pidfile", tests, COUNT(tests));
}
