using System.Reflection;
using System.Security.Cryptography;

namespace GenApi.Core.Persistence;

/// <summary>
/// The name of this instance, made when the process starts. It is the owner of its leases, and the writer names it as the source of every
/// change.
/// </summary>
public sealed class InstanceName
{
    private const int MostHostCharacters = 30;

    public InstanceName(TimeProvider time)
    {
        Host = Environment.MachineName;
        var host = Host.Length > MostHostCharacters ? Host[..MostHostCharacters] : Host;
        // The random part tells apart two containers of one name that start at the same moment: both have process 1.
        var chance = RandomNumberGenerator.GetHexString(10, lowercase: true);
        Id = $"{host}-{Environment.ProcessId:x}-{time.GetUtcNow().ToUnixTimeSeconds():x}-{chance}";
    }

    /// <summary>The version of the program, without the commit that a build adds.</summary>
    public string Version { get; } = typeof(InstanceName).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];

    /// <summary>The name of the machine or container.</summary>
    public string Host { get; }

    /// <summary>Unique among all instances that ever ran; at most 64 characters.</summary>
    public string Id { get; }
}
