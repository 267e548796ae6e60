using GenApi.Core.Persistence.Files;

namespace GenApi.Accounts.Entrance;

/// <summary>Writes the command that makes the first key of this installation: this program, on this data, ready to be copied.</summary>
internal static class FirstKey
{
    private const string Arguments = "keys create --name operations --admin";

    /// <param name="configuration">The settings of this process.</param>
    /// <param name="data">The data directory, as a full path.</param>
    public static string Command(IConfiguration configuration, string data) => Command(
        Environment.ProcessPath, typeof(FirstKey).Assembly.Location, data, Container(configuration), HasOwnDatabase(configuration)
            ? Environment.CurrentDirectory : null);

    /// <param name="process">The running executable: the program itself, or the <c>dotnet</c> that runs it.</param>
    /// <param name="assembly">The file of the program's code.</param>
    /// <param name="data">The data directory, as a full path.</param>
    /// <param name="container">The command that runs another one in the container; empty if there is no container.</param>
    /// <param name="folder">
    /// The folder that the command must run in, because a settings file there names the database; null for any folder.
    /// </param>
    internal static string Command(string? process, string assembly, string data, string container, string? folder)
    {
        var name = Path.GetFileNameWithoutExtension(assembly);
        var program = Path.GetFileName(process) == name || Path.GetFileName(process) == $"{name}.exe" ? Quoted(process!)
            : $"dotnet {Quoted(assembly)}";
        var command = $"{program} {Arguments} --DataDirectory={Quoted(data)}";
        if (container.Length > 0)
            return $"{container} {command}";
        return folder is null ? command : $"cd {Quoted(folder)} && {command}";
    }

    private static string Container(IConfiguration configuration) => configuration switch
    {
        _ when configuration["KUBERNETES_SERVICE_HOST"] is { Length: > 0 } => $"kubectl exec {Environment.MachineName} --",
        _ when configuration["DOTNET_RUNNING_IN_CONTAINER"] is "true" or "1" => $"docker exec {Environment.MachineName}",
        _ => "",
    };

    private static bool HasOwnDatabase(IConfiguration configuration) =>
        configuration[$"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)}"] is { Length: > 0 };

    private static string Quoted(string path)
    {
        if (path.All(each => char.IsLetterOrDigit(each) || each is '/' or '.' or '_' or '-' or ':'
            || (each == '\\' && OperatingSystem.IsWindows())))
            return path;
        return OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
