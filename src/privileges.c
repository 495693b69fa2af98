/* SPDX-License-Identifier: MIT */
#include "src/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static bool fail(GError **error, const char *user, const char *what)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM, "-Z %s: %s", user, what);
	return false;
}

bool relinquish_privileges(const char *user, GError **error)
{
	errno = 0;
	const struct passwd *entry = getpwnam(user);
	if (entry == NULL)
		return fail(error, user, errno == 0 ? "no such user" : g_strerror(errno));
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid;
	if (initgroups(user, gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
		return fail(error, user, g_strerror(errno));
	/* Nothing may bring root back. */
	if (uid != 0 && setuid(0) == 0)
		return fail(error, user, "the privileges could not be given up");
	return true;
}
