/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what the config names is there on this host: NSS and stat(2), for --check-config only.
 * The broker proper never asks: it would wait for a directory server. NULL, or what is wrong.
 */
#pragma once

const char *names_check_user(const char *name);
const char *names_check_group(const char *name);
/* A group, or "*". */
const char *names_check_kept_group(const char *name);
const char *names_check_directory_or_file(const char *path);
const char *names_check_device(const char *path);
const char *names_check_shell(const char *path);
