using GenApi.Core.Cluster;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Upstream;

/// <summary>Other instances can't ask the sandbox inside this process.</summary>
internal sealed class SandboxIsLocal(IOptions<ReplicateOptions> options) : ISoleReason
{
    /// <inheritdoc/>
    public string? WhyAlone => options.Value.WantsSandbox ? "The embedded sandbox runs inside one process" : null;
}
