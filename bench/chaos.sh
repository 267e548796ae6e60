#!/bin/sh
# The long form of the storms that `dotnet test` runs briefly: kill -9 and upstream faults during generations, then a full count.
# bench/chaos.sh [kills [generations [seed]]]
#   One service on SQLite. Defaults: 1000 kills, 20000 generations, a random seed, which is printed for a repetition.
# bench/chaos.sh cluster [pooled] [kills [freezes [generations [seed]]]]
#   Three instances on PostgreSQL and S3, which are also frozen beyond their lease, while the database loses its connections and is
#   restarted, and S3 fails. Defaults: 300 kills, 300 freezes, 10000 generations. pooled: behind pgbouncer in transaction mode.
# CHAOS_LOGS=FOLDER keeps every line that the processes log.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
export PATH
class=GenApi.Tests.Chaos.ChaosTests
if [ "${1-}" = cluster ]; then
    shift
    class=GenApi.Tests.Cluster.StormTests
    if [ "${1-}" = pooled ]; then
        shift
        export CHAOS_POOLER=1
    fi
    export CHAOS_KILLS="${1:-300}" CHAOS_FREEZES="${2:-300}" CHAOS_GENERATIONS="${3:-10000}"
    [ $# -lt 4 ] || export CHAOS_SEED="$4"
else
    export CHAOS_KILLS="${1:-1000}" CHAOS_GENERATIONS="${2:-20000}"
    [ $# -lt 3 ] || export CHAOS_SEED="$3"
fi
dotnet build tests/GenApi.Tests -v quiet --nologo
cd tests/GenApi.Tests
# The storm of instances runs only where it is asked for.
exec dotnet test --no-build --explicit on --filter-class "$class" --output Detailed
