using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Remembers how requests were resolved that were answered from memory, by the bytes of their bodies. A request that is asked for again and
/// again is then compared with one array instead of being checked against its model's schema.
/// </summary>
internal sealed class KnownRequests
{
    /// <summary>A longer body holds files or is rare.</summary>
    internal const int LongestBody = 4096;

    /// <summary>
    /// With this many, all are forgotten, which costs each the check of its schema once. Each holds its body twice: some 8 MiB at most.
    /// </summary>
    internal const int Most = 1024;

    private readonly ConcurrentDictionary<byte[], Entry> _known = new(new BytesComparer());
    private readonly ConcurrentDictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _byBody;

    public KnownRequests() => _byBody = _known.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The number of requests that are known.</summary>
    internal int Count => _known.Count;

    /// <summary>Finds how a request was resolved.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="model">Its model as it is known now. With another schema or version nothing is found.</param>
    /// <param name="resolved">The result for an equal request.</param>
    public bool TryFind(GenerationRequest request, ResolvedModel model, [NotNullWhen(true)] out ResolvedRequest? resolved)
    {
        var body = TextOf(request);
        resolved = body.Length is > 0 and <= LongestBody && _byBody.TryGetValue(body, out var entry) && entry.IsFor(request, model)
            ? entry.Resolved
            : null;
        return resolved is not null;
    }

    /// <summary>Remembers how a request was resolved, unless it is what is known.</summary>
    public void Add(GenerationRequest request, ResolvedRequest resolved)
    {
        var body = TextOf(request);
        if (_byBody.TryGetValue(body, out var entry) && ReferenceEquals(entry.Resolved, resolved))
            return;
        // Files and masks are looked at each time: they may be deleted, and settings say what white in a mask means.
        if (body.Length is 0 or > LongestBody || resolved.Fault is not null || resolved.Input.Files.Count > 0
            || request.Common.ContainsKey(CommonNames.Mask))
            return;
        if (_known.Count >= Most)
            _known.Clear();
        _known[body.ToArray()] = new(request.OwnerId, request.Cache, resolved.Model, resolved);
    }

    private static ReadOnlySpan<byte> TextOf(GenerationRequest request) =>
        request.Body.ValueKind == JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(request.Body);

    /// <param name="Account">The account that asked: answers may be kept apart by accounts.</param>
    /// <param name="Cache">What a header may have asked for, besides the body.</param>
    /// <param name="Model">The model whose schema the body was checked against.</param>
    /// <param name="Resolved">The result.</param>
    private sealed record Entry(Guid Account, CacheMode? Cache, ResolvedModel Model, ResolvedRequest Resolved)
    {
        public bool IsFor(GenerationRequest request, ResolvedModel model) =>
            request.OwnerId == Account && request.Cache == Cache && model == Model;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public bool Equals(ReadOnlySpan<byte> one, byte[] other) => one.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> bytes) => bytes.ToArray();
    }
}
