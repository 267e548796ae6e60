using GenApi.Core.Errors;
using GenApi.Hosting.Settings;

namespace GenApi.Hosting.Verbs;

/// <summary>
/// Reads the command line of a verb strictly: an argument that is not understood ends the run before anything is done. Options of the verb,
/// settings of the service and words may stand in any order.
/// </summary>
internal sealed class VerbLine
{
    /// <summary>The exit code if the line itself is wrong.</summary>
    private const int Wrong = 2;

    private readonly IReadOnlyList<Verb> _group;
    private readonly string _first;
    private readonly List<string> _words = [];
    private readonly Dictionary<string, string> _options = [];
    private readonly Dictionary<string, string> _settings = new(StringComparer.OrdinalIgnoreCase);

    private VerbLine(IReadOnlyList<Verb> group, string first) => (_group, _first) = (group, first);

    /// <summary>The verb; null if <see cref="Reply"/> says why there is none.</summary>
    public Verb? Verb { get; private set; }

    /// <summary>The words, as many as the verb takes.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>The options by name; the value of a flag is empty.</summary>
    public IReadOnlyDictionary<string, string> Options => _options;

    /// <summary>The service's settings, for the configuration.</summary>
    public string[] Settings => [.. _settings.Values];

    /// <summary>The text to write at once, and the exit code: help, or the fault. Null: none.</summary>
    public (string Text, int ExitCode)? Reply { get; private set; }

    public static bool IsHelp(string token) => token is "--help" or "-h" or "-?";

    /// <param name="args">The arguments; the first is a word.</param>
    /// <param name="verbs">All verbs.</param>
    public static VerbLine Read(string[] args, Verb[] verbs)
    {
        var group = verbs.Where(verb => FirstOf(verb) == args[0]).ToList();
        var line = new VerbLine(group, args[0]);
        if (group.Count == 0)
        {
            var names = verbs.Select(FirstOf).Distinct().ToList();
            var meant = Meant(NearestName.Find(args[0], names));
            line.Refuse($"There is no verb '{args[0]}'.{meant} The verbs are {string.Join(", ", names)}; --help explains them.");
        }
        else if (args.Any(IsHelp))
            line.Explain(args);
        else if ((line.ReadTokens(args) ?? line.ChooseVerb()) is { } sentence)
            line.Refuse(sentence);
        return line;
    }

    private static string FirstOf(Verb verb) => verb.Name.Split(' ')[0];

    private static string SecondOf(Verb verb) => verb.Name.Split(' ')[^1];

    private static string Meant(string? name) => name is null ? "" : $" Did you mean {name}?";

    private void Refuse(string sentence) => (Verb, Reply) = (null, ($"{sentence}\n", Wrong));

    private void Explain(string[] args)
    {
        var verbs = _group.FirstOrDefault(verb => args.Skip(1).Any(token => verb.Name == $"{_first} {token}")) is { } one ? [one] : _group;
        Reply = (string.Join('\n', verbs.Select(verb => verb.Help)), 0);
    }

    /// <returns>The fault; null if there is none.</returns>
    private string? ReadTokens(string[] args)
    {
        for (var at = 1; at < args.Length; at++)
        {
            var token = args[at];
            var (name, value) = token.Split('=', 2) is [var before, var after] ? (before, after) : (token, null);
            var key = name.TrimStart('-', '/');
            var isSetting = SettingNames.Has(key) && (name.StartsWith("--", StringComparison.Ordinal) || value is not null);
            if (!token.StartsWith('-') && !isSetting)
            {
                _words.Add(token);
                continue;
            }
            var option = _group.SelectMany(verb => verb.Options).FirstOrDefault(each => each.Name == name);
            if (option is null && !isSetting)
                return Unknown(name);
            if (option is { Value: null })
            {
                if (value is not null)
                    return $"{name} takes no value.";
            }
            else if (value is null && at + 1 < args.Length && !args[at + 1].StartsWith("--", StringComparison.Ordinal))
                value = args[++at];
            // A setting may be empty, which removes an entry.
            if (option is { Value: { } stands } && string.IsNullOrEmpty(value))
                return $"{name} needs a value: {name} <{stands}>.";
            if (option is null && value is null)
                return $"{name} needs a value: {name} <value>. {name}= empties it.";
            if (!(option is null ? _settings.TryAdd(key, $"--{key}={value}") : _options.TryAdd(name, value ?? "")))
                return $"{name} is given twice. Give it once.";
        }
        return null;
    }

    /// <returns>The fault; null if <see cref="Verb"/> is set.</returns>
    private string? ChooseVerb()
    {
        if (_group.FirstOrDefault(verb => verb.Name == _first) is { } only)
            Verb = only;
        else
        {
            var names = _group.Select(SecondOf).ToList();
            var all = $"{_first} takes one of {string.Join(", ", names)}; {_first} --help explains them.";
            if (_words.Count == 0)
                return $"Something is missing after {_first}. {all}";
            Verb = _group.FirstOrDefault(verb => SecondOf(verb) == _words[0]);
            if (Verb is null)
                return $"There is no '{_first} {_words[0]}'.{Meant(NearestName.Find(_words[0], names))} {all}";
            _words.RemoveAt(0);
        }
        if (_options.Keys.FirstOrDefault(name => Verb.Options.All(option => option.Name != name)) is { } others)
            return $"{Verb.Name} does not take {others}. {Allowed(Verb)}";
        if (_words.Count > Verb.Words.Count)
            return $"'{_words[Verb.Words.Count]}' is one word too many. {Allowed(Verb)}";
        return Verb.Words.ElementAtOrDefault(_words.Count) is { } missing
            ? $"{Verb.Name} needs {missing.Form}: {missing.Help}. {Allowed(Verb)}"
            : null;
    }

    private string Unknown(string name)
    {
        var plain = name.TrimStart('-');
        var verb = _group.FirstOrDefault(each => _words.Count > 0 && SecondOf(each) == _words[0]) ?? (_group.Count == 1 ? _group[0] : null);
        var options = (verb is null ? _group.SelectMany(each => each.Options) : verb.Options).Select(option => option.Name);
        var nearest = NearestName.Find(plain, options.Select(option => option.TrimStart('-'))) ?? SettingNames.Nearest(plain);
        var allowed = verb is null ? $"{_first} --help shows its arguments." : Allowed(verb);
        var meant = Meant(nearest is null ? null : $"--{nearest}");
        return $"{name} is neither an option of {verb?.Name ?? _first} nor a setting.{meant} {allowed}";
    }

    private static string Allowed(Verb verb) =>
        $"Usage: {verb.Usage}, and settings such as --DataDirectory /data. {verb.Name} --help says more.";
}
