/* SPDX-License-Identifier: Apache-2.0 */
#include "base/signals.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

void signals_reset(void)
{
	/* The kernel's own struct, larger than any: all zero is SIG_DFL, no flags, an empty mask.
	 */
	static const unsigned long action[8];
	const unsigned long mask_size = 8;

	for (int signal = 1; signal < NSIG; signal++)
		syscall(SYS_rt_sigaction, signal, action, NULL, mask_size);
}
