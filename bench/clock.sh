#!/usr/bin/env bash
# Sets the wall clock while generations are in progress: the real program runs under libfaketime, the sandbox on another clock.
# bench/clock.sh [step...]   Steps in seconds; default: -75 -7200 10800. Each status is measured without a step and with each of them. A row
# is good if the end differs by at most 2 s, nothing was created twice and no value of `timing` is negative. Exit code 1: a row is not good.
# It needs the .NET 10 SDK, curl and libfaketime (Debian: apt-get install faketime) and installs nothing. BENCH_CONFIGURATION=Debug measures
# that build.
set -euo pipefail
cd "$(dirname "$0")/.."
steps=("${@:--75}")
[ $# -gt 0 ] || steps=(-75 -7200 10800)
configuration=${BENCH_CONFIGURATION:-Release}

command -v dotnet >/dev/null || { echo "clock: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2; exit 2; }
command -v curl >/dev/null || { echo "clock: curl is missing" >&2; exit 2; }
library=$(find /usr/lib /usr/local/lib -name libfaketimeMT.so.1 2>/dev/null | head -1)
[ -n "$library" ] || { echo "clock: libfaketime is missing. On Debian: apt-get install faketime" >&2; exit 2; }

echo "clock: building $configuration" >&2
for project in src/GenApi src/GenApi.Sandbox; do
  dotnet build "$project" -c "$configuration" -v quiet --nologo >&2
done
bin=artifacts/bin
out=$(echo "$configuration" | tr '[:upper:]' '[:lower:]')

work=$(mktemp -d "${BENCH_FOLDER:-/tmp}/genapi-clock.XXXXXX")
service= sandbox=
cleanup() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

upstream=http://127.0.0.1:${BENCH_SANDBOX_PORT:-19290}
api=http://127.0.0.1:${BENCH_PORT:-19280}
Sandbox__Urls=$upstream Sandbox__Speed=1 dotnet "$bin/GenApi.Sandbox/$out/GenApi.Sandbox.dll" >"$work/sandbox.log" 2>&1 &
sandbox=$!

ready() {
  for _ in $(seq 100); do
    curl -sf -o /dev/null "$1" && return
    sleep 0.2
  done
  echo "clock: $1 does not answer" >&2
  cat "$work"/*.log >&2
  exit 1
}
offset() { printf '%s' "$1" >"$work/offset.new"; mv "$work/offset.new" "$work/offset"; }
seconds() { date +%s.%N; }
field() { grep -o "\"$1\": *\"\?[^\",}]*" | head -1 | sed 's/.*: *"\?//'; }
faults() { curl -sf -o /dev/null -X PUT "$upstream/sandbox/faults" -d "$1"; }
creations() { curl -sf "$upstream/sandbox/stats" | field creations; }
generate() {
  local body="{\"model\":\"sdxl\",\"prompt\":\"a red fox\",\"seed\":$2,\"width\":64,\"height\":64}"
  curl -sf "$api/generate" -H 'Content-Type: application/json' -H "Prefer: $1" -d "$body"
}

# Only the time of day is faked. Timers and the monotonic clock are the kernel's, as when somebody sets a clock.
start() {
  offset +0
  env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$work/offset" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
    DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 Urls="$api" DataDirectory="$work/data" \
    Replicate__Mode=replicate Replicate__ApiToken=r8_0123456789abcdefghijklmnopqrstuvwxyzT Replicate__BaseUrl="$upstream" \
    Replicate__DeliveryHosts__0="${upstream#http://}" Logging__LogLevel__Default=Warning DOTNET_ENVIRONMENT=Production \
    dotnet "$bin/GenApi/$out/GenApi.dll" >>"$work/service.log" 2>&1 &
  service=$!
  ready "$api/health/ready"
}

# The program's clock must follow the file, or nothing is measured.
now_of_service() { curl -sf -o /dev/null -D - "$api/health/ready" | tr -d '\r' | sed -n 's/^[Dd]ate: //p'; }

# The upstream's fault that holds each status. Four seconds after the step the faults are removed.
declare -A hold=(
  [queued]='{"kind":"create_throttled","delay_seconds":4}'
  [submitting]='{"kind":"create_slow_after"}'
  [uncertain]='[{"kind":"create_reset_after"},{"kind":"list_error","times":null}]'
  [not_made]='{"kind":"create_reset_before"}'
  [starting]='{"kind":"run_held_starting"}'
  [processing]='{"kind":"run_held_processing"}'
  [running]='[]'
  [storing]='{"kind":"file_unavailable","times":null}'
)
statuses=(queued submitting uncertain not_made starting processing running storing)
seed=100
declare -A usual
bad=0

# Waits for the generation as a caller does, and records when its answer arrives.
watch() {
  for _ in $(seq 40); do
    curl -sf "$api/generations/$1" -H 'Prefer: wait=30' -o "$work/answer" || sleep 0.5
    case $(field status <"$work/answer") in succeeded | failed | canceled) break ;; esac
  done
  seconds >"$work/ended"
}

# measure STATUS STEP: seconds from the step to the end.
measure() {
  seed=$((seed + 1))
  offset +0
  sleep 1
  faults "${hold[$1]}"
  local before id began ended answer
  before=$(creations)
  id=$(generate respond-async $seed | field id)
  [ "$1" = storing ] && for _ in $(seq 150); do [ "$(curl -sf "$api/generations/$id" | field status)" = storing ] && break; sleep 0.1; done
  sleep 1
  [ "$1" != storing ] || sleep 1
  watch "$id" &
  local watcher=$!
  began=$(seconds)
  [ "$2" = 0 ] || offset "$(printf '%+d' "$2")"
  sleep 4
  faults '[]'
  wait $watcher
  ended=$(cat "$work/ended")
  answer=$(cat "$work/answer")
  took=$(echo "$ended $began" | awk '{printf "%.2f", $1 - $2}')
  status=$(echo "$answer" | field status)
  created=$(($(creations) - before))
  negative=$(echo "$answer" | grep -o '"timing": *{[^}]*}' | grep -c ': *-' || true)
  total=$(echo "$answer" | field total_seconds)
}

start
echo "clock: six runs for the model's history" >&2
for _ in 1 2 3 4 5 6; do
  seed=$((seed + 1))
  generate wait=60 $seed >/dev/null
done
offset +10800
sleep 0.2
stepped=$(now_of_service)
offset +0
plain=$(now_of_service)
echo "clock: the service's Date without a step: $plain, with +10800: $stepped" >&2
if [ $(($(date -d "$stepped" +%s) - $(date -d "$plain" +%s))) -le 10000 ]; then
  echo "clock: libfaketime does not reach the service" >&2
  exit 2
fi

printf '%-11s %8s %9s %9s %10s %9s %7s  %s\n' status step 'end (s)' without difference creations total ''
for step in 0 "${steps[@]}"; do
  for name in "${statuses[@]}"; do
    measure "$name" "$step"
    [ "$step" != 0 ] || usual[$name]=$took
    difference=$(echo "$took ${usual[$name]}" | awk '{printf "%.2f", $1 - $2}')
    verdict=ok
    late=$(echo "$difference" | awk '{print ($1 > 2 || $1 < -2)}')
    if [ "$status" != succeeded ] || [ "$created" != 1 ] || [ "$negative" != 0 ] || [ "$late" = 1 ]; then
      verdict="NOT GOOD ($status)"
      bad=1
    fi
    printf '%-11s %8s %9s %9s %10s %9s %7s  %s\n' "$name" "$step" "$took" "${usual[$name]}" "$difference" "$created" "$total" "$verdict"
  done
done
exit $bad
