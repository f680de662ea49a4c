/*
 * version - the release that this is.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define MILTER_REPLY_VERSION	"0.1.0"

#endif
