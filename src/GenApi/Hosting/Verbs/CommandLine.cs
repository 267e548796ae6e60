using System.Runtime.InteropServices;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;

namespace GenApi.Hosting.Verbs;

/// <summary>
/// What the process was started for: to serve when the command line begins with an option or is empty, else one of the verbs. What is not the
/// verb's own stays a setting (<c>--DataDirectory /data</c>), so a verb takes the service's settings from wherever the service does.
/// </summary>
internal sealed class CommandLine
{
    private readonly VerbLine? _line;

    private CommandLine(string[] settings, VerbLine? line = null) => (Settings, _line) = (settings, line);

    /// <summary>Null: serve.</summary>
    public Verb? Verb => _line?.Verb;

    /// <summary>What remains for the configuration.</summary>
    public string[] Settings { get; }

    /// <summary>What to say at once, and the exit code: help, or what is wrong with the command line. Null: nothing.</summary>
    public (string Text, int ExitCode)? Reply { get => field ?? _line?.Reply; private init; }

    /// <summary>The exit code when a setting can't be used.</summary>
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

    /// <summary>Runs the verb with the services of the host, of which nothing was started. Logs would stand between its own lines, so there are none.</summary>
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
        // The host starts everything that is hosted; what a verb needs is only built.
        await using var app = builder.Build();
        try
        {
            return await Verb.RunAsync(new VerbCall(Verb.Name, Verb.Refused, app.Services, _line!.Words, _line.Options, progress, stopping.Token));
        }
        catch (GenApiException failure)
        {
            progress.Dispose();
            await Console.Error.WriteLineAsync(failure.InnerException is { } cause ? $"{failure.Message} ({cause.Message})" : failure.Message);
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
        return text.Append("\n<verb> --help shows what a verb takes.\n")
            .Append("Settings are those of appsettings.json; each can be given here too: --DataDirectory /data --Urls http://*:8080\n")
                .ToString();
    }
}
