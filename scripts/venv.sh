# Sourced by the other scripts: makes .venv once, and installs a lock file and the project in it when either has changed.

# Python keeps what it compiled, whatever the environment says: tests start hundreds of processes, and one that compiles
# pandas and the rest again takes three times as long to start.
export PYTHONDONTWRITEBYTECODE= UV_COMPILE_BYTECODE=1

install_project() {
    local lock=$1 python=.venv/bin/python stamp
    [ -x "$python" ] || python3 -m venv .venv
    stamp=.venv/installed-$lock
    if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ] || [ "$lock" -nt "$stamp" ]; then
        # uv takes seconds; where it fails (it reads no configuration of pip, so knows no mirror), pip does the same.
        { install_uv && install_locked .venv/bin/uv pip install --python "$python"; } ||
            install_locked "$python" -m pip --disable-pip-version-check install
        touch "$stamp"
    fi
}

# Install the uv that is locked.
install_uv() {
    sed -n '/^uv==/,/[^\\]$/p' "$lock" |
        "$python" -m pip --disable-pip-version-check install --quiet --require-hashes --requirement /dev/stdin
}

# Install what is locked, by its hashes, then the project, which is built with what is locked.
install_locked() {
    "$@" --quiet --require-hashes --requirement "$lock" && "$@" --quiet --no-deps --no-build-isolation --editable .
}
