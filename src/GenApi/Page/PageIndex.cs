using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GenApi.Page;

/// <summary>
/// The document of the page: it names the files by their folder, what the view needs first, and the root of the service, which a proxy may
/// have put below a path.
/// </summary>
internal sealed class PageIndex(PageFiles files)
{
    /// <summary>The view of the root.</summary>
    private const string First = "create";

    private static readonly string[] Languages = ["en", "de"];

    /// <summary>The parts of the page whose texts every view needs.</summary>
    private static readonly string[] Texts = ["common", "problems"];

    private readonly ConcurrentDictionary<(string Root, string View, string Language), PageDocument> _documents = new();

    private string ImportMap => field ??= JsonSerializer.Serialize(new Dictionary<string, Dictionary<string, string>>
    {
        ["imports"] = PageFiles.Packages.ToDictionary(package => package.Key, package => $"./{Folder}/{package.Value}"),
    });

    /// <summary>
    /// The policy on what the page may load: its own files, pictures that scripts have made, and the one script inside the document, which
    /// only says where modules are. Nothing is evaluated, and no style stands in markup.
    /// </summary>
    public string Policy => field ??=
        $"default-src 'none'; script-src 'self' 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ImportMap)))}'; "
        + "style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; "
        + "manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

    private string Folder => $"{PageRouting.Folder}/{files.Version}";

    /// <param name="pathBase">The path below which the service is reached; empty for none.</param>
    /// <param name="view">The view of the address; null for that of the root. What is no view gets the document without one.</param>
    /// <param name="accepted">The languages of the browser, the first of them the best: <c>de-DE</c>.</param>
    public PageDocument DocumentFor(PathString pathBase, string? view, IEnumerable<string> accepted)
    {
        view ??= First;
        var language = accepted.Select(each => each.Split('-')[0].ToLowerInvariant()).FirstOrDefault(Languages.Contains) ?? Languages[0];
        var key = (pathBase.ToUriComponent(), files.Find(Style(view)) is null ? "" : view, language);
        return files.AreFixed ? _documents.GetOrAdd(key, Make) : Make(key);
    }

    private static string Style(string view) => $"styles/{view}.css";

    private PageDocument Make((string Root, string View, string Language) key)
    {
        var (root, view, language) = key;
        // Without a word about them, a browser finds one after the other. A language that somebody has chosen is loaded a little later.
        var preload = new StringBuilder();
        string[] parts = view.Length > 0 ? [.. Texts, view] : Texts;
        var modules = parts.Select(part => $"words/{language}/{part}.js").Append($"views/{view}.js");
        foreach (var path in modules.Where(path => files.Find(path) is not null))
            preload.Append($"<link rel=\"modulepreload\" href=\"{Folder}/{path}\">");
        if (view.Length > 0)
            preload.Append($"<link rel=\"stylesheet\" id=\"style-{view}\" href=\"{Folder}/{Style(view)}\">");
        return new(Encoding.UTF8.GetString(files.Find("index.html")!.Bytes)
            .Replace("{{root}}", HtmlEncoder.Default.Encode($"{root}/"), StringComparison.Ordinal)
            .Replace("{{importmap}}", ImportMap, StringComparison.Ordinal)
            .Replace("{{preload}}", preload.ToString(), StringComparison.Ordinal)
            .Replace("{{files}}", Folder, StringComparison.Ordinal));
    }
}

/// <summary>The bytes of a document, and their entity tag.</summary>
internal sealed class PageDocument(string html)
{
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(html);

    public string Tag => field ??= $"\"{Convert.ToHexStringLower(SHA256.HashData(Bytes))[..16]}\"";
}
