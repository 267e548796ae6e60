using System.Reflection;

namespace GenApi.Hosting;

/// <summary>The version of this program, from <c>Directory.Build.props</c>.</summary>
internal static class ProgramVersion
{
    /// <summary>The version without the commit that a build adds, such as <c>1.0.0</c>.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
