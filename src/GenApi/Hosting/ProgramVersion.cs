using System.Reflection;

namespace GenApi.Hosting;

/// <summary>The version of this program, as <c>Directory.Build.props</c> says it.</summary>
internal static class ProgramVersion
{
    /// <summary>Such as <c>1.0.0</c>: without the name of the commit that a build adds.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
