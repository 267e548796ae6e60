using System.ComponentModel.DataAnnotations;

namespace GenApi.Upstream;

/// <summary>The section <c>Sandbox</c>: the one that runs inside this process.</summary>
internal sealed class EmbeddedSandboxOptions
{
    public const string Section = "Sandbox";

    /// <summary>1: as fast as the real models; 0: without any artificial delay. The default makes an image in about a second.</summary>
    [Range(0d, 1_000_000d)]
    public double Speed { get; set; } = 8;
}
