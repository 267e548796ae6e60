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
    string Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string BaseUrl)
{
    public string Url => $"{BaseUrl}/v1/files/{Id}";
}

/// <summary>
/// Holds uploaded input files in memory, for as long as Replicate would keep them. When they outgrow the limit, the oldest go first.
/// </summary>
internal sealed class UploadedFiles(SandboxOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, UploadedFile> _all = new();
    private readonly Lock _gate = new();

    public IEnumerable<UploadedFile> Newest => _all.Values.Where(IsKept).OrderByDescending(file => file.CreatedAt);

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
            _all[file.Id] = file;
            var held = _all.Values.Sum(each => (long)each.Content.Length);
            foreach (var oldest in _all.Values.OrderBy(each => each.CreatedAt))
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
