#!/bin/sh
# Prints the name of a Python that can build .venv, or says on standard error what this machine lacks.
set -eu

complain() {
    echo "$1" >&2
    exit 1
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    complain "Python 3.11 or newer is needed: on Debian and Ubuntu, apt-get install python3 python3-venv."
}

# A mongod of the machine's own brings its libraries along; only the packaged one needs these.
check_library() {
    "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null ||
        complain "The packaged mongod needs $1: apt-get install $2 (or install a mongod of your own)."
}

python=$(find_python)
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    complain "$python cannot make virtual environments: apt-get install $python-venv."
if [ "$(uname -sm)" = "Linux x86_64" ] && ! command -v mongod >/dev/null; then
    check_library libcurl.so.4 libcurl4
    check_library libcrypto.so.3 libssl3
fi
echo "$python"
