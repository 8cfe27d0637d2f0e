/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_INFINITY UINT64_MAX

/* Microseconds of CLOCK_MONOTONIC: deadlines. A step of the wall clock does not move it. */
uint64_t clock_monotonic(void);

/* Microseconds of CLOCK_REALTIME: only for what is shown or recorded for people. */
uint64_t clock_realtime(void);
