#!/bin/sh
# Two commits in turn on one machine: bench/compare.sh OLD [NEW] [row...]   NEW is the present commit unless given; see bench/README.md.
# Rows: new, first, ready, memory, restart, hit, image, size. Without any: all of these.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
export PATH

old=$(git rev-parse --verify --quiet "${1:?"usage: bench/compare.sh OLD [NEW] [row...]"}^{commit}") ||
  { echo "compare: there is no commit $1" >&2; exit 2; }
shift
new=$(git rev-parse --verify HEAD)
if [ $# -gt 0 ] && commit=$(git rev-parse --verify --quiet "$1^{commit}"); then
  new=$commit
  shift
fi
for tool in dotnet wrk nginx; do
  command -v "$tool" >/dev/null || { echo "compare: $tool is missing. On Debian: apt-get install wrk nginx-light" >&2; exit 2; }
done
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

# Builds are kept by commit, so that a second comparison with the same commit does not build it again.
builds=${TMPDIR:-/tmp}/genapi-builds
build() {
  [ -f "$builds/$1/done" ] && return
  echo "compare: building $1" >&2
  rm -rf "$builds/$1"
  mkdir -p "$builds/$1"
  git archive "$1" | tar -x -C "$builds/$1"
  # As the Dockerfile publishes it, for this machine alone.
  dotnet publish "$builds/$1/src/GenApi" -c Release -p:Precompile=true -v quiet --nologo >&2
  dotnet publish "$builds/$1/src/GenApi.Sandbox" -c Release -p:Precompile=true -v quiet --nologo >&2
  touch "$builds/$1/done"
}
build "$old"
build "$new"
dotnet build bench/GenApi.Bench -c Release -v quiet --nologo >&2

# Both get the same upstream: the new commit's sandbox.
BENCH_OLD=$builds/$old BENCH_NEW=$builds/$new BENCH_ROWS_OF_COMPARE="$*" exec dotnet artifacts/bin/GenApi.Bench/release/GenApi.Bench.dll compare
