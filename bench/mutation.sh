#!/bin/sh
# Changes one place of the code at a time, where it carries the promise, and runs the tests that meet the place: what they do not notice, nothing holds.
# bench/mutation.sh [--sample N] [--seed N] [--seconds N] [--workers N] [FILE...]   See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
core=src/GenApi.Core
options= files=
while [ $# -gt 0 ]; do
  case "$1" in
    --*) options="$options $1 $2"; shift 2 ;;
    *) files="$files $1"; shift ;;
  esac
done
[ -n "$files" ] || files="
  $core/Generations/GenerationIntake.cs $core/Generations/CacheKey.cs $core/Generations/GenerationCache.cs $core/Generations/OrphanSearch.cs
  $core/Generations/OrphanFinder.cs $core/Generations/OrphanAssignment.cs $core/Generations/SentRun.cs $core/Generations/CreationMark.cs
  $core/Generations/StoredAnswers.cs $core/Generations/Generation.Leaving.cs $core/Images/StoreGate.cs
  $core/Generations/SubmitStep.cs $core/Generations/StoreStep.cs $core/Generations/FoundStep.cs $core/Generations/EndStep.cs
  $core/Generations/Generation.Billing.cs $core/Generations/Generation.Transitions.cs $core/Generations/GenerationLedger.cs
  $core/Generations/GenerationSight.cs $core/Generations/GenerationGrants.cs $core/Generations/GenerationRemovals.cs
  $core/Generations/GenerationQueue.cs $core/Generations/GenerationSaves.cs
  $core/Accounts/Budgets.cs $core/Accounts/BudgetLimits.cs $core/Images/ImageLinks.cs
  $core/Webhooks/WebhookSignature.cs $core/Replicate/ReplicateWebhooks.cs $core/Blobs/FileBlobStore.cs $core/Blobs/BlobReceipts.cs $core/Persistence/Lease.cs"
there=
for file in $files; do [ ! -f "$file" ] || there="$there $file"; done
dotnet build bench/GenApi.Mutation -c Release -v quiet --nologo >&2
# shellcheck disable=SC2086
exec dotnet artifacts/bin/GenApi.Mutation/release/GenApi.Mutation.dll "$root" $options $there
