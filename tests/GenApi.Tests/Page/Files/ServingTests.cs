using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GenApi.Page;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Page.Files;

/// <summary>Tests how the page's document and files are served.</summary>
public sealed partial class ServingTests(ServingTests.House house) : IClassFixture<ServingTests.House>
{
    private const string Policy =
        "default-src 'none'; script-src 'self' '{0}'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        + "connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
        + "frame-ancestors 'none'";

    private GenApiApp App => house.App;

    [Fact]
    public async Task Every_view_has_the_document_which_is_checked_each_time_and_needs_no_key()
    {
        var root = await App.GetAsync("/");
        var (gallery, nothing) = (await App.GetAsync("/app/gallery?q=fox"), await App.GetAsync("/app/nothing"));
        var head = await App.SendAsync(HttpMethod.Head, "/app/gallery", null);

        Assert.Equal((200, "text/html; charset=utf-8"), (root.Status, root.Header("Content-Type")));
        Assert.Equal(("no-cache", "Accept-Language"), (root.Header("Cache-Control"), root.Header("Vary")));
        // They differ only in what they name beforehand, which is what the view needs.
        Assert.Equal(WithoutHints(root), WithoutHints(gallery));
        Assert.Equal(WithoutHints(root), WithoutHints(nothing));
        Assert.Contains("/views/create.js", root.Text, StringComparison.Ordinal);
        Assert.Contains("/views/gallery.js", gallery.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/views/", nothing.Text, StringComparison.Ordinal);
        Assert.Equal((200, 0), (head.Status, head.Body.Length));
        static string WithoutHints(Answer answer) => Hint().Replace(answer.Text, "");
    }

    [Theory]
    [InlineData("{0}", 304)]
    [InlineData("W/{0}", 304)]
    [InlineData("\"other\", {0}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"other\"", 200)]
    [InlineData("\"x{0}\"", 200)]
    public async Task A_document_that_the_browser_has_is_not_sent_again(string known, int status)
    {
        var tag = (await App.GetAsync("/app/runs")).Header("ETag")!;

        var again = await App.GetAsync("/app/runs", ("If-None-Match", known.Replace("{0}", tag, StringComparison.Ordinal)));

        Assert.Equal((status, tag), (again.Status, again.Header("ETag")));
        Assert.Equal(status == 304, again.Body.Length == 0);
    }

    [Theory]
    [InlineData("de-DE, de;q=0.9, en;q=0.5", "de")]
    [InlineData("en;q=0.5, de", "de")]
    [InlineData("fr, en-US;q=0.8", "en")]
    [InlineData("fr", "en")]
    public async Task A_document_names_the_texts_of_the_browsers_language(string accepted, string language)
    {
        var document = await App.GetAsync("/", ("Accept-Language", accepted));

        Assert.Contains($"/words/{language}/create.js", document.Text, StringComparison.Ordinal);
        Assert.Single(Words().Matches(document.Text).Select(match => match.Value).Distinct());
    }

    [Fact]
    public async Task The_policy_allows_our_own_files_and_the_import_map_alone()
    {
        var root = await App.GetAsync("/");

        var scripts = InlineScript().Matches(root.Text);
        var map = Assert.Single(scripts).Groups[1].Value;
        var hash = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(map)))}";
        Assert.Equal(Policy.Replace("{0}", hash, StringComparison.Ordinal), root.Header("Content-Security-Policy"));
        Assert.DoesNotMatch(InlineStyleOrHandler(), root.Text);
        Assert.Equal("nosniff", root.Header("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Every_file_is_kept_for_ever_and_arrives_whole_compressed_or_not()
    {
        var folder = await FolderAsync(App);
        var joined = PageJoiner.Join(PageSources.All, PageFiles.Packages, PageFiles.Root);
        Assert.Contains("views/create.js", joined.Keys);
        foreach (var path in PageSources.Paths)
        {
            var bytes = joined.TryGetValue(path, out var text) ? Encoding.UTF8.GetBytes(text) : PageSources.Bytes(path);
            var plain = await App.GetAsync($"/app/{folder}/{path}");
            var brotli = await App.GetAsync($"/app/{folder}/{path}", ("Accept-Encoding", "gzip, deflate, br, zstd"));
            var gzip = await App.GetAsync($"/app/{folder}/{path}", ("Accept-Encoding", "gzip, br;q=0"));

            Assert.Equal((path, 200, "public, max-age=31536000, immutable"), (path, plain.Status, plain.Header("Cache-Control")));
            Assert.Equal((path, "Accept-Encoding"), (path, plain.Header("Vary")));
            Assert.True(bytes.AsSpan().SequenceEqual(plain.Body), path);
            Assert.True(bytes.AsSpan().SequenceEqual(Unpacked(brotli)), path);
            Assert.True(bytes.AsSpan().SequenceEqual(Unpacked(gzip)), path);
            if (bytes.Length > 1000 && path.EndsWith("js", StringComparison.Ordinal))
            {
                Assert.Equal((path, "br", "gzip"), (path, brotli.Header("Content-Encoding"), gzip.Header("Content-Encoding")));
                Assert.Equal("text/javascript; charset=utf-8", plain.Header("Content-Type"));
                Assert.InRange(brotli.Body.Length, 1, bytes.Length * 6 / 10);
            }
        }
    }

    [Theory]
    [InlineData("/app/0123456789abcdef/main.js")]
    [InlineData("/app/{0}/nothing.js")]
    [InlineData("/app/{0}/kernel")]
    [InlineData("/app/{0}/../../GenApi.dll")]
    [InlineData("/app/{0}/..%2f..%2fappsettings.json")]
    [InlineData("/app/{0}/%2e%2e/%2e%2e/appsettings.json")]
    public async Task What_is_no_file_is_a_problem_and_is_not_kept(string path)
    {
        var missing = await App.GetAsync(path.Replace("{0}", await FolderAsync(App), StringComparison.Ordinal));

        Assert.Equal((404, "not_found", "application/problem+json"), (missing.Status, missing.Code, missing.Header("Content-Type")));
        Assert.DoesNotContain("immutable", missing.Header("Cache-Control") ?? "");
    }

    [Theory]
    [InlineData("/genapi", "/genapi")]
    [InlineData("/genapi/", "")]
    public async Task Behind_a_path_the_document_names_it_and_the_files_are_there(string setting, string asked)
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Hosting:PathBase"] = setting });

        var root = await app.GetAsync($"{asked}/app/gallery");
        var file = await app.GetAsync($"{asked}/app/{await FolderAsync(app)}/kernel/dom.js");

        Assert.Contains("<base href=\"/genapi/\">", root.Text, StringComparison.Ordinal);
        // Every address in the document is relative to it.
        Assert.DoesNotMatch(AbsoluteAddress(), root.Text.Replace("<base href=\"/genapi/\">", "", StringComparison.Ordinal));
        Assert.Equal((200, PageSources.Text("kernel/dom.js")), (file.Status, file.Text));
    }

    private static async Task<string> FolderAsync(GenApiApp app) => FolderName().Match((await app.GetAsync("/")).Text).Groups[1].Value;

    private static byte[] Unpacked(Answer answer)
    {
        using var packed = new MemoryStream(answer.Body);
        using Stream stream = answer.Header("Content-Encoding") switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "gzip" => new GZipStream(packed, CompressionMode.Decompress),
            _ => packed,
        };
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    [GeneratedRegex("app/([0-9a-f]{16})/main\\.js")]
    private static partial Regex FolderName();

    [GeneratedRegex("<link rel=\"(?:modulepreload|stylesheet\" id)[^>]*>")]
    private static partial Regex Hint();

    [GeneratedRegex("/words/[a-z]+/")]
    private static partial Regex Words();

    [GeneratedRegex("<script(?![^>]* src=)[^>]*>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style|\\sstyle=|\\son[a-z]+=|javascript:")]
    private static partial Regex InlineStyleOrHandler();

    [GeneratedRegex("(?:href|src)=\"(?:/|https?:)|\"(?:/|https?:)[^\"]*\\.m?js\"")]
    private static partial Regex AbsoluteAddress();

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() => App = await Keys.StartAsync();

        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }
}
