using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Following;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations.Following;

/// <summary>
/// Writes events of all generations. What it wrote for one listener serves all others that came by the same address and may see as much.
/// </summary>
internal sealed class FeedRendering(GenerationRendering rendering)
{
    private readonly ConditionalWeakTable<FeedEvent, ConcurrentDictionary<Variant, byte[]>> _written = [];

    public byte[] Bytes(IEnumerable<FeedEvent> events, HttpContext context)
    {
        using var buffer = new MemoryStream();
        foreach (var each in events)
            buffer.Write(Bytes(each, context));
        return buffer.ToArray();
    }

    private byte[] Bytes(FeedEvent happened, HttpContext context)
    {
        if (happened is not FeedEvent.Changed { Details: var details })
            return _written.GetOrCreateValue(happened).GetOrAdd(default, static (_, each) => Write(each), happened);
        var variant = new Variant(
            CallerAddress.Of(context.Request), rendering.LinkExpiry(), rendering.OwnerName(details.Generation, context));
        return _written.GetOrCreateValue(happened).GetOrAdd(variant, _ => Write("generation", Data(details, context), happened.Position));
    }

    private byte[] Data(GenerationDetails details, HttpContext context)
    {
        var whole = rendering.Contract(details, context.Request) with { Revision = details.Generation.Revision };
        var contract = GenerationRendering.WithoutFiles(whole);
        return JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.GenerationContract);
    }

    private static byte[] Write(FeedEvent happened) => happened switch
    {
        FeedEvent.Progressed each => Progress(each),
        FeedEvent.Removed { Generation: var id } => Write("removed", Data(new FeedMove { Id = IdOf(id) }), happened.Position),
        FeedEvent.OutputMoved each => Write(each.IsBack ? "restored" : "removed", Data(MoveOf(each)), happened.Position),
        FeedEvent.Tagged each => Write(
            "tagged",
            JsonSerializer.SerializeToUtf8Bytes(
                new FeedTags(PublicId.Format(PublicId.Image, each.Image), each.Tags), FeedJsonContext.Answers.FeedTags),
            happened.Position),
        FeedEvent.Reset => Write("reset", "{}"u8, happened.Position),
        FeedEvent.Ready => Write("ready", "{}"u8, happened.Position),
        _ => throw new InvalidOperationException($"{happened} has no form."),
    };

    private static byte[] Progress(FeedEvent.Progressed happened)
    {
        var row = happened.Details.Generation;
        if (row is not { ProgressCurrent: { } current, ProgressTotal: > 0 and var total })
            return [];
        var progress = new FeedProgress(IdOf(row.Id), Math.Round((double)current / total, 4), current, total, row.Revision);
        return Write(
            "progress", JsonSerializer.SerializeToUtf8Bytes(progress, FeedJsonContext.Answers.FeedProgress), happened.Position);
    }

    private static FeedMove MoveOf(FeedEvent.OutputMoved moved) => moved.IsImage
        ? new() { Image = PublicId.Format(PublicId.Image, moved.Output), Generation = IdOf(moved.Generation) }
        : new() { File = PublicId.Format(PublicId.File, moved.Output), Generation = IdOf(moved.Generation) };

    private static byte[] Data(FeedMove move) => JsonSerializer.SerializeToUtf8Bytes(move, FeedJsonContext.Answers.FeedMove);

    private static string IdOf(Guid generation) => PublicId.Format(PublicId.Generation, generation);

    private static byte[] Write(string name, ReadOnlySpan<byte> data, string? position) =>
        [.. Encoding.UTF8.GetBytes($"event: {name}\ndata: "), .. data,
            .. Encoding.UTF8.GetBytes(position is null ? "\n\n" : $"\nid: {position}\n\n")];

    /// <summary>Everything that the JSON of a generation depends on besides the generation.</summary>
    private readonly record struct Variant(string Address, long Expires, string? Owner);
}
