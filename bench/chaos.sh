#!/bin/sh
# The long form of the storm that `dotnet test` runs briefly: kill -9 and upstream faults during generations, then a full count.
# bench/chaos.sh [kills [generations [seed]]]   Defaults: 1000 kills, 20000 generations, a random seed, which is printed for a repetition.
set -eu
cd "$(dirname "$0")/.."
export CHAOS_KILLS="${1:-1000}" CHAOS_GENERATIONS="${2:-20000}"
[ $# -lt 3 ] || export CHAOS_SEED="$3"
dotnet build tests/GenApi.Tests -v quiet --nologo
cd tests/GenApi.Tests
exec dotnet test --no-build --filter-class GenApi.Tests.Chaos.ChaosTests --output Detailed
