# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# Names, messages, and what every step needs.

group=sandboxed
said='' # 1: the failure has been explained
port=2222
readonly users=(sandbox-demo sandbox-demo2) # scope session, scope user
readonly demo=/var/lib/sandboxd-demo        # what outlives a boot
readonly demo_run=/run/sandboxd-demo        # pid files, logs
readonly log=$demo_run/quickstart.log
readonly config=/etc/sandboxd/sandboxd.conf
readonly sandboxctl=/usr/sbin/sandboxctl
readonly entering_line=$source_dir/conf/pam/entering
readonly namespaces=(user mnt pid ipc uts net cgroup)

say() {
	printf '%s\n' "$*"
}

# What went wrong, and what to do about it. The exit trap takes back what this run made.
fail() {
	said=1
	printf '\nquickstart: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'remedy: %s\n' "$2" >&2
	exit 1
}

# A step with its name; what it does is a function.
step() {
	printf '==> %s\n' "$1"
	"$2"
}

# A command whose output nobody wants to read unless it fails: WHAT, REMEDY, COMMAND...
quietly() {
	local what=$1 remedy=$2
	shift 2
	printf '+ %s\n' "$*" >>"$log"
	if ! "$@" >>"$log" 2>&1 9>&-; then
		tail -n 20 "$log" >&2
		fail "$what" "$remedy"
	fi
}

has_systemd() {
	[ -d /run/systemd/system ]
}

is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]
}

# Start time of process $1 in clock ticks, or nothing: with it a number that was reused is not
# taken for the process that had it before (proc(5), field 22).
start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	# shellcheck disable=SC2086 # the fields behind the name
	set -- $stat
	printf '%s' "${20}"
}

# True if the process that the file $1 names ("PID START") still runs; its number is then in $pid.
is_running() {
	local start
	[ -f "$1" ] || return 1
	read -r pid start <"$1"
	[ -n "$start" ] && [ "$(start_time "$pid")" = "$start" ]
}

# Starts a program with nothing of ours but its log: NAME COMMAND...
start_process() {
	local name=$1
	shift
	(
		cd /
		umask 022
		exec setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" \
			</dev/null >>"$demo_run/$name.log" 2>&1 9>&-
	) &
	pid=$!
	printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$demo_run/$name.pid"
	made process "$name"
}

# Ends what start_process started.
stop_process() {
	local file=$demo_run/$1.pid
	if is_running "$file"; then
		kill -TERM "$pid"
		for _ in {1..100}; do
			is_running "$file" || break
			sleep 0.1
		done
		! is_running "$file" || kill -KILL "$pid"
	fi
	rm -f -- "$file"
}

be_root() {
	[ "$(id -u)" = 0 ] || fail "only root can install a login service" "sudo $0"
}

be_alone() {
	install -d -m 0755 "$demo_run"
	exec 9>>"$demo_run/lock"
	flock -n 9 || fail "another quickstart is running" "wait until it has ended"
	: >>"$log"
}

check_host() {
	local release major minor id version
	# shellcheck source=/dev/null
	id=$(. /etc/os-release && printf '%s' "$ID")
	# shellcheck source=/dev/null
	version=$(. /etc/os-release && printf '%s' "${VERSION_ID-}")
	case "$id $version" in
	"debian 12" | "debian 13") ;;
	*) fail "this is $id $version; sandboxd is made for Debian 12 and 13" "use one of those" ;;
	esac
	release=$(uname -r)
	major=${release%%.*}
	minor=${release#*.}
	minor=${minor%%[!0-9]*}
	((major > 6 || (major == 6 && minor >= 1))) ||
		fail "kernel $release is older than 6.1" "boot the distribution's own kernel"
	[ "$(cat /proc/sys/user/max_user_namespaces)" -gt 0 ] ||
		fail "user namespaces are switched off" "sysctl user.max_user_namespaces=65536"
}
