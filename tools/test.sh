#!/bin/bash
# SPDX-License-Identifier: MIT
#
# test.sh [-a "ARCH..."] [STAGE...]: everything that proves the tree, for arm64 and x86_64 unless told otherwise.
# Each stage ends with `N passed, N failed[, N skipped]'; the last line of this script is their sum. Exit status 0 only if
# nothing failed.
#
# Stages that are the same for every architecture come first, once: lint unit fuzz
