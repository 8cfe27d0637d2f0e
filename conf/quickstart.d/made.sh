# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# What quickstart made, one line each in the order of making: KIND ARGUMENT. Undoing goes backwards,
# by the function undo_KIND. A line is written before the thing is made, so that no crash lies between
# them; undoing what is not there does nothing.

readonly made_list=$demo/made
made_before=0
held='' # the proof's login that stays a while

made() {
	grep -qxF -- "$*" "$made_list" 2>/dev/null || printf '%s\n' "$*" >>"$made_list"
}

is_made() {
	grep -qxF -- "$*" "$made_list" 2>/dev/null
}

# From here on a failure takes back what comes.
begin_making() {
	if [ ! -d "$demo" ]; then
		mkdir -m 0755 "$demo"
		: >"$made_list"
	fi
	made_before=$(wc -l <"$made_list")
	trap take_back EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP PIPE
}

end_making() {
	trap - EXIT INT TERM HUP PIPE
}

# The exit trap of a run that failed.
take_back() {
	local kept status=$?
	trap - EXIT INT TERM HUP PIPE
	set +e
	[ -n "$said" ] || printf 'quickstart: status %s of %s\n' "$status" "$failed_at" >&2
	printf 'quickstart: taking back what this run made\n' >&2
	[ -z "$held" ] || kill "$held" 2>/dev/null
	# A first run leaves no session behind; a later one leaves those of the installation that was.
	[ "$made_before" -gt 0 ] || [ ! -x "$sandboxctl" ] ||
		"$sandboxctl" drain --kill 0 >>"$log" 2>&1
	kept=$(mktemp /tmp/sandboxd-quickstart.XXXXXX)
	tail -n 200 "$demo_run"/*.log >"$kept" 2>/dev/null
	undo_from "$made_before"
	[ "$made_before" -gt 0 ] || rm -rf -- "$demo" "$demo_run"
	printf 'quickstart: what it and its programs logged is in %s\n' "$kept" >&2
	exit 1
}

# Undoes all but the first $1 lines.
undo_from() {
	local lines i
	[ -f "$made_list" ] || return 0
	mapfile -t lines <"$made_list"
	for ((i = ${#lines[@]} - 1; i >= $1; i--)); do
		# shellcheck disable=SC2086 # a kind and its argument; no argument has blanks
		undo_${lines[i]} || printf 'quickstart: could not undo "%s"\n' "${lines[i]}" >&2
		sed -i '$d' "$made_list"
	done
}

# Takes back what has KIND (a pattern), wherever it stands in the list.
undo_kind() {
	local lines line
	[ -f "$made_list" ] || return 0
	mapfile -t lines < <(grep -E "^($1) " "$made_list" | tac)
	for line in "${lines[@]}"; do
		# shellcheck disable=SC2086
		undo_$line
		grep -vxF -- "$line" "$made_list" >"$made_list.new" || true
		mv -- "$made_list.new" "$made_list"
	done
}

undo_file() {
	rm -f -- "$1"
}

# Only if nothing of anybody else has come into it.
undo_directory() {
	[ ! -d "$1" ] || rmdir --ignore-fail-on-non-empty -- "$1"
}

undo_process() {
	stop_process "$1"
}

undo_group() {
	! getent group "$1" >/dev/null || groupdel "$1"
}

# With the home, which useradd made (make_user refuses one that was there before).
undo_user() {
	getent passwd "$1" >/dev/null || return 0
	for _ in {1..50}; do
		pgrep -u "$1" >/dev/null || break
		sleep 0.1
	done
	pkill -KILL -u "$1" || true
	userdel --remove "$1" 2>>"$log"
}
