/* test_loader - configurations that another thread makes and frees. */
#include <check.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/settings.h"
#include "config/snapshot.h"
#include "daemon/loader.h"
#include "table.h"

static char path[] = "/tmp/test_loader.XXXXXX";
static sem_t done;

static void
tell_done(void)
{
	sem_post(&done);
}

/* Loads to a timeout of this many seconds; 0: has an error. */
static void
file_write(unsigned timeout_s)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "daemon: { timeout = %u; };\n", timeout_s);
	ck_assert_int_eq(fclose(file), 0);
}

/* The timeout of what was loaded, or 0 where there were errors. */
static uint64_t
take(struct loader *loader, struct snapshot **snapshot)
{
	struct loaded *loaded = loader_take(loader);
	uint64_t timeout_s = 0;

	ck_assert_ptr_nonnull(loaded);
	ck_assert((loaded->snapshot == NULL) == (loaded->diag.errors > 0));
	*snapshot = NULL;
	if (loaded->snapshot != NULL) {
		*snapshot = snapshot_get(loaded->snapshot);
		timeout_s = snapshot_settings(*snapshot)->daemon.timeout_s;
	}
	loaded_free(loaded);
	ck_assert_ptr_null(loader_take(loader));
	return timeout_s;
}

static struct loader *
loader_open(unsigned timeout_s)
{
	struct loader *loader;
	struct diag diag = DIAG_INIT;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	file_write(timeout_s);
	ck_assert_int_eq(sem_init(&done, 0, 0), 0);
	loader = loader_new(path, tell_done);
	ck_assert_ptr_null(loader_take(loader));
	ck_assert_int_eq(loader_start(loader, &diag), 0);
	return loader;
}

START_TEST(test_load)
{
	static const unsigned timeouts[] = { 20, 0, 30, 30, 40, 0, 0, 50 };
	struct loader *loader = loader_open(10);
	struct snapshot *live, *fresh;

	ck_assert_uint_eq(take(loader, &live), 10);
	for (int i = 0; i < COUNT(timeouts); i++) {
		file_write(timeouts[i]);
		loader_load(loader, snapshot_get(live));
		sem_wait(&done);
		ck_assert_uint_eq(take(loader, &fresh), timeouts[i]);
		if (fresh == NULL)
			continue;
		/* The loader frees it. */
		snapshot_put(live);
		live = fresh;
	}
	snapshot_put(live);
	loader_free(loader);
	unlink(path);
}
END_TEST

START_TEST(test_first_fails)
{
	struct loader *loader = loader_open(0);
	struct snapshot *snapshot;

	ck_assert_uint_eq(take(loader, &snapshot), 0);
	ck_assert_ptr_null(snapshot);
	loader_free(loader);
	unlink(path);
}
END_TEST

/* What nobody took, and what nobody loaded yet, is not lost to memory. */
START_TEST(test_end_in_between)
{
	struct loader *loader = loader_open(10);
	struct snapshot *live;

	if (_i > 0) {
		ck_assert_uint_eq(take(loader, &live), 10);
		loader_load(loader, live);
		if (_i > 1)
			sem_wait(&done);
	}
	loader_free(loader);
	unlink(path);
}
END_TEST

START_TEST(test_never_started)
{
	loader_free(loader_new(path, tell_done));
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_load, 1 }, { test_first_fails, 1 },
		{ test_end_in_between, 3 }, { test_never_started, 1 },
	};

	return table_run("loader", tests, COUNT(tests));
}
