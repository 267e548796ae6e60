#!/bin/sh
# Changes one place at a time in the code that carries the promise, and runs the tests that meet it. Surviving changes show gaps.
# bench/mutation.sh [--sample N] [--seed N] [--seconds N] [--workers N] [FILE...]   See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
options= files=
while [ $# -gt 0 ]; do
  case "$1" in
    --*) options="$options $1 $2"; shift 2 ;;
    *) files="$files $1"; shift ;;
  esac
done
[ -n "$files" ] || for name in GenerationIntake CacheKey GenerationCache OrphanSearch OrphanFinder OrphanAssignment SentRun CreationMark RunLimit IntakeReader IntakeDecision Generation.Callers \
  StoreGate SubmitStep StoreStep FoundStep EndStep Generation.Billing Generation.Transitions GenerationLedger GenerationAccess GenerationGrants \
  CancelAndDelete GenerationRemover GenerationQueue GenerationLeases OpenGenerations RunSource StartupTakeover GenerationStateWriter BudgetReservations BudgetLimits ImageLinks WebhookSignature ReplicateWebhooks FileBlobStore \
  BlobReceipts Lease; do
  files="$files $(find src/GenApi.Core -name "$name.cs")"
done
there=
for file in $files; do [ ! -f "$file" ] || there="$there $file"; done
dotnet build bench/GenApi.Mutation -c Release -v quiet --nologo >&2
# shellcheck disable=SC2086
exec dotnet artifacts/bin/GenApi.Mutation/release/GenApi.Mutation.dll "$root" $options $there
