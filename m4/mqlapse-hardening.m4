# SPDX-License-Identifier: MIT
# What a release is built with beyond warnings: stack protection, checked libc calls, read-only
# relocations.  A packager's own _FORTIFY_SOURCE wins; without optimisation glibc only warns about
# it, and the sanitizers replace the functions that it checks.

AC_DEFUN([MQLAPSE_TRY_LDFLAG], [
	AC_MSG_CHECKING([whether the linker accepts $1])
	mqlapse_saved_LDFLAGS=$LDFLAGS
	LDFLAGS="$LDFLAGS $1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); HARD_LDFLAGS="$HARD_LDFLAGS $1"],
		[AC_MSG_RESULT([no])])
	LDFLAGS=$mqlapse_saved_LDFLAGS
])

AC_DEFUN([MQLAPSE_HARDENING], [
	HARD_CFLAGS= HARD_CPPFLAGS= HARD_LDFLAGS=
	AS_IF([test "$enable_sanitizers" != yes], [
		mqlapse_warn_cflags=$WARN_CFLAGS
		WARN_CFLAGS=
		m4_foreach_w([mqlapse_flag], [-fstack-protector-strong -fstack-clash-protection],
			[MQLAPSE_TRY_CFLAG(mqlapse_flag)])
		HARD_CFLAGS=$WARN_CFLAGS
		WARN_CFLAGS=$mqlapse_warn_cflags
		MQLAPSE_TRY_LDFLAG([-Wl,-z,relro])
		MQLAPSE_TRY_LDFLAG([-Wl,-z,now])
		AS_CASE([" $CPPFLAGS $CFLAGS "],
			[*_FORTIFY_SOURCE*], [],
			[*" -O0 "*], [],
			[*" -O"*], [HARD_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
	])
	AC_SUBST([HARD_CFLAGS])
	AC_SUBST([HARD_CPPFLAGS])
	AC_SUBST([HARD_LDFLAGS])
])

AC_DEFUN([MQLAPSE_COVERAGE], [
	AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [count executed lines, for gcovr])])
	AS_IF([test "$enable_coverage" = yes], [COV_CFLAGS=--coverage], [COV_CFLAGS=])
	AC_SUBST([COV_CFLAGS])
])
