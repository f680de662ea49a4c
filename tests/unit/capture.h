/*
 * capture - what the code under test writes to stderr, as a text.
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

struct capture {
	FILE	*file;
	int	 before;
};

static inline struct capture
capture_begin(void)
{
	struct capture capture = { .file = tmpfile() };

	fflush(stderr);
	ck_assert_ptr_nonnull(capture.file);
	capture.before = dup(STDERR_FILENO);
	dup2(fileno(capture.file), STDERR_FILENO);
	return capture;
}

static inline void
capture_end(struct capture *capture, char *text, size_t size)
{
	size_t len;

	dup2(capture->before, STDERR_FILENO);
	close(capture->before);
	rewind(capture->file);
	len = fread(text, 1, size - 1, capture->file);
	text[len] = '\0';
	fclose(capture->file);
}

#endif
