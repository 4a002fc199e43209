# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Packages, compilers, test modules and the initramfs for a guest. Everything
# that is downloaded or made lies below build/guest/ of the checkout.

GUEST_DIR=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$GUEST_DIR/../.." && pwd)
CACHE=$TOP/build/guest
KEYRING=${GUEST_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
TOOLS_SUITE=bookworm		# where the guest's busybox and trace-cmd come from

die()
{
	echo "${0##*/}: $*" >&2
	exit 2
}

say()
{
	echo "${0##*/}: $*" >&2
}

need()
{
	for tool; do
		command -v "$tool" >/dev/null ||
			die "$tool not found, see scripts/guest/README.md"
	done
}

# suite_of KERNEL: the Debian suite that ships it
suite_of()
{
	case $1 in
	5.10) echo bullseye ;;
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	sid) echo sid ;;
	*) die "unknown kernel '$1', have 5.10 6.1 6.12 sid" ;;
	esac
}

# load_arch ARCH
load_arch()
{
	ARCH=$1
	[ -f "$GUEST_DIR/arch/$ARCH.sh" ] ||
		die "unknown architecture '$ARCH', have" \
		    "$(cd "$GUEST_DIR/arch" && echo *.sh | sed 's/\.sh//g')"
	# shellcheck source=/dev/null
	. "$GUEST_DIR/arch/$ARCH.sh"
	HOST_ARCH=$(dpkg --print-architecture)
}

# ---- packages ---------------------------------------------------------------

# The mirror that this machine's apt uses for Debian
mirror()
{
	if [ -n "${GUEST_MIRROR:-}" ]; then
		echo "$GUEST_MIRROR"
		return
	fi
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 2>/dev/null |
		sed -n 's#^\(https\{0,1\}://.*/debian\)/*$#\1#p' |
		grep . || echo http://deb.debian.org/debian
}

# apt_do TOOL SUITE ARCH ARGS...: apt with state and sources of its own, that
# believes that nothing is installed
apt_do()
{
	apt_tool=$1
	apt_dir=$CACHE/apt/$2-$3
	shift 3
	$apt_tool -c "$apt_dir/apt.conf" "$@"
}

# apt_setup SUITE ARCH
apt_setup()
{
	apt_dir=$CACHE/apt/$1-$2
	[ -f "$apt_dir/ready" ] && return
	[ -f "$KEYRING" ] ||
		die "no $KEYRING, install debian-archive-keyring"
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	: >"$apt_dir/status"
	cat >"$apt_dir/apt.conf" <<-CONF
		#clear APT::Architectures;
		APT::Architecture "$2";
		APT::Architectures { "$2"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Debug::NoLocking "true";
		Dir::State "$apt_dir";
		Dir::State::status "$apt_dir/status";
		Dir::Cache "$apt_dir/cache";
		Dir::Etc::sourcelist "$apt_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
	CONF
	# an old suite leaves the mirrors for the archive one day
	for apt_site in "$(mirror | head -n 1)" \
			"${GUEST_ARCHIVE:-http://archive.debian.org/debian}"; do
		apt_valid=
		case $apt_site in
		*archive*) apt_valid=" check-valid-until=no" ;;
		esac
		echo "deb [signed-by=$KEYRING$apt_valid] $apt_site $1 main" \
			>"$apt_dir/sources.list"
		if apt_do apt-get "$1" "$2" -qq update >"$apt_dir/log" 2>&1; then
			: >"$apt_dir/ready"
			return
		fi
		sed 's/^/  /' "$apt_dir/log" >&2
		say "$1/$2: not to be had from $apt_site"
	done
	die "cannot read the package lists of Debian $1 for $2"
}

# depends SUITE ARCH PACKAGE: its Depends line
depends()
{
	apt_do apt-cache "$1" "$2" show --no-all-versions "$3" 2>/dev/null |
		sed -n 's/^Depends: //p'
}

# kernel_release SUITE: the newest one, e.g. 6.1.0-50-amd64
kernel_release()
{
	kr=$(depends "$1" "$DEB_ARCH" "linux-headers-$FLAVOUR" | tr ',' '\n' |
	     sed -n 's/^ *linux-headers-\([0-9][^ ]*\).*/\1/p' | head -n 1)
	[ -n "$kr" ] || die "Debian $1 has no linux-headers-$FLAVOUR for $DEB_ARCH"
	echo "$kr"
}

