# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# The broker: by its unit where systemd is PID 1, otherwise as a plain process. Starting it again ends
# no session, so every run does.

readonly run_dir=/run/sandboxd
readonly state_dir=/var/lib/sandboxd

start_service() {
	make_group
	# The broker makes both where they are missing; what was there before is not ours to remove.
	[ -e "$state_dir" ] || made state "$state_dir"
	[ -e "$run_dir" ] || made state "$run_dir"
	if has_systemd; then
		made unit sandboxd.service
		systemctl daemon-reload
		quietly "the run directories cannot be made" "read the lines above" \
			systemd-tmpfiles --create sandboxd.conf
		quietly "the service does not start" "journalctl -u sandboxd" \
			systemctl enable sandboxd.service
		quietly "the service does not start" "journalctl -u sandboxd" \
			systemctl restart sandboxd.service
	else
		install -d -m 0711 "$run_dir" "$state_dir"
		if ! is_running "$demo_run/sandboxd.pid" && "$sandboxctl" list >/dev/null 2>&1; then
			fail "a broker that quickstart did not start answers already" \
				"end it (it is the process that holds $run_dir/sandboxd.sock), then try again"
		fi
		stop_process sandboxd
		start_process sandboxd /usr/sbin/sandboxd -c "$config"
	fi
	wait_for_broker
}

wait_for_broker() {
	for _ in {1..100}; do
		! "$sandboxctl" list >/dev/null 2>&1 || return 0
		if ! has_systemd && ! is_running "$demo_run/sandboxd.pid"; then
			break
		fi
		sleep 0.1
	done
	if has_systemd; then
		journalctl -q -u sandboxd -n 20 --no-pager >&2 || true
	else
		tail -n 20 "$demo_run/sandboxd.log" >&2
	fi
	fail "the broker does not answer" "its last lines are above: they say what it lacks on this host"
}

make_group() {
	getent group "$group" >/dev/null && return
	made group "$group"
	groupadd --system "$group"
}

undo_unit() {
	systemctl disable --now "$1" 2>>"$log"
}

# Kept where a student's images lie in it, or where something is still mounted.
undo_state() {
	[ -d "$1" ] || return 0
	if grep -qF " $1/" /proc/self/mounts; then
		say "    $1 has mounts in it and stays: is a sandbox still there?"
	elif [ -n "$(find "$1" -mindepth 4 -path '*/users/*/store/*' -print -quit)" ]; then
		say "    $1 holds users' images and stays"
	else
		rm -rf --one-file-system -- "$1"
	fi
}
