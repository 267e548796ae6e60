using System.Text;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests;

/// <summary>
/// Runs the service's <c>Main</c> to its end inside this process: a verb, or a start that must be refused. A separate process costs 1.3 s
/// of processor time before its first line, which is most of such a test.
/// </summary>
internal static class ProgramHere
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly FlowWriter Output = new(Console.Out), Errors = new(Console.Error);

    static ProgramHere()
    {
        Console.SetOut(Output);
        Console.SetError(Errors);
    }

    /// <param name="settings">Keys as in appsettings.json. They go on the command line, except those that are among the arguments.</param>
    /// <param name="folder">The folder where it looks for appsettings.json.</param>
    /// <param name="arguments">A verb with its arguments; none: serve.</param>
    public static Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(
        IReadOnlyDictionary<string, string?> settings, string folder, params string[] arguments) =>
        RunAsync([
            .. arguments.Take(1),
            $"--contentRoot={folder}",
            .. settings.Where(
                each => !arguments.Any(argument => argument.Split('=')[0].Equals($"--{each.Key}", StringComparison.OrdinalIgnoreCase)))
                .Select(each => $"--{each.Key}={each.Value}"),
            .. arguments.Skip(1),
        ]);

    /// <summary>Runs exactly this command line.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var ended = Task.Run(() =>
        {
            (Output.Here, Errors.Here) = (output, errors);
            return (int)typeof(Program).Assembly.EntryPoint!.Invoke(null, [args])!;
        });
        var exitCode = await ended.WaitAsync(Patience);
        // The end of a process closes its pooled connections.
        SqliteConnection.ClearAllPools();
        return (exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>Separates console output: the console is shared in this process, and each run sees only its own lines.</summary>
    private sealed class FlowWriter(TextWriter others) : TextWriter
    {
        private readonly AsyncLocal<TextWriter?> _here = new();

        public override Encoding Encoding => others.Encoding;

        public TextWriter Here { set => _here.Value = value; }

        public override void Write(char value) => (_here.Value ?? others).Write(value);

        public override void Write(string? value) => (_here.Value ?? others).Write(value);
    }
}
