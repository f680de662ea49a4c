/*
 * glob - wildcards: "*" stands for any characters, "?" for one.
 *
 * A character is one of UTF-8; a byte that belongs to none counts as one.
 * Pure; time is bounded by the product of both lengths.
 */
#ifndef POLICY_GLOB_H
#define POLICY_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Letter case apart (ASCII); the whole text must match. */
bool	glob_match(const char *glob, const char *text, size_t len);

#endif
