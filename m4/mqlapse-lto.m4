# SPDX-License-Identifier: MIT
# The folders through which every packet goes are optimised as one for the program; the tests link
# the same objects as they stand, so that they build fast.  Only where gcc does it, with objects that
# serve both.  Pointers that may be NULL are looked for in each file; over all of them gcc sees ghosts.

AC_DEFUN([MQLAPSE_LTO], [
	AC_ARG_ENABLE([lto], [AS_HELP_STRING([--disable-lto], [no link-time optimisation of the program])])
	LTO_CFLAGS= LTO_LDFLAGS= NO_LTO_LDFLAGS=
	AS_IF([test "$enable_lto" != no && test "$enable_sanitizers" != yes &&
	       test "$enable_coverage" != yes], [
		mqlapse_saved_CFLAGS=$CFLAGS
		mqlapse_lto="-flto=auto -ffat-lto-objects"
		CFLAGS="$CFLAGS -Werror $mqlapse_lto"
		AC_MSG_CHECKING([whether the program can be optimised as one])
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [
#ifdef __clang__
#error its fat objects serve nobody without its own tools
#endif
			])],
			[AC_MSG_RESULT([yes])
			LTO_CFLAGS=$mqlapse_lto LTO_LDFLAGS="-flto=auto -Wno-null-dereference" NO_LTO_LDFLAGS=-fno-lto],
			[AC_MSG_RESULT([no])])
		CFLAGS=$mqlapse_saved_CFLAGS
		AS_CASE([" $CFLAGS "], [*" -O0 "*], [LTO_CFLAGS= LTO_LDFLAGS= NO_LTO_LDFLAGS=])
	])
	AC_SUBST([LTO_CFLAGS])
	AC_SUBST([LTO_LDFLAGS])
	AC_SUBST([NO_LTO_LDFLAGS])
])
