using System.Runtime.InteropServices;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;

namespace GenApi.Hosting.Verbs;

/// <summary>
/// The task of the process: to serve if the command line is empty or begins with an option, otherwise a verb. An option that is not the
/// verb's own is a setting (<c>--DataDirectory /data</c>), so a verb reads the service's settings from the same sources as the service.
/// </summary>
internal sealed class CommandLine
{
    private readonly VerbLine? _line;

    private CommandLine(string[] settings, VerbLine? line = null) => (Settings, _line) = (settings, line);

    /// <summary>Null: serve.</summary>
    public Verb? Verb => _line?.Verb;

    /// <summary>The arguments that are settings, for the configuration.</summary>
    public string[] Settings { get; }

    /// <summary>The text to write at once, and the exit code: help, or the fault in the command line. Null: none.</summary>
    public (string Text, int ExitCode)? Reply { get => field ?? _line?.Reply; private init; }

    /// <summary>The exit code if a setting can't be used.</summary>
    public int Refused => Verb?.Refused ?? 1;

    public static CommandLine Parse(string[] args, params Verb[] verbs)
    {
        if (args is ["help", var asked, ..] && !asked.StartsWith('-'))
            args = [.. args[1..], "--help"];
        if (args is ["--help" or "-h" or "-?" or "help", ..])
            return new CommandLine([]) { Reply = (Help(verbs), 0) };
        if (args is ["--version" or "version", ..])
            return new CommandLine([]) { Reply = ($"GenApi {ProgramVersion.Text}\n", 0) };
        if (args.Length == 0 || args[0].StartsWith('-') || args[0].StartsWith('/') || args[0].Contains('=', StringComparison.Ordinal))
            return new CommandLine(args);
        var line = VerbLine.Read(args, verbs);
        return new CommandLine(line.Settings, line);
    }

    /// <summary>
    /// Runs the verb with the services of the host, none of them started and without logs, which would mix with its own lines.
    /// </summary>
    public async Task<int> RunAsync(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        if (Verb!.Store == VerbStore.Read)
            builder.Services.AddReadOnlyDatabase();
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var progress = ProgressLine.OnStandardError(TimeProvider.System);
        builder.Services.AddSingleton<IProgress<WorkStep>>(progress);
        // Built and not started: hosted services would begin to work.
        await using var app = builder.Build();
        try
        {
            return await Verb.RunAsync(
                new VerbCall(Verb.Name, Verb.Refused, app.Services, _line!.Words, _line.Options, progress, stopping.Token));
        }
        catch (GenApiException failure)
        {
            progress.Dispose();
            await Console.Error.WriteLineAsync(
                failure.InnerException is { } cause ? $"{failure.Message} ({cause.Message})" : failure.Message);
            return Refused;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            progress.Dispose();
            await Console.Error.WriteLineAsync("Stopped.");
            return Refused;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static string Help(Verb[] verbs)
    {
        var text = new StringBuilder("GenApi, an image-generation gateway. Without a verb it serves until it is stopped.\n\nVerbs:\n");
        var width = verbs.Max(verb => verb.Name.Length);
        foreach (var verb in verbs)
            text.Append("  ").Append(verb.Name.PadRight(width)).Append("  ").Append(verb.Summary).Append('\n');
        return text.Append("\n<verb> --help shows the arguments of a verb.\n")
            .Append("Every setting of appsettings.json can also be given here: --DataDirectory /data --Urls http://*:8080\n")
            .ToString();
    }
}
