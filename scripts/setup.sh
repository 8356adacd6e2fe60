# Sourced by run.sh and test.sh: brings a fresh Debian 12 machine to where the kiosk builds and runs. Idempotent.

# Oldest Rust that builds the kiosk: egui asks for it.
RUST_MINOR_MIN=95

PACKAGES_TO_BUILD="gcc libc6-dev libclang1-14"
# The window under X11 and Wayland (winit and glutin load these at run time), and Mesa for machines without a GPU driver.
PACKAGES_TO_SHOW="libx11-6 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libxkbcommon-x11-0 libxkbcommon0 libgl1 libegl1 libgl1-mesa-dri libwayland-egl1 libwayland-client0"
# A screen for machines that have none, and what the window tests press buttons with.
PACKAGES_FOR_NO_DISPLAY="xvfb xauth"
PACKAGES_TO_TEST="xdotool systemd"

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Installs the Debian packages of its arguments that are missing, or prints the one line that does.
need_packages() {
    local missing="" package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "this is not Debian. Install what corresponds to:$missing"
    local as_root=""
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root="sudo"
        else
            fail "system packages are missing. As root, run:
    apt-get update && apt-get install -y --no-install-recommends$missing"
        fi
    fi
    say "Installing system packages:$missing"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Names a Rust toolchain that is missing or too old, with the line that installs one.
need_rust() {
    [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    command -v cargo >/dev/null || fail "Rust is missing. Install it with:
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --default-toolchain 1.$RUST_MINOR_MIN"
    local version minor
    version=$(rustc --version | cut -d' ' -f2)
    minor=$(printf '%s' "$version" | cut -d. -f2)
    [ "$minor" -ge "$RUST_MINOR_MIN" ] 2>/dev/null || fail "Rust $version is too old. Install a newer one with:
    rustup toolchain install 1.$RUST_MINOR_MIN && rustup default 1.$RUST_MINOR_MIN"
}

# Whether something can show a window.
has_display() { [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; }
