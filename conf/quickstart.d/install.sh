# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # names that the parts share
#
# Build in a directory of our own, install below /usr, put a config in place if there is none.

readonly build_dir=$demo/build
readonly installed=$demo/installed # the files that meson installed

build() {
	local pam_dir targets
	pam_dir=/usr/lib/$(gcc -print-multiarch)/security
	made tree "$build_dir"
	if [ ! -f "$build_dir/build.ninja" ]; then
		rm -rf -- "$build_dir"
		quietly "meson cannot set up the build" "read the lines above; meson 1.0 or newer is needed" \
			meson setup --prefix=/usr --sysconfdir=/etc -Dpamdir="$pam_dir" \
			"$build_dir" "$source_dir"
	fi
	# What is installed, and no test.
	mapfile -t targets < <(meson introspect --targets "$build_dir" | python3 -c '
import json, os, sys
print("\n".join(os.path.relpath(f, sys.argv[1]) for t in json.load(sys.stdin) if t["installed"] for f in t["filename"]))' "$build_dir")
	quietly "sandboxd does not compile" "read the lines above; is the source tree whole?" \
		ninja -C "$build_dir" "${targets[@]}"
}

install_files() {
	if [ ! -f "$installed" ] && [ -e /usr/sbin/sandboxd ]; then
		fail "/usr/sbin/sandboxd is there, and not by quickstart" \
			"remove that installation first, or use it: sandboxctl list"
	fi
	# First, since meson puts the sample there where nothing is.
	install_config
	made programs "$installed"
	# Kept before and after: an install that breaks off leaves a list of what it may have written.
	planned_files >"$installed"
	quietly "the programs cannot be installed" "is /usr writable?" \
		meson install -C "$build_dir" --no-rebuild
	grep -v '^#' "$build_dir/meson-logs/install-log.txt" | grep -vxF "$config" | sort -u >"$installed"
}

planned_files() {
	meson introspect --installed "$build_dir" | tr ',' '\n' | sed -n 's/.*": "\(\/[^"]*\)".*/\1/p'
}

install_config() {
	if [ -e "$config" ] && ! is_made config "$config"; then
		say "    $config is there already and stays as it is"
		return
	fi
	if [ -e "$config" ] && ! cmp -s "$config" "$demo/config"; then
		say "    $config was edited and stays as it is"
		return
	fi
	made directory "$(dirname "$config")"
	install -d -m 0755 "$(dirname "$config")"
	made file "$demo/config"
	grep -q '^users: ($' "$source_dir/conf/sandboxd.conf" ||
		fail "conf/sandboxd.conf has no line 'users: (' for the demo users" "restore that file"
	sed "/^users: (\$/a\\  { name = \"${users[1]}\"; scope = \"user\"; } # conf/quickstart" \
		"$source_dir/conf/sandboxd.conf" >"$demo/config"
	made config "$config"
	install -m 0644 "$demo/config" "$config"
}

# The one that we wrote; not one that the admin has edited since.
undo_config() {
	if cmp -s "$1" "$demo/config"; then
		rm -f -- "$1"
	elif [ -e "$1" ]; then
		say "    $1 was edited since and stays"
	fi
}

undo_programs() {
	local file directory
	[ -f "$1" ] || return 0
	while read -r file; do
		[ -d "$file" ] || rm -f -- "$file"
	done <"$1"
	for directory in /usr/libexec/sandboxd /usr/share/doc/sandboxd/examples /usr/share/doc/sandboxd; do
		undo_directory "$directory"
	done
	rm -f -- "$1"
	! has_systemd || systemctl daemon-reload
}

# Directories of ours alone.
undo_tree() {
	case $1 in
	"$demo"/?* | "$demo_run"/?*) rm -rf -- "$1" ;;
	*) return 1 ;;
	esac
}
