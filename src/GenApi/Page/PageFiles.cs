using System.Collections.Concurrent;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace GenApi.Page;

/// <summary>
/// The files of the web page, from the assembly. Their folder in addresses is a hash of all of them, so browsers may keep them for ever and
/// never mix two versions. Modules are joined (<see cref="PageJoiner"/>) when the page is first asked for, compressed forms are made when
/// their file is.
/// </summary>
internal sealed class PageFiles
{
    /// <summary>The beginning of the names of the embedded files; what follows is the path.</summary>
    private const string Prefix = "Page/";

    /// <summary>The path of the page's first module.</summary>
    public const string Root = "main.js";

    /// <summary>
    /// The environment variable with a folder from which the files are read at each request, to work on them without a build. They are not
    /// joined, so that a browser's tools show them as they are.
    /// </summary>
    public const string FolderVariable = "GENAPI_PAGE_FILES";

    private static readonly Assembly Source = typeof(PageFiles).Assembly;

    private readonly string? _folder;
    private readonly Dictionary<string, byte[]> _served;
    private readonly ConcurrentDictionary<string, PageFile> _prepared = new(StringComparer.Ordinal);

    public PageFiles(string? folder)
    {
        _folder = folder is { Length: > 0 } ? Path.GetFullPath(folder) : null;
        _served = _folder is null ? Embedded() : [];
        if (_folder is null)
            JoinModules(_served);
        Version = _folder is null ? VersionOf(_served) : "working-copy";
    }

    /// <summary>The names by which modules import the files of packages. Workers know none of them.</summary>
    public static IReadOnlyDictionary<string, string> Packages { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["preact"] = "vendor/preact.mjs",
        ["preact/hooks"] = "vendor/hooks.mjs",
        ["@preact/signals-core"] = "vendor/signals-core.mjs",
        ["@preact/signals"] = "vendor/signals.mjs",
        ["htm"] = "vendor/htm.module.js",
    };

    /// <summary>The name of the folder: 16 hexadecimal digits, or a word for files that may change.</summary>
    public string Version { get; }

    /// <summary>True if the files never change while the process runs.</summary>
    public bool AreFixed => _folder is null;

    /// <param name="path">Below the folder, with slashes.</param>
    /// <returns>Null if there is no such file.</returns>
    public PageFile? Find(string path)
    {
        if (!AreFixed)
            return Read(path) is { } bytes ? new PageFile(path, bytes) : null;
        return _served.TryGetValue(path, out var served)
            ? _prepared.GetOrAdd(path, static (path, bytes) => new PageFile(path, bytes), served)
            : null;
    }

    private byte[]? Read(string path)
    {
        var file = Path.GetFullPath(Path.Combine(_folder!, path));
        return file.StartsWith(_folder! + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(file)
            ? File.ReadAllBytes(file)
            : null;
    }

    private static Dictionary<string, byte[]> Embedded() => Source.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[Prefix.Length..].Replace('\\', '/'), Bytes, StringComparer.Ordinal);

    private static void JoinModules(Dictionary<string, byte[]> files)
    {
        var sources = files.Where(file => Path.GetExtension(file.Key) is ".js" or ".mjs")
            .ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value), StringComparer.Ordinal);
        foreach (var (path, joined) in PageJoiner.Join(sources, Packages, Root))
            files[path] = Encoding.UTF8.GetBytes(joined);
    }

    private static byte[] Bytes(string resource)
    {
        using var stream = Source.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string VersionOf(Dictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, bytes) in files.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{bytes.Length}\0"));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}

/// <summary>A file of the page.</summary>
internal sealed class PageFile(string path, byte[] bytes)
{
    // Of 0 to 11. From 10 on, the largest file would take a quarter of a second when it is first asked for.
    private static readonly BrotliCompressionOptions Best = new() { Quality = 9 };

    private readonly Lazy<byte[]?> _brotli = new(() => Compressed(path, bytes, stream => new BrotliStream(stream, Best)));
    private readonly Lazy<byte[]?> _gzip = new(() => Compressed(path, bytes, stream => new GZipStream(stream, CompressionLevel.Optimal)));

    public byte[] Bytes => bytes;

    /// <summary>Null if compression gains nothing.</summary>
    public byte[]? Brotli => _brotli.Value;

    /// <inheritdoc cref="Brotli"/>
    public byte[]? Gzip => _gzip.Value;

    public string ContentType { get; } = Path.GetExtension(path) switch
    {
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".html" => "text/html; charset=utf-8",
        ".png" => "image/png",
        ".webmanifest" => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    };

    private static byte[]? Compressed(string path, byte[] bytes, Func<Stream, Stream> wrap)
    {
        if (Path.GetExtension(path) == ".png")
            return null;
        using var buffer = new MemoryStream();
        using (var stream = wrap(buffer))
            stream.Write(bytes);
        var compressed = buffer.ToArray();
        return compressed.Length < bytes.Length ? compressed : null;
    }
}
