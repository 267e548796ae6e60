#!/usr/bin/env bash
# Tries starts of the real program that must be refused, for eight reasons, and checks what they print.
# bench/starts.sh [tries]   Tries for each reason; default 20. A reason is good if each try ends with exit code 1, one line on stderr and
# nothing on stdout. Exit code 1: a reason is not good.
# It needs the .NET 10 SDK and curl and installs nothing. BENCH_CONFIGURATION=Debug measures that build, BENCH_PROGRAM=…/GenApi.dll an
# existing one.
set -euo pipefail
cd "$(dirname "$0")/.."
tries=${1:-20}
configuration=${BENCH_CONFIGURATION:-Release}
program=${BENCH_PROGRAM:-}
if [ -z "$program" ]; then
  echo "starts: building $configuration" >&2
  dotnet build src/GenApi -c "$configuration" -v quiet --nologo >&2
  program=$PWD/artifacts/bin/GenApi/$(echo "$configuration" | tr '[:upper:]' '[:lower:]')/GenApi.dll
fi

work=$(mktemp -d "${BENCH_FOLDER:-/tmp}/genapi-starts.XXXXXX")
service=
cleanup() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
unset REPLICATE_API_TOKEN Replicate__ApiToken

# A service that owns a port and a data directory, and a file that is not a database.
port=${BENCH_PORT:-19380}
dotnet "$program" --Urls="http://127.0.0.1:$port" --DataDirectory="$work/owned" >service.log 2>&1 &
service=$!
for _ in $(seq 100); do curl -sf -o /dev/null "http://127.0.0.1:$port/health/live" && break; sleep 0.2; done
mkdir broken && head -c 8192 /dev/urandom >broken/genapi.db

bad=0
reason() {
  local name=$1 good=0 sentence=
  shift
  for _ in $(seq "$tries"); do
    local code=0
    dotnet "$program" "$@" >out 2>err || code=$?
    sentence=$(cat err)
    if [ "$code" = 1 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ]; then good=$((good + 1)); fi
  done
  printf '| %s | %s of %s | %s |\n' "$name" "$good" "$tries" "$sentence"
  [ "$good" = "$tries" ] || bad=1
}

printf '| reason | one sentence and exit code 1 | the sentence |\n|---|---|---|\n'
reason "port in use" --Urls="http://127.0.0.1:$port" --DataDirectory="$work/other"
reason "data directory in use" --Urls=http://127.0.0.1:0 --DataDirectory="$work/owned"
reason "open address without a key" --Urls=http://0.0.0.0:0 --DataDirectory="$work/open"
reason "port out of range" --Urls=http://127.0.0.1:70000 --DataDirectory="$work/other"
reason "unknown switch" --DataDirectry="$work/other"
reason "bad value" --Urls=http://127.0.0.1:0 --DataDirectory="$work/other" --Generations:MaxQueued=many
reason "data directory that can't be written" --Urls=http://127.0.0.1:0 --DataDirectory=/dev/null/data
reason "no database" --Urls=http://127.0.0.1:0 --DataDirectory="$work/broken"
exit $bad
