# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# What building and the demo need. Packages stay at --remove: others may use them by then.

readonly packages=(
	gcc libc6-dev meson ninja-build pkgconf check
	libpam0g-dev libsystemd-dev libconfig-dev libcap-ng-dev libseccomp-dev libnl-route-3-dev
	libnftables-dev libsubid-dev libjansson-dev
	openssh-server openssh-client iproute2 util-linux passwd procps
)

readonly policy=/usr/sbin/policy-rc.d

install_packages() {
	local missing=() package
	for package in "${packages[@]}"; do
		is_installed "$package" || missing+=("$package")
	done
	if [ ${#missing[@]} -eq 0 ]; then
		say "    all there"
		return
	fi
	say "    installing ${missing[*]}"
	# A host without sshd does not get one that listens to the world: only ours is started.
	if [[ " ${missing[*]} " == *" openssh-server "* ]]; then
		hold_back_services
	fi
	export DEBIAN_FRONTEND=noninteractive
	quietly "the package lists cannot be fetched" "check the network and /etc/apt/sources.list" \
		apt-get -q update
	quietly "packages cannot be installed" "run apt-get install ${missing[*]}" \
		apt-get -q -y --no-install-recommends install "${missing[@]}"
	undo_kind policy
}

hold_back_services() {
	[ ! -e "$policy" ] || return 0
	made policy "$policy"
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	say "    openssh-server is new here: its own sshd is not started now, but will be at the next boot"
}

undo_policy() {
	rm -f -- "$1"
}
