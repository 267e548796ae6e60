#!/bin/sh
# Side-by-side measurements; see bench/README.md.
# bench/run.sh [hit|keys|image|miss|same|look|memory|start|usage|search|gallery|listeners|restart|bodies|images|archive|doors|page|engines|cluster]...   Without an argument: all of these.
# bench/run.sh check   The check of an input against its model's schema, by BenchmarkDotNet.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
export PATH

missing=
command -v dotnet >/dev/null || { echo "bench: the .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0" >&2; exit 2; }
if [ "${1-}" = check ]; then
  shift
  dotnet build bench/GenApi.Bench.Code -c Release -v quiet --nologo >&2
  exec dotnet artifacts/bin/GenApi.Bench.Code/release/GenApi.Bench.Code.dll "$@"
fi
command -v wrk >/dev/null || missing="$missing wrk"
command -v nginx >/dev/null || missing="$missing nginx-light"
if [ -n "$missing" ]; then
  echo "bench: missing. On Debian: apt-get install$missing" >&2
  exit 2
fi
# A thousand callers or ten thousand listeners need as many sockets on each side.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

echo "bench: building Release" >&2
for project in src/GenApi src/GenApi.Sandbox; do
  dotnet publish "$project" -c Release -p:Precompile=true -v quiet --nologo >&2
done
dotnet build bench/GenApi.Bench -c Release -v quiet --nologo >&2

exec dotnet artifacts/bin/GenApi.Bench/release/GenApi.Bench.dll "$@"
