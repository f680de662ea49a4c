#include "world/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "world/errno_text.h"

/* An entry with many members needs more; then errno says ERANGE. */
#define ENTRY_BYTES	1024
#define ENTRY_BYTES_MAX	(1024 * 1024)

static void
not_found(struct diag *diag, const char *kind, const char *name, int error)
{
	char why[ERRNO_TEXT_MAX];

	if (error == 0)
		diag_error(diag, "there is no %s \"%s\" on this machine", kind,
		    name);
	else
		diag_error(diag, "%s \"%s\" cannot be looked up: %s", kind,
		    name, errno_text(error, why));
}

int
account_find(struct account *account, const char *user, struct diag *diag)
{
	struct passwd entry, *found = NULL;
	char *buffer = NULL;
	int error = ERANGE;

	for (size_t size = ENTRY_BYTES;
	    error == ERANGE && size <= ENTRY_BYTES_MAX; size *= 2) {
		buffer = xreallocarray(buffer, size, 1);
		error = getpwnam_r(user, &entry, buffer, size, &found);
	}
	if (found == NULL)
		not_found(diag, "user", user, error);
	else {
		snprintf(account->name, sizeof(account->name), "%s", user);
		account->uid = entry.pw_uid;
		account->gid = entry.pw_gid;
	}
	free(buffer);
	return found == NULL ? -1 : 0;
}

int
group_find(gid_t *gid, const char *group, struct diag *diag)
{
	struct group entry, *found = NULL;
	char *buffer = NULL;
	int error = ERANGE;

	for (size_t size = ENTRY_BYTES;
	    error == ERANGE && size <= ENTRY_BYTES_MAX; size *= 2) {
		buffer = xreallocarray(buffer, size, 1);
		error = getgrnam_r(group, &entry, buffer, size, &found);
	}
	if (found == NULL)
		not_found(diag, "group", group, error);
	else
		*gid = entry.gr_gid;
	free(buffer);
	return found == NULL ? -1 : 0;
}

static bool
is_wholly(const struct account *account)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	return getresuid(&real, &effective, &saved) == 0 &&
	    getresgid(&real_group, &effective_group, &saved_group) == 0 &&
	    real == account->uid && effective == account->uid &&
	    saved == account->uid && real_group == account->gid &&
	    effective_group == account->gid && saved_group == account->gid;
}

static int
refused(struct diag *diag, const char *call, const struct account *account)
{
	char why[ERRNO_TEXT_MAX];

	diag_error(diag, "cannot become user \"%s\": %s: %s", account->name,
	    call, errno_text(errno, why));
	return -1;
}

/*
 * The groups go first: once the user is another, they cannot be changed any
 * more.  What the calls say is checked, because a setuid() that fails and is
 * not looked at leaves a daemon running as root.
 */
int
privilege_drop(const struct account *account, struct diag *diag)
{
	if (geteuid() != 0) {
		if (account->uid == geteuid() && account->uid == getuid())
			return 0;
		diag_error(diag, "cannot become user \"%s\": only root can, "
		    "and this process runs as user number %lu",
		    account->name, (unsigned long)geteuid());
		return -1;
	}
	if (initgroups(account->name, account->gid) == -1)
		return refused(diag, "initgroups", account);
	if (setgid(account->gid) == -1)
		return refused(diag, "setgid", account);
	if (setuid(account->uid) == -1)
		return refused(diag, "setuid", account);
	if (!is_wholly(account) || (account->uid != 0 && setuid(0) != -1)) {
		diag_error(diag, "cannot become user \"%s\": the system still "
		    "lets this process be root", account->name);
		return -1;
	}
	return 0;
}
