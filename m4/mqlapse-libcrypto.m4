# SPDX-License-Identifier: MIT
# libcrypto is loaded when there is something to decrypt, under the name that the linker would have
# written down for it.  Where that name does not show (no ELF, or only libcrypto.a), it is linked.

AC_DEFUN([MQLAPSE_LIBCRYPTO], [
	AC_SEARCH_LIBS([dlopen], [dl])
	mqlapse_saved_LIBS=$LIBS
	mqlapse_saved_CFLAGS=$CFLAGS
	LIBS="$LIBS $CRYPTO_LIBS"
	CFLAGS="$CFLAGS $CRYPTO_CFLAGS"
	mqlapse_soname=
	AC_MSG_CHECKING([under which name to load libcrypto])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[@%:@include <openssl/evp.h>]], [[return EVP_sha256() == 0;]])],
		[mqlapse_soname=`$OBJDUMP -p conftest$EXEEXT 2>/dev/null |
			sed -n 's/^ *NEEDED *\(libcrypto\..*\)$/\1/p'`])
	LIBS=$mqlapse_saved_LIBS
	CFLAGS=$mqlapse_saved_CFLAGS
	AS_IF([test -n "$mqlapse_soname"], [
		AC_MSG_RESULT([$mqlapse_soname])
		AC_DEFINE_UNQUOTED([LIBCRYPTO_SONAME], ["$mqlapse_soname"], [What to load libcrypto as])
		LINKED_CRYPTO_LIBS=
	], [
		AC_MSG_RESULT([none: it is linked])
		LINKED_CRYPTO_LIBS=$CRYPTO_LIBS
	])
	AC_SUBST([LINKED_CRYPTO_LIBS])
])
