/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program: "leaf wait" sleeps until a signal, anything else exits at once. Static. */
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc > 1 && argv[1][0] == 'w')
		pause();
	return 0;
}
