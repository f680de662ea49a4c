/* What may be removed to make room for a socket, and what stays. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "world/socket.h"
#include "table.h"

/* A folder with a socket in it; fd listens there. */
struct fixture {
	char			 folder[32];
	struct socket_name	 name;
	int			 fd;
};

static void
fixture_init(struct fixture *f)
{
	struct diag diag = DIAG_INIT;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[64];

	snprintf(f->folder, sizeof(f->folder), "/tmp/test_socket.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	snprintf(text, sizeof(text), "unix:%s/s", f->folder);
	ck_assert_int_eq(socket_parse(&f->name, text, &diag), 0);
	f->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(address.sun_path, f->name.path, sizeof(f->name.path));
	ck_assert_int_eq(bind(f->fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	ck_assert_int_eq(listen(f->fd, 1), 0);
}

static void
fixture_release(struct fixture *f)
{
	close(f->fd);
	unlink(f->name.path);
	ck_assert_int_eq(rmdir(f->folder), 0);
}

START_TEST(test_live_socket_stays)
{
	struct diag diag = DIAG_INIT;
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(socket_prepare(&f.name, &diag), -1);
	ck_assert_ptr_nonnull(strstr(diag_first(&diag),
	    "a process listens there already"));
	ck_assert_int_eq(access(f.name.path, F_OK), 0);
	diag_release(&diag);
	fixture_release(&f);
}
END_TEST

START_TEST(test_full_queue_is_live)
{
	struct diag diag = DIAG_INIT;
	struct fixture f;

	fixture_init(&f);
	for (int i = 0; i < 4; i++) {	/* nobody accepts them */
		ck_assert_int_eq(socket_prepare(&f.name, &diag), -1);
		ck_assert_int_eq(access(f.name.path, F_OK), 0);
	}
	diag_release(&diag);
	fixture_release(&f);
}
END_TEST

START_TEST(test_stale_socket_goes)
{
	struct diag diag = DIAG_INIT;
	struct fixture f;

	fixture_init(&f);
	close(f.fd);
	ck_assert_int_eq(socket_prepare(&f.name, &diag), 0);
	ck_assert_int_eq(access(f.name.path, F_OK), -1);
	ck_assert_int_eq(socket_prepare(&f.name, &diag), 0);
	ck_assert_uint_eq(diag.count, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(test_file_stays)
{
	struct diag diag = DIAG_INIT;
	struct fixture f;

	fixture_init(&f);
	unlink(f.name.path);
	close(open(f.name.path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(socket_prepare(&f.name, &diag), -1);
	ck_assert_ptr_nonnull(strstr(diag_first(&diag),
	    "there is something else of this name"));
	ck_assert_int_eq(access(f.name.path, F_OK), 0);
	diag_release(&diag);
	fixture_release(&f);
}
END_TEST

START_TEST(test_claim_and_remove)
{
	struct diag diag = DIAG_INIT;
	struct stat found;
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(socket_claim(&f.name, (uid_t)-1, getgid(), 0620,
	    &diag), 0);
	ck_assert_int_eq(stat(f.name.path, &found), 0);
	ck_assert_uint_eq(found.st_mode & 07777, 0620);
	ck_assert_int_eq(socket_remove(&f.name, &diag), 0);
	ck_assert_int_eq(access(f.name.path, F_OK), -1);
	ck_assert_uint_eq(diag.count, 0);
	fixture_release(&f);
}
END_TEST

START_TEST(test_remove_leaves_another)
{
	struct diag diag = DIAG_INIT;
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(socket_claim(&f.name, (uid_t)-1, (gid_t)-1, 0600,
	    &diag), 0);
	f.name.ino++;		/* as if another daemon had made its own */
	ck_assert_int_eq(socket_remove(&f.name, &diag), 0);
	ck_assert_int_eq(access(f.name.path, F_OK), 0);
	fixture_release(&f);
}
END_TEST

START_TEST(test_busy_port)
{
	struct diag diag = DIAG_INIT;
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct socket_name name = { .kind = SOCKET_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&address, &size);
	snprintf(name.host, sizeof(name.host), "127.0.0.1");
	name.port = (unsigned)(((unsigned char *)&address)[2] << 8 |
	    ((unsigned char *)&address)[3]);
	ck_assert_int_eq(socket_prepare(&name, &diag), -1);
	ck_assert_ptr_nonnull(strstr(diag_first(&diag),
	    "a process listens there already"));
	close(fd);
	diag_release(&diag);
	ck_assert_int_eq(socket_prepare(&name, &diag), 0);
}
END_TEST

START_TEST(test_foreign_address)
{
	struct diag diag = DIAG_INIT;
	struct socket_name name;

	ck_assert_int_eq(socket_parse(&name, "inet:8894@192.0.2.1", &diag), 0);
	ck_assert_int_eq(socket_prepare(&name, &diag), -1);
	ck_assert_str_eq(diag_first(&diag), "socket \"inet:8894@[192.0.2.1]\": "
	    "bind: Cannot assign requested address");
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ test_live_socket_stays, 1 },
		{ test_full_queue_is_live, 1 },
		{ test_stale_socket_goes, 1 },
		{ test_file_stays, 1 },
		{ test_claim_and_remove, 1 },
		{ test_remove_leaves_another, 1 },
		{ test_busy_port, 1 },
		{ test_foreign_address, 1 },
	};

	return table_run("socket", tests, COUNT(tests));
}
