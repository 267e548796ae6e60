using System.Runtime.InteropServices;
using System.Text;
using GenApi.Core.Errors;

namespace GenApi.Hosting;

/// <summary>
/// What the process was started for: to serve when the command line begins with an option or is empty, else one of the verbs. What is not the
/// verb's own stays a setting (<c>--DataDirectory /data</c>), so a verb takes the service's settings from wherever the service does.
/// </summary>
internal sealed class CommandLine
{
    private readonly List<string> _words = [];
    private readonly Dictionary<string, string> _options = [];

    private CommandLine(string[] settings) => Settings = settings;

    /// <summary>Null: serve.</summary>
    public Verb? Verb { get; private set; }

    /// <summary>What remains for the configuration.</summary>
    public string[] Settings { get; private set; }

    /// <summary>What to say at once, and the exit code: help, or what is wrong with the command line. Null: nothing.</summary>
    public (string Text, int ExitCode)? Reply { get; private set; }

    /// <summary>The exit code when a setting can't be used.</summary>
    public int Refused => Verb?.Refused ?? 1;

    public static CommandLine Parse(string[] args, params Verb[] verbs)
    {
        if (args is ["--help" or "-h" or "-?" or "help", ..])
            return new CommandLine([]) { Reply = (Help(verbs), 0) };
        if (args is ["--version" or "version", ..])
            return new CommandLine([]) { Reply = ($"GenApi {ProgramVersion.Text}\n", 0) };
        if (args.Length == 0 || args[0].StartsWith('-') || args[0].StartsWith('/') || args[0].Contains('=', StringComparison.Ordinal))
            return new CommandLine(args);
        if (verbs.FirstOrDefault(each => each.Name == args[0]) is { } verb)
            return new CommandLine([]) { Verb = verb }.Take(args.AsSpan(1));
        var nearest = NearestName.Find(args[0], verbs.Select(each => each.Name));
        return new CommandLine([]) { Reply = ($"There is no verb '{args[0]}'.{(nearest is null ? "" : $" Did you mean {nearest}?")}\n\n{Help(verbs)}", 2) };
    }

    /// <summary>Runs the verb with the services of the host, of which nothing was started. Logs would stand between its own lines, so there are none.</summary>
    public async Task<int> RunAsync(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        // The host starts everything that is hosted; what a verb needs is only built.
        await using var app = builder.Build();
        try
        {
            return await Verb!.RunAsync(new VerbCall(app.Services, _words, _options, stopping.Token));
        }
        catch (GenApiException failure)
        {
            await Console.Error.WriteLineAsync(failure.InnerException is { } cause ? $"{failure.Message} ({cause.Message})" : failure.Message);
            return Refused;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return Refused;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private CommandLine Take(ReadOnlySpan<string> args)
    {
        var settings = new List<string>();
        for (var at = 0; at < args.Length; at++)
        {
            var (name, value) = args[at].Split('=', 2) is [var before, var after] ? (before, after) : (args[at], null);
            if (Verb!.Flags.Contains(name) && value is null)
                _options[name] = "";
            else if (Verb.Options.Contains(name) && (value ?? Next(args, ref at)) is { Length: > 0 } given)
                _options[name] = given;
            else if (Verb.Options.Contains(name) || Verb.Flags.Contains(name))
                return Refuse($"{name} is given in a form that {Verb.Name} does not take.");
            else if (!name.StartsWith('-') && value is null)
                _words.Add(name);
            else if (IsHelp(name))
                return Refuse($"{Verb.Summary}", exitCode: 0);
            else
            {
                settings.Add(args[at]);
                if (value is null && Next(args, ref at) is { } following)
                    settings.Add(following);
            }
        }
        Settings = [.. settings];
        if (_words.Count > Verb!.MostWords)
            return Refuse($"'{_words[Verb.MostWords]}' is one word too many.");
        return _words.Count >= Verb.Words ? this : Refuse("Something is missing.");
    }

    private CommandLine Refuse(string sentence, int exitCode = 2)
    {
        Reply = ($"{sentence}\nUsage: {Verb!.Name} {Verb.Usage}\n{Details(Verb)}", exitCode);
        return this;
    }

    private static string Details(Verb verb) => verb.Details.Length == 0 ? "" : verb.Details + "\n";

    private static bool IsHelp(string name) => name is "--help" or "-h" or "-?";

    private static string? Next(ReadOnlySpan<string> args, ref int at) => at + 1 < args.Length ? args[++at] : null;

    private static string Help(Verb[] verbs)
    {
        var text = new StringBuilder("GenApi, an image-generation gateway. Without a verb it serves until it is stopped.\n\nVerbs:\n");
        var width = verbs.Max(verb => verb.Name.Length + verb.Usage.Length + 1);
        foreach (var verb in verbs)
            text.Append("  ").Append($"{verb.Name} {verb.Usage}".PadRight(width)).Append("  ").Append(verb.Summary).Append('\n').Append(Details(verb));
        return text.Append("\nSettings are those of appsettings.json; each can be given here too: --DataDirectory /data --Urls http://*:8080\n").ToString();
    }
}
