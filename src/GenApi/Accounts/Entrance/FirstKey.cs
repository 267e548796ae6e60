using GenApi.Core.Persistence.Files;

namespace GenApi.Accounts.Entrance;

/// <summary>The command that makes the first key of this installation, to be copied as it is: this very program, on this data.</summary>
internal static class FirstKey
{
    private const string Arguments = "keys create --name operations --admin";

    /// <param name="configuration">The settings of this process.</param>
    /// <param name="data">The data directory, as a full path.</param>
    public static string Command(IConfiguration configuration, string data) => Command(
        Environment.ProcessPath, typeof(FirstKey).Assembly.Location, data, Container(configuration), HasOwnDatabase(configuration)
            ? Environment.CurrentDirectory : null);

    /// <param name="process">What runs: the program itself, or the <c>dotnet</c> that runs it.</param>
    /// <param name="assembly">The file of the program's code.</param>
    /// <param name="data">The data directory, as a full path.</param>
    /// <param name="container">How a command comes into the container; empty: there is none.</param>
    /// <param name="folder">Where the command must run, because a setting in a file there says where the database is; null:
    /// anywhere.</param>
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