# unpack ROOT SUITE ARCH [PACKAGE...] -- [PACKAGE...]
# Packages before the -- come with all that they depend on.
unpack()
{
	up_root=$CACHE/root/$1 up_suite=$2 up_arch=$3
	shift 3
	up_deep='' up_plain='' up_list=deep
	for up_pkg; do
		case $up_pkg in
		--) up_list=plain ;;
		*) eval "up_$up_list=\"\$up_$up_list $up_pkg\"" ;;
		esac
	done
	up_debs=$up_root.debs
	rm -rf "$up_debs"
	mkdir -p "$up_debs/partial"
	say "downloading for ${up_root##*/}:$up_deep$up_plain"
	if [ -n "$up_deep" ]; then
		# shellcheck disable=SC2086
		apt_do apt-get "$up_suite" "$up_arch" -qq -y --download-only \
			-o Dir::Cache::archives="$up_debs" install $up_deep \
			>"$up_root.log" 2>&1 || {
			sed 's/^/  /' "$up_root.log" >&2
			die "cannot download$up_deep"
		}
	fi
	if [ -n "$up_plain" ]; then
		# shellcheck disable=SC2086
		(cd "$up_debs" &&
		 apt_do apt-get "$up_suite" "$up_arch" -qq download $up_plain) \
			>"$up_root.log" 2>&1 || {
			sed 's/^/  /' "$up_root.log" >&2
			die "cannot download$up_plain"
		}
	fi
	for up_dir in bin sbin lib lib64; do
		mkdir -p "$up_root/usr/$up_dir"
		[ -e "$up_root/$up_dir" ] ||
			ln -s "usr/$up_dir" "$up_root/$up_dir"
	done
	for up_deb in "$up_debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$up_deb" |
			tar -x --keep-directory-symlink -C "$up_root" ||
			die "cannot unpack $up_deb"
	done
	rm -rf "$up_debs" "$up_root.log"
}

# prepared ROOT: is it there? Half of one is thrown away.
prepared()
{
	[ -f "$CACHE/root/$1/.ready" ] && return 0
	rm -rf "$CACHE/root/$1"
	mkdir -p "$CACHE/root/$1"
	return 1
}

# ---- kernel, compiler, test modules -------------------------------------------

# get_kernel KERNEL: sets RELEASE and KIMAGE; all the files are in KROOT
get_kernel()
{
	gk_suite=$(suite_of "$1") || exit
	gk_root=kernel-$ARCH-$FLAVOUR-$1
	KROOT=$CACHE/root/$gk_root
	if ! prepared "$gk_root"; then
		apt_setup "$gk_suite" "$DEB_ARCH"
		RELEASE=$(kernel_release "$gk_suite") || exit
		# newer ones are split in binary and modules
		gk_parts=$(depends "$gk_suite" "$DEB_ARCH" "linux-image-$RELEASE" |
			   tr ',' '\n' |
			   sed -n 's/^ *\(linux-\(base\|binary\|modules\)-[^ ]*\).*/\1/p')
		# shellcheck disable=SC2086
		unpack "$gk_root" "$gk_suite" "$DEB_ARCH" -- \
			"linux-image-$RELEASE" $gk_parts
		depmod -b "$KROOT" "$RELEASE" || die "depmod failed"
		echo "$RELEASE" >"$KROOT/.ready"
	fi
	read -r RELEASE <"$KROOT/.ready"
	KIMAGE=$KROOT/boot/$KERNEL_IMAGE-$RELEASE
	[ -f "$KIMAGE" ] || KIMAGE=$KROOT/lib/modules/$RELEASE/$KERNEL_IMAGE
}

# get_compiler KERNEL: a root to chroot into, with make, gcc and headers; BROOT
get_compiler()
{
	gc_suite=$(suite_of "$1") || exit
	gc_root=build-$ARCH-$FLAVOUR-$1
	BROOT=$CACHE/root/$gc_root
	prepared "$gc_root" && return
	apt_setup "$gc_suite" "$HOST_ARCH"
	apt_setup "$gc_suite" "$DEB_ARCH"
	gc_deps=$(depends "$gc_suite" "$DEB_ARCH" "linux-headers-$RELEASE")
	[ -n "$gc_deps" ] || die "no linux-headers-$RELEASE in Debian $gc_suite," \
				 "remove $CACHE to begin anew"
	gc_common=$(echo "$gc_deps" | tr ',' '\n' |
		    sed -n 's/^ *\(linux-headers-[^ ]*-common[^ ]*\).*/\1/p')
	gc_kbuild=$(echo "$gc_deps" | tr ',' '\n' |
		    sed -n 's/^ *\(linux-kbuild-[^ ]*\).*/\1/p')
	gc_gcc=$(echo "$gc_deps" | sed -n 's/.*\(gcc-[0-9]*\).*/\1/p')
	[ "$DEB_ARCH" = "$HOST_ARCH" ] || gc_gcc=$gc_gcc-$(echo "$CROSS" | tr _ -)
	unpack "$gc_root" "$gc_suite" "$HOST_ARCH" "$gc_gcc" "$gc_kbuild" make \
		bash coreutils dash diffutils findutils grep gzip mawk perl-base \
		sed xz-utils --
	unpack "$gc_root" "$gc_suite" "$DEB_ARCH" -- \
		"linux-headers-$RELEASE" "$gc_common"
	[ -e "$BROOT/usr/bin/sh" ] || ln -s dash "$BROOT/usr/bin/sh"
	[ -e "$BROOT/usr/bin/awk" ] || ln -s mawk "$BROOT/usr/bin/awk"
	mkdir -p "$BROOT/dev" "$BROOT/tmp" "$BROOT/proc/self"
	# newer objtool looks up its stack, to tell an overflow; any will do
	cat /proc/self/maps >"$BROOT/proc/self/maps"
	: >"$BROOT/.ready"
}

