using System.Text.RegularExpressions;

namespace GenApi.Page;

/// <summary>
/// An ES module of the page, taken apart for <see cref="PageJoiner"/>. It understands the ways in which our own modules and the packages'
/// files import and export, and refuses everything else.
/// </summary>
internal sealed partial class PageModule
{
    /// <summary>The local name of an export by default that has no other.</summary>
    private const string DefaultName = "genapiDefault";

    private readonly List<(string Target, string Name, string Local)> _imports = [];
    private readonly List<string> _targets = [];
    private readonly List<(string Name, string Local)> _exports = [];
    private readonly List<(string Target, string Name, string Exported)> _passedOn = [];

    /// <param name="path">Below the folder of the page, with slashes.</param>
    /// <param name="source">The text of the module.</param>
    /// <param name="names">The paths behind the names of packages.</param>
    /// <exception cref="InvalidOperationException">It imports or exports in a way that is not understood.</exception>
    public PageModule(string path, string source, IReadOnlyDictionary<string, string> names)
    {
        Path = path;
        // What is commented out is no statement.
        var body = Comment().Replace(SourceMap().Replace(source, ""), match => match.Value.Replace("\n", "\n ", StringComparison.Ordinal));
        body = Import().Replace(body, match => ReadImport(match, names));
        body = PassedOn().Replace(body, match => ReadPassedOn(match, names));
        body = ExportList().Replace(body, ReadExportList);
        body = ExportDefault().Replace(body, ReadExportDefault);
        body = ExportDeclaration().Replace(body, ReadExportDeclaration);
        Body = body;
        if (Left().Match(body) is { Success: true } left)
            throw new InvalidOperationException($"{path}: \"{body[left.Index..].Split('\n')[0].Trim()}\" can't be joined.");
        Dynamic = [.. DynamicImport().Matches(body).Select(match => Resolve(path, match.Groups["from"].Value))];
    }

    public string Path { get; }

    /// <summary>The code without its imports and exports.</summary>
    public string Body { get; }

    /// <summary>The modules that it imports, in order.</summary>
    public IReadOnlyList<string> Targets => _targets;

    /// <summary>The names that it takes from other modules; the default has the name <c>default</c>.</summary>
    public IReadOnlyList<(string Target, string Name, string Local)> Imports => _imports;

    /// <summary>The names that it offers, with those in its code.</summary>
    public IReadOnlyList<(string Name, string Local)> Exports => _exports;

    /// <summary>The names that it offers from other modules.</summary>
    public IReadOnlyList<(string Target, string Name, string Exported)> Passed => _passedOn;

    /// <summary>The paths that it imports when it runs; <c>${…}</c> stands for what is not known before.</summary>
    public IReadOnlyList<string> Dynamic { get; }

    public bool Offers(string name) => _exports.Exists(each => each.Name == name) || _passedOn.Exists(each => each.Exported == name);

    /// <summary>The code for a place in another file: addresses that are relative to this module become relative to that file.</summary>
    public string BodyFor(string file)
    {
        var body = DynamicImport().Replace(Body, match =>
        {
            var (quote, from) = (match.Groups["quote"].Value, match.Groups["from"].Value);
            return $"import({quote}{Relative(file, Resolve(Path, from))}{quote})";
        });
        return file == Path
            ? body
            : body.Replace("import.meta.url", $"new URL('{Relative(file, Path)}', import.meta.url).href", StringComparison.Ordinal);
    }

    /// <summary>The specifier by which a file imports another one.</summary>
    public static string Relative(string file, string target) =>
        $"{(file.Contains('/') ? string.Concat(Enumerable.Repeat("../", file.Count(each => each == '/'))) : "./")}{target}";

    private string ReadImport(Match match, IReadOnlyDictionary<string, string> names)
    {
        var target = Target(match, names);
        if (match.Groups["default"] is { Success: true } local)
            _imports.Add((target, "default", local.Value));
        foreach (var (name, inside) in NamesOf(match))
            _imports.Add((target, name, inside));
        return "";
    }

    private string ReadPassedOn(Match match, IReadOnlyDictionary<string, string> names)
    {
        var target = Target(match, names);
        foreach (var (name, exported) in NamesOf(match))
            _passedOn.Add((target, name, exported));
        return "";
    }

    private string ReadExportList(Match match)
    {
        foreach (var (local, name) in NamesOf(match))
            _exports.Add((name, local));
        return "";
    }

    private string ReadExportDefault(Match match)
    {
        var name = match.Groups["name"];
        _exports.Add(("default", name.Success ? name.Value : DefaultName));
        return name.Success ? $"{match.Groups["kind"].Value} {name.Value}" : $"const {DefaultName} = ";
    }

    private string ReadExportDeclaration(Match match)
    {
        var name = match.Groups["name"].Value;
        _exports.Add((name, name));
        return $"{match.Groups["kind"].Value} {name}";
    }

    private string Target(Match match, IReadOnlyDictionary<string, string> names)
    {
        var from = match.Groups["from"].Value;
        var target = from.StartsWith('.') ? Resolve(Path, from)
            : names.TryGetValue(from, out var known) ? known
            : throw new InvalidOperationException($"{Path} imports {from}, which no name stands for.");
        if (!_targets.Contains(target))
            _targets.Add(target);
        return target;
    }

    private static IEnumerable<(string First, string Second)> NamesOf(Match match) =>
        from part in match.Groups["names"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        let words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (words[0], words[^1]);

    private static string Resolve(string from, string specifier)
    {
        var parts = from.Split('/').SkipLast(1).ToList();
        foreach (var part in specifier.Split('/'))
        {
            if (part == "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".")
                parts.Add(part);
        }
        return string.Join('/', parts);
    }

    [GeneratedRegex(@"^[ \t]*/\*.*?\*/", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Comment();

    // A statement begins a line or, in the packages' compressed files, follows another one.
    [GeneratedRegex("""
        (?<=\A|[\n;])import\s*(?:(?<default>[\w$]+)\s*,?\s*)?(?:\{(?<names>[^{}]*)\}\s*)?(?:from\s*)?(["'])(?<from>[^"'\n]+)\1;?
        """)]
    private static partial Regex Import();

    [GeneratedRegex("""(?<=\A|[\n;}])export\s*\{(?<names>[^{}]*)\}\s*from\s*(["'])(?<from>[^"'\n]+)\1;?""")]
    private static partial Regex PassedOn();

    [GeneratedRegex(@"(?<=\A|[\n;}])export\s*\{(?<names>[^{}]*)\};?")]
    private static partial Regex ExportList();

    [GeneratedRegex(@"(?<=\A|[\n;}])export default (?:(?<kind>(?:async )?function|class) (?<name>[\w$]+))?")]
    private static partial Regex ExportDefault();

    [GeneratedRegex(@"(?<=\A|[\n;}])export (?<kind>(?:async )?function\*?|class|const) (?<name>[\w$]+)")]
    private static partial Regex ExportDeclaration();

    [GeneratedRegex(@"^(?:import|export)\b(?!\()", RegexOptions.Multiline)]
    private static partial Regex Left();

    [GeneratedRegex("""\bimport\((?<quote>['`])(?<from>\.[^'`]*)\k<quote>\)""")]
    private static partial Regex DynamicImport();

    [GeneratedRegex(@"//# sourceMappingURL=\S+")]
    private static partial Regex SourceMap();
}
