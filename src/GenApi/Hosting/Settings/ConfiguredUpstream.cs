using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Settings;

/// <summary>The upstream that the settings choose, for a process that starts nothing.</summary>
/// <param name="Name"><c>replicate</c> or <c>sandbox</c>.</param>
/// <param name="Address">Its base URL; null for the sandbox, which has no address before a start.</param>
/// <param name="Token"><c>set</c>, <c>missing</c> or <c>not needed</c>; never its value.</param>
internal sealed record ConfiguredUpstream(string Name, string? Address, string Token)
{
    public static ConfiguredUpstream Of(IServiceProvider services)
    {
        try
        {
            var options = services.GetRequiredService<IOptions<ReplicateOptions>>().Value;
            return options.WantsSandbox
                ? new(ReplicateUpstream.SandboxName, null, "not needed")
                : new(ReplicateUpstream.ReplicateName, options.BaseUrl, options.ApiToken.Length > 0 ? "set" : "missing");
        }
        catch (OptionsValidationException invalid)
        {
            // A start would be refused, but stored data can still be read.
            return new(ReplicateUpstream.ReplicateName, null, invalid.Failures.First());
        }
    }
}
