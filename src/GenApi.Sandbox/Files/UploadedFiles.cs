using System.Collections.Concurrent;
using GenApi.Sandbox.Control;

namespace GenApi.Sandbox.Files;

/// <summary>A file of the Files API, with its bytes.</summary>
internal sealed record UploadedFile(
    string Id,
    string Name,
    string ContentType,
    byte[] Content,
    string Sha256,
    string Md5,
    string Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string BaseUrl)
{
    /// <summary>Increases by one per file. The list is ordered by it, and its cursors hold it.</summary>
    public long Number { get; init; }

    public string Url => $"{BaseUrl}/v1/files/{Id}";
}

/// <summary>
/// Holds uploaded input files in memory, for as long as Replicate would keep them. When they outgrow the limit, the oldest go first.
/// </summary>
internal sealed class UploadedFiles(SandboxOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, UploadedFile> _all = new();
    private readonly Lock _gate = new();
    private long _number;

    /// <summary>Returns up to <paramref name="size"/> files, newest first, and whether there are more in either direction.</summary>
    /// <param name="size">The highest number of rows.</param>
    /// <param name="below">Selects smaller numbers, the newest of them.</param>
    /// <param name="above">Selects greater numbers, the oldest of them. Not together with <paramref name="below"/>.</param>
    public (IReadOnlyList<UploadedFile> Rows, bool Older, bool Newer) Page(int size, long? below, long? above)
    {
        var all = _all.Values.Where(IsKept).OrderByDescending(file => file.Number).ToList();
        var rows = above is null
            ? all.Where(file => !(file.Number >= below)).Take(size).ToList()
            : all.Where(file => file.Number > above).TakeLast(size).ToList();
        return rows.Count == 0 ? ([], false, false) : (rows, all[^1] != rows[^1], all[0] != rows[0]);
    }

    public UploadedFile? Find(string id) => _all.TryGetValue(id, out var file) && IsKept(file) ? file : null;

    /// <summary>Finds a file by the address that its uploader received, on any host; null for any other address.</summary>
    public UploadedFile? FindByAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Segments is ["/", "v1/", "files/", var id] ? Find(id) : null;

    /// <summary>Tells whether an address belongs to the Files API. The file itself may be gone.</summary>
    public static bool IsAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback && uri.Segments is ["/", "v1/", "files/", _];

    public void Add(UploadedFile file)
    {
        lock (_gate)
        {
            foreach (var expired in _all.Values.Where(each => !IsKept(each)))
                _all.TryRemove(expired.Id, out _);
            _all[file.Id] = file with { Number = ++_number };
            var held = _all.Values.Sum(each => (long)each.Content.Length);
            foreach (var oldest in _all.Values.OrderBy(each => each.Number))
            {
                if (held <= options.MaxUploadBytes || oldest.Id == file.Id)
                    break;
                _all.TryRemove(oldest.Id, out _);
                held -= oldest.Content.Length;
            }
        }
    }

    public bool Remove(string id) => _all.TryRemove(id, out _);

    public void Clear() => _all.Clear();

    private bool IsKept(UploadedFile file) => time.GetUtcNow() < file.ExpiresAt;
}
