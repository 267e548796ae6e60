using System.ComponentModel.DataAnnotations;

namespace GenApi.Upstream;

/// <summary>The section <c>Sandbox</c>: the one that runs inside this process.</summary>
internal sealed class EmbeddedSandboxOptions
{
    public const string Section = "Sandbox";

    /// <summary>
    /// The speed of the sandbox in this process. 1: as fast as the real models. 0: without any artificial delay. At the default an image
    /// takes about a second.
    /// </summary>
    [Range(0d, 1_000_000d)]
    public double Speed { get; set; } = 8;
}
