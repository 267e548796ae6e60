#!/bin/sh
# Changes one place of the code at a time, where it carries the promise, and runs the tests that meet the place: what they do not notice, nothing holds.
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
[ -n "$files" ] || for name in GenerationIntake CacheKey GenerationCache OrphanSearch OrphanFinder OrphanAssignment SentRun CreationMark RunLimit StoredAnswers Generation.Leaving \
  StoreGate SubmitStep StoreStep FoundStep EndStep Generation.Billing Generation.Transitions GenerationLedger GenerationAccess GenerationGrants \
  CancelAndDelete GenerationQueue GenerationStateWriter BudgetReservations BudgetLimits ImageLinks WebhookSignature ReplicateWebhooks FileBlobStore \
  BlobReceipts Lease; do
  files="$files $(find src/GenApi.Core -name "$name.cs")"
done
there=
for file in $files; do [ ! -f "$file" ] || there="$there $file"; done
dotnet build bench/GenApi.Mutation -c Release -v quiet --nologo >&2
# shellcheck disable=SC2086
exec dotnet artifacts/bin/GenApi.Mutation/release/GenApi.Mutation.dll "$root" $options $there
