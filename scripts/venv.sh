# Sourced by the other scripts: makes .venv once, and installs the project in it when pyproject.toml has changed.
install_project() {
    local what=$1 stamp
    [ -x .venv/bin/python ] || python3 -m venv .venv
    stamp=.venv/installed-$(printf '%s' "$what" | tr -c 'a-z\n' '_')
    if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable "$what"
        touch "$stamp"
    fi
}
