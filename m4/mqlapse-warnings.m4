# SPDX-License-Identifier: MIT
# Warnings for gcc and clang; --enable-werror makes them errors; --enable-sanitizers.

AC_DEFUN([MQLAPSE_TRY_CFLAG], [
	AC_MSG_CHECKING([whether $CC accepts $1])
	mqlapse_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); WARN_CFLAGS="$WARN_CFLAGS $1"],
		[AC_MSG_RESULT([no])])
	CFLAGS=$mqlapse_saved_CFLAGS
])

AC_DEFUN([MQLAPSE_WARNINGS], [
	WARN_CFLAGS=
	m4_foreach_w([mqlapse_flag], [
		-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
		-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wswitch-enum
		-Wimplicit-fallthrough -Wnull-dereference -Wconversion -Wsign-conversion -Wunused-macros
		-Wdate-time -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init
		-Wformat-signedness -Wmissing-variable-declarations -Wunreachable-code
	], [MQLAPSE_TRY_CFLAG(mqlapse_flag)])
	AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
	AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
	AC_SUBST([WARN_CFLAGS])
])

AC_DEFUN([MQLAPSE_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers],
		[build with the address and undefined-behaviour sanitizers])])
	AS_IF([test "$enable_sanitizers" = yes],
		[SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
	AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
	AC_SUBST([SAN_CFLAGS])
	AC_ARG_ENABLE([fuzzing], [AS_HELP_STRING([--enable-fuzzing],
		[build the fuzz targets with libFuzzer (clang; goes with --enable-sanitizers)])])
	AS_IF([test "$enable_fuzzing" = yes],
		[SAN_CFLAGS="$SAN_CFLAGS -fsanitize=fuzzer-no-link" FUZZ_LDFLAGS=-fsanitize=fuzzer])
	AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
	AC_SUBST([FUZZ_LDFLAGS])
])
