/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every signal gets its default action, those too that the C library keeps for itself and that a
 * caller may have ignored. The mask is not touched.
 */
void signals_reset(void);
