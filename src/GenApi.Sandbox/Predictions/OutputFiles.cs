using System.Collections.Concurrent;
using System.Security.Cryptography;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Painting;

namespace GenApi.Sandbox.Predictions;

/// <summary>The bytes of a picture and their entity tag.</summary>
internal sealed record PictureBytes(byte[] Content, string ETag);

/// <summary>
/// Holds the output files. A file is stored as its recipe. Painted bytes stay in memory while there is room and are painted again
/// otherwise: an hour of pictures would not fit, and painting again gives the same bytes.
/// </summary>
internal sealed class OutputFiles(long cacheBytes)
{
    // Painting is pure computation: more painters than cores only cost memory.
    private readonly TaskFactory _painters = new(
        new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, Environment.ProcessorCount).ConcurrentScheduler);
    private readonly ConcurrentDictionary<string, Picture> _files = new();
    private readonly ConcurrentDictionary<string, (string Model, Sample Sample)> _samples = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Picture, LinkedListNode<(Picture Picture, PictureBytes Bytes)>> _cached = [];
    private readonly LinkedList<(Picture Picture, PictureBytes Bytes)> _recent = new();
    private readonly Dictionary<Picture, Task<PictureBytes>> _inWork = [];
    private long _size;

    /// <returns>The key under which the file is found.</returns>
    public string Add(Picture picture)
    {
        var key = PredictionBook.NewId(32);
        _files[key] = picture;
        return key;
    }

    /// <inheritdoc cref="Add(Picture)"/>
    public string Add(string model, Sample sample)
    {
        var key = PredictionBook.NewId(32);
        _samples[key] = (model, sample);
        return key;
    }

    public (string Model, Sample Sample)? FindSample(string key) => _samples.TryGetValue(key, out var found) ? found : null;

    /// <summary>Adds a file that exists from the start, under a key that is never drawn.</summary>
    public void Add(string key, Picture picture) => _files[key] = picture;

    public Picture? Find(string key) => _files.GetValueOrDefault(key);

    public void Remove(string key)
    {
        _files.TryRemove(key, out _);
        _samples.TryRemove(key, out _);
    }

    /// <summary>Starts painting if a painter is free. A later request for the bytes waits only for the rest.</summary>
    public void PaintAhead(Picture picture)
    {
        lock (_gate)
        {
            if (_inWork.Count < Environment.ProcessorCount)
                _ = BytesAsync(picture);
        }
    }

    /// <summary>Returns the bytes and paints them if necessary. Concurrent requests share one painting.</summary>
    public Task<PictureBytes> BytesAsync(Picture picture)
    {
        lock (_gate)
        {
            if (_cached.TryGetValue(picture, out var node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
                return Task.FromResult(node.Value.Bytes);
            }
            if (!_inWork.TryGetValue(picture, out var work))
                _inWork[picture] = work = _painters.StartNew(() => Paint(picture));
            return work;
        }
    }

    private PictureBytes Paint(Picture picture)
    {
        PictureBytes? painted = null;
        try
        {
            var content = Painter.Paint(picture);
            return painted = new PictureBytes(content, $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");
        }
        finally
        {
            Keep(picture, painted);
        }
    }

    private void Keep(Picture picture, PictureBytes? painted)
    {
        lock (_gate)
        {
            _inWork.Remove(picture);
            if (painted is null || painted.Content.Length > cacheBytes)
                return;
            _cached[picture] = _recent.AddFirst((picture, painted));
            _size += painted.Content.Length;
            while (_size > cacheBytes && _recent.Last is { } oldest)
            {
                _recent.RemoveLast();
                _cached.Remove(oldest.Value.Picture);
                _size -= oldest.Value.Bytes.Content.Length;
            }
        }
    }
}