# in_root ROOT COMMAND...
in_root()
{
	ir_root=$1
	shift
	if [ "$(id -u)" -eq 0 ]; then
		[ -c "$ir_root/dev/null" ] ||
			mknod -m 666 "$ir_root/dev/null" c 1 3 || return
		env -i PATH=/usr/bin:/usr/sbin chroot "$ir_root" "$@"
	else
		# shellcheck disable=SC2016
		unshare --map-root-user --mount sh -c '
			mount --rbind /dev "$1/dev" || exit
			root=$1
			shift
			exec env -i PATH=/usr/bin:/usr/sbin \
				/usr/sbin/chroot "$root" "$@"
		' sh "$ir_root" "$@"
	fi
}

# make_modules [ARGUMENT...]: of what lies in the compiler's /src
make_modules()
{
	in_root "$BROOT" make -C "/usr/src/linux-headers-$RELEASE" M=/src \
		${bm_cross:+"$bm_cross"} "$@" modules >>"$KMTEST/log" 2>&1 || {
		cat "$KMTEST/log" >&2
		die "cannot build the test modules for $RELEASE"
	}
}

# build_modules KERNEL: sets KMTEST, the folder with the .ko files
build_modules()
{
	KMTEST=$CACHE/kmtest/$ARCH-$FLAVOUR-$1
	bm_sum=$(cat "$GUEST_DIR"/kmtest/* | cksum)
	[ "$(cat "$KMTEST/.sum" 2>/dev/null)" = "$bm_sum $RELEASE" ] && return
	get_compiler "$1"
	say "building the test modules for $RELEASE"
	rm -rf "$BROOT/src" "$KMTEST"
	mkdir -p "$BROOT/src" "$KMTEST"
	cp "$GUEST_DIR"/kmtest/* "$BROOT/src/"
	bm_cross=
	[ "$DEB_ARCH" = "$HOST_ARCH" ] || bm_cross=CROSS_COMPILE=$CROSS-
	make_modules
	cp "$BROOT"/src/*.ko "$KMTEST/"
	# the same once more, under its own name, with the leak
	make_modules KCFLAGS=-DKMLEAK_BUG
	cp "$BROOT/src/kmleak.ko" "$KMTEST/kmleak-bug.ko"
	echo "$bm_sum $RELEASE" >"$KMTEST/.sum"
}

# ---- initramfs ----------------------------------------------------------------

# get_tools: busybox and trace-cmd of the guest's architecture; TROOT
get_tools()
{
	TROOT=$CACHE/root/tools-$DEB_ARCH
	prepared "tools-$DEB_ARCH" && return
	apt_setup "$TOOLS_SUITE" "$DEB_ARCH"
	unpack "tools-$DEB_ARCH" "$TOOLS_SUITE" "$DEB_ARCH" \
		trace-cmd busybox-static --
	: >"$TROOT/.ready"
}

# get_sysroot: the libraries and headers that modmem is built with; SYSROOT
get_sysroot()
{
	SYSROOT=$CACHE/root/dev-$DEB_ARCH
	prepared "dev-$DEB_ARCH" && return
	apt_setup "$TOOLS_SUITE" "$DEB_ARCH"
	unpack "dev-$DEB_ARCH" "$TOOLS_SUITE" "$DEB_ARCH" libc6-dev libtraceevent-dev \
		libtracefs-dev libsmartcols-dev libjansson-dev libncurses-dev libdw-dev \
		libelf-dev libzstd-dev liblzma-dev zlib1g-dev libxxhash-dev --
	: >"$SYSROOT/.ready"
}

# elf_machine FILE: "Advanced Micro Devices X86-64"
elf_machine()
{
	readelf -h "$1" 2>/dev/null | sed -n 's/^ *Machine: *//p'
}

# add_libs FILE ROOT FROM: the libraries that FILE needs, looked for below FROM,
# where there may be those of other architectures, too
add_libs()
{
	al_machine=$(elf_machine "$1")
	for al_so in $(readelf -Wdl "$1" 2>/dev/null |
		       sed -n -e 's/.*(NEEDED).*\[\(.*\)\]/\1/p' \
			      -e 's/.*program interpreter: .*\/\(.*\)\]/\1/p'); do
		find "$2" -name "$al_so" | grep -q . && continue
		al_path=$(find "$3/usr/lib" "$3/usr/lib64" -name "$al_so" 2>/dev/null |
			  while read -r al_found; do
				[ "$(elf_machine "$al_found")" != "$al_machine" ] ||
					echo "$al_found"
			  done | head -n 1)
		[ -n "$al_path" ] || die "$al_so, needed by $1, not found"
		al_dir=$2${al_path#"$3"}
		mkdir -p "${al_dir%/*}"
		cp -L "$al_path" "$al_dir"
		add_libs "$al_dir" "$2" "$3"
	done
}

# add_modules ROOT MODULE...: with what they depend on, decompressed
add_modules()
{
	am_root=$1
	shift
	for am_name; do
		am_deps=$(modprobe -d "$KROOT" -S "$RELEASE" --show-depends \
			  "$am_name") || die "no module $am_name in $RELEASE"
		for am_ko in $(echo "$am_deps" | sed -n 's/^insmod \([^ ]*\).*/\1/p'); do
			am_to=$am_root${am_ko#"$KROOT"}
			mkdir -p "${am_to%/*}"
			case $am_ko in
			*.xz) xz -dc "$am_ko" >"${am_to%.xz}" ;;
			*.zst) zstd -qdc "$am_ko" >"${am_to%.zst}" ;;
			*) cp "$am_ko" "$am_to" ;;
			esac || die "cannot unpack $am_ko"
		done
	done
	am_meta=$am_root/usr/lib/modules/$RELEASE
	mkdir -p "$am_meta"
	cp "$KROOT/lib/modules/$RELEASE/modules.order" \
	   "$KROOT/lib/modules/$RELEASE/modules.builtin" \
	   "$KROOT/lib/modules/$RELEASE/modules.builtin.modinfo" "$am_meta/"
	depmod -b "$am_root" "$RELEASE" || die "depmod failed"
}

