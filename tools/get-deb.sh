#!/bin/sh
# SPDX-License-Identifier: MIT
#
# get-deb.sh ARCH PACKAGE: print the folder that holds an unpacked Debian package of that
# architecture, fetching it first when the cache has none. Nothing is installed on this system,
# and no root is needed: apt works on lists of its own, with the mirrors this system is set up
# with. `linux-image-ARCH' resolves to the real kernel package behind it, and its kernel is
# named vmlinuz in the folder.
#
# get-deb.sh -d ARCH PACKAGE...: print the .deb files of the packages and of all they depend upon,
# fetching those that are missing, what is depended upon first where that has an order.
set -eu
debs=
if [ "$1" = -d ]; then debs=1; shift; fi
arch=$1
pkg=$2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/aramid
apt=$cache/apt-$arch
dest=$cache/deb/$arch/$pkg
die() { echo "get-deb: $*" >&2; exit 1; }

if [ -z "$debs" ] && [ -e "$dest/.complete" ]; then
	echo "$dest"
	exit 0
fi
mkdir -p "$cache/deb/$arch" "$apt/lists/partial" "$apt/archives/partial"
exec 9>"$apt/lock"
flock 9
if [ -z "$debs" ] && [ -e "$dest/.complete" ]; then	# another run was quicker
	echo "$dest"
	exit 0
fi

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	awk -v c="$codename" -v a="$arch" 'index($2, c) == 1 && $2 !~ /backports/ && $3 == "main" &&
		$2 ~ "^" c "(-updates|-security)?$" && !seen[$0]++ { print "deb [arch=" a "] " $1, $2, $3 }' >"$apt/sources.list"
[ -s "$apt/sources.list" ] || die "found no Debian mirror in the apt settings of this machine"
touch "$apt/status"
run() {
	apt-get -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::status="$apt/status" \
		-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" -o APT::Sandbox::User=root "$@"
}
cached() {
	apt-cache -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::status="$apt/status" \
		-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt" "$@"
}
quiet() { "$@" >"$apt/log" 2>&1 || { cat "$apt/log" >&2; die "$* failed"; }; }

# Lists a day old are good enough; a version that has gone from the mirror shows as an error.
if [ -z "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ]; then
	quiet run update
	touch "$apt/updated"
fi
# An empty list of installed packages makes apt resolve the whole tree below them.
if [ -n "$debs" ]; then
	shift
	[ -t 2 ] && echo "get-deb: fetching $* and what they need ($arch)" >&2
	quiet run -y --no-install-recommends --download-only install "$@"
	run -y --no-install-recommends --simulate install "$@" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([^]]*\)\]).*/\1 \2 \3/p' | while read -r name version a; do
		case $version in *:*) version=${version%%:*}%3a${version#*:} ;; esac
		file=$apt/archives/${name%:*}_${version}_$a.deb
		[ -e "$file" ] || die "$file: not there after the download"
		echo "$file"
	done
	exit 0
fi
real=$pkg
case $pkg in
linux-image-*) real=$(cached depends "$pkg" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1) ;;
esac
[ -n "$real" ] || die "$pkg: no such package for $arch"
[ -t 2 ] && echo "get-deb: fetching $real ($arch)" >&2
new=$apt/new.$$
rm -rf "$new"
mkdir -p "$new/files"
if [ -t 2 ]; then
	(cd "$new" && run download "$real" >&2) || die "cannot download $real"
else
	(cd "$new" && quiet run download "$real")
fi
# A kernel package also carries hundreds of MB of modules: only the kernel itself is wanted.
case $pkg in
linux-image-*)
	dpkg --fsys-tarfile "$new"/*.deb | tar -x -C "$new/files" --wildcards './boot/*'
	mv "$new/files/boot"/vmlinuz-* "$new/files/vmlinuz"
	;;
*) dpkg -x "$new"/*.deb "$new/files" ;;
esac
basename "$new"/*.deb >"$new/files/.complete"
rm -rf "$dest"
mv "$new/files" "$dest"
rm -rf "$new"
echo "$dest"
