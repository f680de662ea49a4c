/* Lines of logs in every form that they are kept in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/diag.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "world/logfile.h"
#include "table.h"

#define PATH_MAX_HERE	64
#define HEAD		"Jan  1 00:00:00 localhost "
#define A52	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A260	A52 A52 A52 A52 A52
#define TEXT(text)	text, sizeof(text) - 1

static void
file_make(char path[PATH_MAX_HERE], const char *bytes, size_t len,
    bool packed)
{
	gzFile gz;
	int fd;

	snprintf(path, PATH_MAX_HERE, "/tmp/test_logfile.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	gz = gzdopen(fd, packed ? "wb" : "wbT");
	ck_assert_ptr_nonnull(gz);
	ck_assert_int_eq(gzwrite(gz, bytes, (unsigned)len), (int)len);
	ck_assert_int_eq(gzclose(gz), Z_OK);
}

/* All lines, each in brackets.  Returns what closing says. */
static int
read_all(const char *path, struct strbuf *out, struct diag *diag)
{
	struct logfile *file = logfile_open(path, diag);
	struct text line;

	ck_assert_ptr_nonnull(file);
	while (logfile_next(file, &line)) {
		strbuf_addch(out, '[');
		strbuf_add(out, line.bytes, line.len);
		strbuf_addch(out, ']');
	}
	return logfile_close(file, diag);
}

static const struct {
	const char	*bytes;
	size_t		 len;
	const char	*lines;
} forms[] = {
	{ TEXT(""), "" },
	{ TEXT("\n\n"), "" },
	{ TEXT("one\ntwo\n"), "[one][two]" },
	{ TEXT("one\r\n\ntwo"), "[one][][two]" },
	{ TEXT("A=1\n\nMESSAGE=x\n"), "[][x]" },
	{ TEXT("a=1\n"), "[a=1]" },
	{ TEXT("{\"MESSAGE\": \"m\", \"SYSLOG_IDENTIFIER\": \"p\"}\n"
	    "no JSON\n"
	    "{\"MESSAGE\": [104, 105, 255, 10, 33]}\n"
	    "{\"MESSAGE\": null, \"SYSLOG_IDENTIFIER\": 7}\n"),
	    "[" HEAD "p[1]: m][hi\xff !][]" },
	{ TEXT("__CURSOR=c\nMESSAGE=m=1\nSYSLOG_IDENTIFIER=postfix/smtpd\n\n"
	    "\nMESSAGE\n\3\0\0\0\0\0\0\0a\nb\nSYSLOG_IDENTIFIER=p\n\n"
	    "OTHER\n\4\0\0\0\0\0\0\0\n\n\n\n\nMESSAGE=last"),
	    "[" HEAD "postfix/smtpd[1]: m=1][" HEAD "p[1]: a b][last]" },
	{ TEXT("__CURSOR=c\nMESSAGE\n\4\1\0\0\0\0\0\0" A260
	    "\n\nMESSAGE=b\n\n"),
	    "[" A260 "][b]" },
	/* Lengths that are not true, and ends that come too early. */
	{ TEXT("MESSAGE=x\nOTHER\n\377\377\377\377\377\377\377\377ab"),
	    "[x]" },
	{ TEXT("MESSAGE=x\nOTHER\n\3\0\0"), "[x]" },
	{ TEXT("MESSAGE=x\nOTHER"), "[x]" },
};

START_TEST(reads)
{
	char path[PATH_MAX_HERE];

	for (int packed = 0; packed < 2; packed++) {
		struct strbuf lines = STRBUF_INIT;
		struct diag diag = DIAG_INIT;

		file_make(path, forms[_i].bytes, forms[_i].len, packed == 1);
		ck_assert_int_eq(read_all(path, &lines, &diag), 0);
		ck_assert_str_eq(lines.text, forms[_i].lines);
		strbuf_release(&lines);
		unlink(path);
	}
}
END_TEST

/* A line longer than any bound is cut, and the next one is whole. */
START_TEST(long_lines_are_cut)
{
	static const size_t lengths[] = {
		LOGFILE_LINE_MAX - 1, LOGFILE_LINE_MAX, LOGFILE_LINE_MAX + 1,
		262143, 262144, 262145, 1000000,
	};
	size_t len = lengths[_i];
	char *bytes = xmalloc(len + 6), path[PATH_MAX_HERE];
	struct diag diag = DIAG_INIT;
	struct logfile *file;
	struct text line;

	memset(bytes, 'a', len);
	memcpy(bytes + len, "\nnext\n", 6);
	file_make(path, bytes, len + 6, false);
	file = logfile_open(path, &diag);
	ck_assert_ptr_nonnull(file);
	ck_assert(logfile_next(file, &line));
	ck_assert_uint_eq(line.len,
	    len < LOGFILE_LINE_MAX ? len : LOGFILE_LINE_MAX);
	ck_assert(logfile_next(file, &line));
	ck_assert(text_is(line, "next"));
	ck_assert(!logfile_next(file, &line));
	ck_assert_int_eq(logfile_close(file, &diag), 0);
	unlink(path);
	free(bytes);
}
END_TEST

START_TEST(position_is_told)
{
	struct diag diag = DIAG_INIT;
	char path[PATH_MAX_HERE];
	uint64_t done, total;
	struct logfile *file;
	struct text line;

	file_make(path, TEXT("one\ntwo\n"), false);
	file = logfile_open(path, &diag);
	ck_assert_ptr_nonnull(file);
	ck_assert(logfile_next(file, &line));
	logfile_position(file, &done, &total);
	ck_assert_uint_eq(done, 8);
	ck_assert_uint_eq(total, 8);
	ck_assert_int_eq(logfile_close(file, &diag), 0);
	unlink(path);
}
END_TEST

START_TEST(damage_is_told)
{
	struct strbuf lines = STRBUF_INIT;
	struct diag diag = DIAG_INIT;
	char path[PATH_MAX_HERE];

	file_make(path, TEXT("one\ntwo\nthree\n"), true);
	ck_assert_int_eq(truncate(path, 25), 0);
	ck_assert_int_eq(read_all(path, &lines, &diag), -1);
	ck_assert_str_eq(diag_first(&diag),
	    "the compressed data ends too early");
	strbuf_release(&lines);
	diag_release(&diag);
	unlink(path);
}
END_TEST

static const struct {
	const char	*path;
	const char	*message;
} unreadable[] = {
	{ "/no/such/file",
	    "cannot read \"/no/such/file\": No such file or directory" },
	{ "/tmp", "cannot read \"/tmp\": it is a folder, not a file" },
};

START_TEST(refuses)
{
	struct diag diag = DIAG_INIT;

	ck_assert_ptr_null(logfile_open(unreadable[_i].path, &diag));
	ck_assert_str_eq(diag_first(&diag), unreadable[_i].message);
	diag_release(&diag);
}
END_TEST

int
main(void)
{
	const struct table_test tests[] = {
		{ reads, COUNT(forms) },
		{ long_lines_are_cut, 7 },
		{ position_is_told, 1 },
		{ damage_is_told, 1 },
		{ refuses, COUNT(unreadable) },
	};

	return table_run("logfile", tests, COUNT(tests));
}