# initramfs FILE: from RELEASE, KMTEST, TROOT, SCENARIOS, ADD_MODULES, ADD_FILES
initramfs()
{
	if_root=$(mktemp -d "$CACHE/initramfs.XXXXXX") || exit 2
	for if_dir in bin sbin lib lib64; do
		mkdir -p "$if_root/usr/$if_dir"
		ln -s "usr/$if_dir" "$if_root/$if_dir"
	done
	mkdir -p "$if_root/proc" "$if_root/sys" "$if_root/dev" "$if_root/tmp" \
		"$if_root/out" "$if_root/etc" "$if_root/modules" \
		"$if_root/run" "$if_root/newroot" \
		"$if_root/scenario" "$if_root/usr/bin"
	cp "$GUEST_DIR/init" "$if_root/init"
	cp "$GUEST_DIR/functions.sh" "$GUEST_DIR/small-kallsyms" \
		"$if_root/scenario/"
	cp "$KMTEST"/*.ko "$if_root/modules/"
	cp "$TROOT/usr/bin/busybox" "$TROOT/usr/bin/trace-cmd" "$if_root/usr/bin/"
	ln -s busybox "$if_root/usr/bin/sh"
	add_libs "$if_root/usr/bin/trace-cmd" "$if_root" "$TROOT"
	for if_file in $ADD_FILES; do
		cp "$if_file" "$if_root/usr/bin/"
		# of another architecture it was built with those of get_sysroot()
		if_from=
		[ "$DEB_ARCH" = "$HOST_ARCH" ] || if_from=$CACHE/root/dev-$DEB_ARCH
		add_libs "$if_file" "$if_root" "$if_from"
	done
	# shellcheck disable=SC2086
	add_modules "$if_root" $BOOT_MODULES $SHARE_MODULES $ADD_MODULES
	: >"$if_root/etc/scenarios"
	for if_file in $SCENARIOS; do
		cp "$if_file" "$if_root/scenario/"
		echo "${if_file##*/}" >>"$if_root/etc/scenarios"
	done
	{
		echo "SHARE=$SHARE"
		echo "BOOT_MODULES='$BOOT_MODULES $SHARE_MODULES'"
		echo "GUEST_ARCH=$ARCH"
	} >"$if_root/etc/guest.conf"
	# the dynamic loader has to lie where the programs say
	if_ld=$(readelf -Wl "$TROOT/usr/bin/trace-cmd" |
		sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
	if_file=$(find "$if_root/usr" -name "${if_ld##*/}" | head -n 1)
	[ -e "$if_root$if_ld" ] || cp "$if_file" "$if_root$if_ld" ||
		die "no dynamic loader $if_ld"
	(cd "$if_root" && find . | cpio -o -H newc --quiet | gzip -1) >"$1" ||
		die "cannot write $1"
	rm -rf "$if_root"
}
