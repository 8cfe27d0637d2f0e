/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where PID 1 waits: a second waitid(2) elsewhere would take what this one must see.
 */
#include "init/reap.h"

#include <errno.h>
#include <sys/wait.h>

#include "init/door.h"

bool reap_all(void)
{
	for (;;) {
		siginfo_t info = {0};

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0)
			return errno != ECHILD;
		if (info.si_pid == 0)
			return true;
		door_on_exit(info.si_pid, info.si_code != CLD_EXITED, info.si_status);
	}
}
