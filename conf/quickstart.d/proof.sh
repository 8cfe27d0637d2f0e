# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# Logs in by ssh, asks each login where it is, and compares that with the host and with one another.
# Any namespace that is the host's is a failure.

readonly probe=$source_dir/conf/quickstart.d/probe
declare -A seen # "PLACE KEY" -> value

# Reads a probe's answer from standard input as place $1.
note() {
	local key value
	while IFS='=' read -r key value; do
		seen["$1 $key"]=$value
	done
	[ -n "${seen["$1 end"]-}" ]
}

look_in() {
	"${demo_ssh[@]}" "$2" sh -s <"$probe" >"$demo_run/$1.probe" 2>>"$log" 9>&- &&
		note "$1" <"$demo_run/$1.probe"
}

refused() {
	cat "$demo_run"/*.probe >&2 2>/dev/null || true
	tail -n 10 "$demo_run/sshd.log" "$demo_run/sandboxd.log" >&2 2>/dev/null || true
	fail "$1 could not log in" "the last lines of sshd and the broker are above; is the broker draining (sandboxctl drain --off)?"
}

prove() {
	local place
	note host < <(sh -s <"$probe")
	# A session that stays while a second one of the same user comes.
	{ cat "$probe"; echo 'exec sleep 60'; } >"$demo_run/held"
	"${demo_ssh[@]}" "${users[0]}" sh -s <"$demo_run/held" >"$demo_run/first.probe" 2>>"$log" 9>&- &
	held=$!
	for _ in {1..200}; do
		! grep -qs '^end=' "$demo_run/first.probe" || break
		kill -0 "$held" 2>/dev/null || break
		sleep 0.1
	done
	note first <"$demo_run/first.probe" || refused "${users[0]}"
	look_in second "${users[0]}" || refused "${users[0]}"
	look_in other "${users[1]}" || refused "${users[1]}"
	look_in again "${users[1]}" || refused "${users[1]}"
	print_places
	say
	"$sandboxctl" list
	say
	kill "$held" 2>/dev/null || true
	wait "$held" 2>/dev/null || true
	held=
	for place in first second other again; do
		check_boxed "$place"
	done
	check_scopes
	say "    proved: in four logins none of the seven namespaces was the host's, and PID 1 was sandbox-init"
}

row() {
	printf '    %-10s %-26.26s %-26.26s %.26s\n' "$@"
}

setting() {
	"$sandboxctl" show "$1" | awk -v key="$2" '$1 == key { gsub(/"/, "", $2); print $2 }'
}

print_places() {
	local key quota
	say
	row "" "this host" "${users[0]}" "${users[1]}"
	for key in "${namespaces[@]}" hostname id address first processes homes; do
		row "${key/#first/PID 1}" "${seen["host $key"]-}" "${seen["first $key"]-}" "${seen["other $key"]-}"
	done
	row scope - "$(setting "${users[0]}" scope)" "$(setting "${users[1]}" scope)"
	for key in host first other; do
		printf '    id map     %s: %s\n' "${seen["$key id"]#* }" "${seen["$key map"]//,/, }"
	done
	for quota in memory cpus pids tmp; do
		row "$quota" - "$(setting "${users[0]}" "quota.$quota")" \
			"$(setting "${users[1]}" "quota.$quota")"
	done
}

check_boxed() {
	local key user=${users[0]}
	[[ $1 == other || $1 == again ]] && user=${users[1]}
	for key in "${namespaces[@]}"; do
		[[ ${seen["$1 $key"]} =~ ^[a-z]+:\[[0-9]+\]$ && ${seen["$1 $key"]} != "${seen["host $key"]}" ]] ||
			fail "NOT BOXED: the $key namespace of a login of $user is the host's" \
				"do not use this installation; report it with $log"
	done
	[ "${seen["$1 first"]}" = sandbox-init ] ||
		fail "PID 1 of a login of $user is ${seen["$1 first"]}, not sandbox-init" "report it"
	[ "${seen["$1 id"]}" = "$(id -u "$user"):$(id -g "$user") $user" ] ||
		fail "$user is ${seen["$1 id"]} inside" "report it"
	[ "${seen["$1 homes"]}" = "$user" ] ||
		fail "$user sees the homes: ${seen["$1 homes"]}" "report it"
}

# Session: two logins, two sandboxes. User: two logins, one sandbox.
check_scopes() {
	[ "${seen["first pid"]}" != "${seen["second pid"]}" ] ||
		[ "$(setting "${users[0]}" scope)" != session ] ||
		fail "two sessions of ${users[0]} shared a sandbox in scope session" "report it"
	[ "${seen["other pid"]}" = "${seen["again pid"]}" ] ||
		[ "$(setting "${users[1]}" scope)" != user ] ||
		fail "two sessions of ${users[1]} did not share a sandbox in scope user" "report it"
}

say_what_next() {
	cat <<-END

		Log in yourself:      ssh -F $ssh_config ${users[0]}
		See what runs:        sandboxctl list
		One user's settings:  sandboxctl show ${users[0]}
		Change them:          edit $config, then sandboxctl reload
		Box a user of yours:  usermod -aG $group NAME, then conf/quickstart --enable
		Take all back:        conf/quickstart --remove
	END
}
