using System.Text;
using System.Text.RegularExpressions;

namespace GenApi.Page;

/// <summary>
/// Joins modules into few files, so that a browser loads a view with one request instead of dozens. The first file (the root) has what
/// the page's frame needs and what several views share. Every other module that is imported when it is needed, such as a view, gets a
/// separate file under its own name. No code is changed but imports and exports: each module keeps its scope. A module of the root must not
/// await another file at its top level, because that file waits for the root.
/// </summary>
internal static class PageJoiner
{
    /// <summary>The object by which modules find each other.</summary>
    private const string Registry = "genapiModules";

    /// <summary>Packages' files declare with <c>var</c>, whose names reach beyond a block.</summary>
    private const string Packages = "vendor/";

    /// <param name="sources">The texts of all modules by their paths.</param>
    /// <param name="names">The paths behind the names of packages.</param>
    /// <param name="root">The path of the first module.</param>
    /// <returns>The joined files by the paths of the modules in whose place they are served.</returns>
    /// <exception cref="InvalidOperationException">Modules import each other, or a name or module that there is not.</exception>
    public static IReadOnlyDictionary<string, string> Join(
        IReadOnlyDictionary<string, string> sources, IReadOnlyDictionary<string, string> names, string root)
    {
        var modules = new Dictionary<string, PageModule>(StringComparer.Ordinal);
        var entries = new SortedSet<string>(StringComparer.Ordinal) { root };
        Read(root, sources, names, modules, entries);
        // A folder of which something is imported by a composed name also has modules that only its others import.
        entries.ExceptWith(modules.Values.SelectMany(module => module.Targets).Where(target => target != root));
        Check(modules.Values, modules);

        var reached = entries.ToDictionary(entry => entry, entry => InOrder([entry], modules), StringComparer.Ordinal);
        var users = modules.Keys.ToDictionary(
            path => path, path => entries.Where(entry => reached[entry].Contains(path)).ToHashSet(), StringComparer.Ordinal);
        var parents = entries.Where(entry => entry != root)
            .ToDictionary(entry => entry, entry => Parent(entry, root, modules.Values, users), StringComparer.Ordinal);
        var files = modules.Keys.ToLookup(path => Owner(users[path], root, parents));
        return entries.Where(entry => entry == root || modules[entry].Targets.Count > 0).ToDictionary(
            entry => entry,
            entry => Write(entry, root, InOrder([.. files[entry].Order(StringComparer.Ordinal).Except([entry]), entry], modules)
                .Where(files[entry].ToHashSet().Contains).Select(path => modules[path]).ToList()),
            StringComparer.Ordinal);
    }

    private static void Read(
        string path,
        IReadOnlyDictionary<string, string> sources,
        IReadOnlyDictionary<string, string> names,
        Dictionary<string, PageModule> modules,
        SortedSet<string> entries)
    {
        if (modules.ContainsKey(path))
            return;
        if (!sources.TryGetValue(path, out var source))
            throw new InvalidOperationException($"There is no module {path}, but another one imports it.");
        var module = modules[path] = new(path, source, names);
        foreach (var entry in module.Dynamic.SelectMany(pattern => Matching(pattern, sources.Keys)))
        {
            entries.Add(entry);
            Read(entry, sources, names, modules, entries);
        }
        foreach (var target in module.Targets)
            Read(target, sources, names, modules, entries);
    }

    /// <summary>The modules that a path stands for, in which <c>${…}</c> stands for any name.</summary>
    private static IEnumerable<string> Matching(string pattern, IEnumerable<string> paths)
    {
        var parts = Regex.Split(pattern, @"\$\{[^}]*\}");
        var regex = string.Join("[^/]+", parts.Select(Regex.Escape));
        return paths.Where(path => Regex.IsMatch(path, $"^{regex}$"));
    }

    private static void Check(IEnumerable<PageModule> all, Dictionary<string, PageModule> modules)
    {
        foreach (var module in all)
        {
            foreach (var (target, name) in module.Imports.Select(each => (each.Target, each.Name))
                .Concat(module.Passed.Select(each => (each.Target, each.Name))))
            {
                if (!modules[target].Offers(name))
                    throw new InvalidOperationException($"{module.Path} imports {name} from {target}, which does not export it.");
            }
        }
    }

    /// <summary>Modules and what they import, each after everything that it imports.</summary>
    private static List<string> InOrder(IEnumerable<string> starts, Dictionary<string, PageModule> modules)
    {
        var order = new List<string>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new List<string>();
        void Visit(string path)
        {
            if (open.Contains(path))
                throw new InvalidOperationException($"Modules import each other: {string.Join(", ", open.Append(path))}.");
            if (!done.Add(path))
                return;
            open.Add(path);
            foreach (var target in modules[path].Targets)
                Visit(target);
            open.RemoveAt(open.Count - 1);
            order.Add(path);
        }
        foreach (var start in starts)
            Visit(start);
        return order;
    }

    /// <summary>The file that is always there before another one is asked for.</summary>
    private static string Parent(
        string entry, string root, IEnumerable<PageModule> modules, Dictionary<string, HashSet<string>> users)
    {
        var importers = modules.Where(module => module.Dynamic.Any(pattern => Matching(pattern, [entry]).Any())).ToList();
        return importers is [var only] && users[only.Path] is { Count: 1 } file ? file.Single() : root;
    }

    /// <summary>The file for a module: that of the only entry which needs it, otherwise the root.</summary>
    private static string Owner(HashSet<string> users, string root, Dictionary<string, string> parents)
    {
        bool HasAncestor(string entry) =>
            parents.TryGetValue(entry, out var parent) && (users.Contains(parent) || HasAncestor(parent));
        return users.Where(entry => !HasAncestor(entry)).ToList() is [var only] ? only : root;
    }

    private static string Write(string file, string root, List<PageModule> modules)
    {
        var text = new StringBuilder();
        text.Append(file == root
            ? $"export const {Registry} = Object.create(null);\n"
            : $"import {{ {Registry} }} from '{PageModule.Relative(file, root)}';\n");
        foreach (var module in modules)
        {
            var (begin, end) = module.Path.StartsWith(Packages, StringComparison.Ordinal) ? ("(() => {", "})();") : ("{", "}");
            text.Append($"// {module.Path}\n{begin}\n");
            foreach (var group in module.Imports.GroupBy(each => each.Target))
            {
                var taken = group.Select(each => each.Name == each.Local ? each.Name : $"{each.Name}: {each.Local}");
                text.Append($"const {{ {string.Join(", ", taken)} }} = {Registry}['{group.Key}'];\n");
            }
            text.Append(module.BodyFor(file));
            var offered = module.Exports.Select(each => each.Name == each.Local ? each.Name : $"{each.Name}: {each.Local}")
                .Concat(module.Passed.Select(each => $"{each.Exported}: {Registry}['{each.Target}'].{each.Name}"));
            text.Append($"\n;{Registry}['{module.Path}'] = {{ {string.Join(", ", offered)} }};\n{end}\n");
        }
        // The module's own exports, for any module that imports it by its name.
        foreach (var (name, _) in modules.Single(module => module.Path == file).Exports)
        {
            text.Append(name == "default"
                ? $"export default {Registry}['{file}'].default;\n"
                : $"export const {{ {name} }} = {Registry}['{file}'];\n");
        }
        return text.ToString();
    }
}
