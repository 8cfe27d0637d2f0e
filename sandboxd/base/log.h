/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one line a message, to stderr. Under systemd (JOURNAL_STREAM is set) each line carries
 * its priority as sd-daemon(3) describes, so that the journal sorts it. Control characters are
 * replaced: what a user named cannot forge a line. A message is logged once, where an error stops
 * travelling.
 */
#pragma once

#include <syslog.h>

/* Chooses the form of the lines; NAME stands before each when there is no journal. */
void log_open(const char *name, int show_debug);

void log_write(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for each line of TEXT. */
void log_lines(int priority, const char *text);

#define log_error(...) log_write(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
