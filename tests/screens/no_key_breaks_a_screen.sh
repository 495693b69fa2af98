#!/bin/sh
# SPDX-License-Identifier: MIT
# Random keys at random sizes, over samples and over what hostile peers send.
here=${top_srcdir:-${srcdir:-.}}
exec "${top_builddir:-.}/tests/screens/storm" "$here"/samples/founding.pcap "$here"/samples/takeover.pcap \
	"$here"/samples/cannot-know.pcap "$here"/tests/fuzz/corpus/capture/seed-*
