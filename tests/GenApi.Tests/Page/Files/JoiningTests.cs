using System.Text.RegularExpressions;
using GenApi.Page;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Page.Files;

/// <summary>Tests how modules are joined. That the joined page works is what all tests in a browser show.</summary>
public sealed partial class JoiningTests : IDisposable
{
    private static readonly Dictionary<string, string> Names = new() { ["pack"] = "vendor/pack.mjs" };

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-joined-").FullName;

    [Fact]
    public void Each_module_is_in_one_file_and_a_view_brings_what_it_alone_needs()
    {
        var joined = PageJoiner.Join(PageSources.All, PageFiles.Packages, PageFiles.Root);
        var places = joined.SelectMany(file => Heading().Matches(file.Value).Select(match => (Module: match.Groups[1].Value, file.Key)))
            .ToLookup(place => place.Module, place => place.Key);

        string[] views = ["create", "gallery", "models", "runs", "settings", "sign-in", "usage"];
        Assert.Equal(
            ["code/dialog.js", "create/mask.js", "gallery/zoom.js", "main.js", .. views.Select(view => $"views/{view}.js")],
            joined.Keys.Order(StringComparer.Ordinal));
        Assert.All(places, place => Assert.Single(place));
        // Workers, words and a package that needs no other module are served as they are.
        string[] alone = ["worker.js", "vendor/photoswipe.esm.min.js"];
        Assert.Equal(
            PageSources.All.Keys.Where(path => !alone.Contains(path) && !path.StartsWith("words/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
            places.Select(place => place.Key).Order(StringComparer.Ordinal));
        Assert.Equal("main.js", places["parts/dialog.js"].Single());
        Assert.Equal("main.js", places["vendor/preact.mjs"].Single());
        Assert.Equal("views/usage.js", places["vendor/uPlot.esm.js"].Single());
        Assert.Equal("gallery/zoom.js", places["gallery/zoom.js"].Single());
    }

    /// <summary>A program in all styles that we and our packages use, run as it is and joined.</summary>
    [Fact]
    public async Task Joined_modules_do_what_they_do_apart()
    {
        Dictionary<string, string> sources = new()
        {
            ["main.js"] = """
                import { first, second as another } from './parts/one.js';
                import two from './parts/two.js';
                import { packed, Renamed } from './kernel/all.js';

                const name = 'main';
                import(`./views/${name.slice(0, 2)}p.js`).then((later) =>
                  console.log([first, another(), two('x'), packed, new Renamed().say(), name, later.default(), later.where].join(' ')));
                """,
            ["parts/one.js"] = """
                // import { nothing } from './nothing.js';
                import { packed } from '../kernel/all.js';

                const name = 'one';
                /*
                export function nothing() {}
                */
                export const first = `${name} export const ${packed}`;

                export function second() {
                  return import.meta.url.endsWith('parts/one.js') ? 'its own address' : import.meta.url;
                }
                """,
            ["parts/two.js"] = """
                const name = await Promise.resolve('two');

                export default function two(text) {
                  return name + text;
                }
                """,
            ["kernel/all.js"] = "export { packed } from 'pack';\nimport pack, { Inner as Class } from 'pack';\n"
                + "const Renamed = Class;\nexport { Renamed, pack as whole };\n",
            ["vendor/pack.mjs"] = "var name=\"pack\",i=class{say(){return name+\"ed\"}};"
                + "export default function(n){return n};export{name as packed,i as Inner};\n//# sourceMappingURL=pack.mjs.map\n",
            ["views/map.js"] = """
                import { first } from '../parts/one.js';
                import { words } from './map-words.js';

                const name = 'map';
                export const where = import.meta.url.endsWith('views/map.js');

                export default () => `${words} ${first.length} ${name}`;
                """,
            ["views/map-words.js"] = "export const words = 'words of the map';\n",
        };
        var joined = PageJoiner.Join(sources, Names, "main.js");

        Assert.Equal(["main.js", "views/map.js"], joined.Keys.Order(StringComparer.Ordinal));
        var apart = await RunAsync("apart", sources.ToDictionary(
            file => file.Key, file => file.Value.Replace("'pack'", "'../vendor/pack.mjs'", StringComparison.Ordinal)));
        Assert.Equal("one export const pack its own address twox pack packed main words of the map 21 map true\n", apart);
        Assert.Equal(apart, await RunAsync("joined", joined));
    }

    [Theory]
    [InlineData("import { b } from './b.js';", "export const c = 1;", "a.js imports b from b.js, which does not export it.")]
    [InlineData("import b from './b.js';", "export const b = 1;", "a.js imports default from b.js, which does not export it.")]
    [InlineData("import { b } from './c.js';", "", "There is no module c.js, but another one imports it.")]
    [InlineData("import { b } from 'c';", "", "a.js imports c, which no name stands for.")]
    [InlineData("import { b } from './b.js';\nexport const a = 1;", "import { a } from './a.js';\nexport const b = 1;", "a.js, b.js, a.js")]
    [InlineData("import * as b from './b.js';", "", "a.js: \"import * as b from './b.js';\" can't be joined.")]
    [InlineData("export let a = 1;", "", "a.js: \"export let a = 1;\" can't be joined.")]
    public void What_would_not_work_is_refused(string a, string b, string reason)
    {
        var failure = Assert.Throws<InvalidOperationException>(
            () => PageJoiner.Join(new Dictionary<string, string> { ["a.js"] = a, ["b.js"] = b }, Names, "a.js"));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> RunAsync(string name, IReadOnlyDictionary<string, string> files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        foreach (var (path, text) in files.Append(new("package.json", """{ "type": "module" }""")))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllTextAsync(Path.Combine(folder, path), text, TestContext.Current.CancellationToken);
        }
        return await Tool.RunAsync(Tool.Require("node"), ["main.js"], folder);
    }

    [GeneratedRegex("^// ([a-z][\\w./-]*\\.m?js)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
