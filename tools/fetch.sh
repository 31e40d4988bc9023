#!/bin/sh
# SPDX-License-Identifier: MIT
#
# fetch.sh DIR: bring the foreign sources listed in kernel/lib/third_party/SOURCES to DIR, one
# folder each, through the package client of this Debian system and with the mirrors that it is
# set up with. Each archive is checked against its SHA-256. Needs no root: lists and archives
# are kept beside DIR.
set -eu
cd "$(dirname "$0")/.."
list=kernel/lib/third_party/SOURCES
dest=$1
work=$dest/../apt
mkdir -p "$dest" "$work/archives/partial" "$work/src"
dest=$(cd "$dest" && pwd)
work=$(cd "$work" && pwd)
die() { echo "fetch: $*" >&2; exit 1; }
# One at a time: the builds of two architectures may both be the first.
exec 9>"$work/lock"
flock 9
command -v apt-get >/dev/null || die "no apt-get here; unpack the sources of $list yourself and give THIRD_PARTY=DIR"

# The machine's own Debian entries, as deb-src lines; the same mirror for another release.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	awk -v c="$codename" '($2 == c || $2 == c "-updates") && $3 == "main" && !seen[$0]++ { print "deb-src " $1, $2, $3 }' \
	>"$work/sources.list"
[ -s "$work/sources.list" ] || die "found no Debian mirror in the apt settings of this machine"

# Lists of one release each: the newest version of a package is looked for in the release that is meant.
release=$codename
select_release() {
	release=$1
	mkdir -p "$work/lists-$release/partial"
	if [ "$release" = "$codename" ]; then
		cp "$work/sources.list" "$work/sources-$release.list"
	else
		awk -v c="$codename" -v r="$release" '$3 == c { print $1, $2, r, $4 }' "$work/sources.list" \
			>"$work/sources-$release.list"
	fi
}
apt() {
	apt-get -q -o Dir::Etc::sourcelist="$work/sources-$release.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$work/lists-$release" -o Dir::Cache="$work" -o Dir::Cache::srcpkgcache= \
		-o Dir::Cache::pkgcache= -o APT::Sandbox::User=root "$@"
}

updated=
grep -v '^#' $list | while read -r name package archive patterns sum; do
	file=$work/src/$archive
	# Unpacked before, from the same archive: builds that run now go on reading it.
	[ "$(cat "$dest/$name.sum" 2>/dev/null)" != "$sum" ] || continue
	if ! echo "$sum  $file" | sha256sum -c --status 2>/dev/null; then
		case $package in */*) select_release "${package#*/}" ;; *) select_release "$codename" ;; esac
		package=${package%/*}
		case " $updated " in
		*" $release "*) ;;
		*) apt update >"$work/log" 2>&1 || { cat "$work/log" >&2; die "apt-get update failed"; } ;;
		esac
		updated="$updated $release"
		echo "fetch: $archive (Debian source package $package)"
		(cd "$work/src" && apt source --download-only "$package" </dev/null) >"$work/log" 2>&1 ||
			{ cat "$work/log" >&2; die "cannot fetch $package"; }
		echo "$sum  $file" | sha256sum -c --status || die "$archive: wrong SHA-256, or another version in this Debian"
	fi
	# Unpacked beside and moved into place, so that an interrupted run leaves nothing half done.
	rm -rf "$work/new"
	mkdir "$work/new"
	tar -xf "$file" -C "$work/new" --strip-components=1 --wildcards "$patterns"
	case $name in
	libfdt) from=$work/new/scripts/dtc/libfdt ;;
	zstd) from=$work/new/lib ;;
	*) from=$work/new ;;
	esac
	rm -rf "${dest:?}/$name"
	mv "$from" "$dest/$name"
	echo "$sum" >"$dest/$name.sum"
done
touch "$dest/stamp"
