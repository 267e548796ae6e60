using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Persistence;
using GenApi.Generations;
using GenApi.Hosting;

namespace GenApi.Gallery;

/// <summary>Writes pages of images. A row has at most <see cref="MostBytes"/>, so a page of 100 loads at once on a phone.</summary>
internal sealed class GalleryRendering(GenerationRendering generations, PageCursors cursors)
{
    /// <summary>Of a row. A host of 60 characters and the longest name of a model leave room for some words of the prompt.</summary>
    private const int MostBytes = 1000;

    /// <summary>Of the tags in a row; the prompt gets the rest.</summary>
    private const int MostTagBytes = 160;

    private const int LeastPromptBytes = 100;
    private const int LongestPrompt = 200;
    private const string Thumbnail = "width=256&format=webp";

    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public byte[] Page(GalleryPage page, HttpRequest request)
    {
        var (baseUrl, expires) = (CallerAddress.Of(request), generations.LinkExpiry());
        var next = page.Next is { } cursor ? cursors.Encode(cursor.CreatedAt, cursor.Number, cursor.Index) : null;
        var contract = new CursorPage<ListedImageContract>([.. page.Images.Select(each => Row(each, baseUrl, expires))], next);
        return JsonSerializer.SerializeToUtf8Bytes(contract, GalleryJsonContext.Answers.ImagePage);
    }

    private ListedImageContract Row(GalleryImage row, string baseUrl, long expires)
    {
        var image = row.Image;
        var url = generations.ImageUrl(image, baseUrl, expires);
        var contract = new ListedImageContract
        {
            Id = image.PublicId,
            GenerationId = PublicId.Format(PublicId.Generation, image.GenerationId),
            Url = url,
            ThumbnailUrl = $"{url}{(expires == 0 ? '?' : '&')}{Thumbnail}",
            ContentType = image.ContentType,
            Width = image.Width,
            Height = image.Height,
            Prompt = "",
            Model = row.Model,
            Seed = row.Seed,
            Pinned = row.IsPinned,
            Tags = [],
            MoreTags = row.Tags.Count,
            Thumbhash = image.ThumbHash is { Length: > 0 } hash ? Convert.ToBase64String(hash) : null,
            CreatedAt = row.CreatedAt.UtcDateTime,
        };
        var room = MostBytes - JsonSerializer.SerializeToUtf8Bytes(contract, GalleryJsonContext.Answers.ListedImageContract).Length;
        var tags = Fitting(row.Tags, Math.Min(MostTagBytes, room - LeastPromptBytes));
        return contract with
        {
            Tags = tags,
            MoreTags = row.Tags.Count - tags.Count,
            Prompt = Beginning(row.Prompt, room - tags.Sum(BytesInList)),
        };
    }

    private static List<string> Fitting(IReadOnlyList<string> tags, int room) =>
        [.. tags.TakeWhile(tag => (room -= BytesInList(tag)) >= 0)];

    // With two quotes and a comma.
    private static int BytesInList(string tag) => BytesOf(tag) + 3;

    /// <summary>Cuts a prompt between two characters as a reader sees them, such as an emoji of several code points.</summary>
    private static string Beginning(string prompt, int room)
    {
        if (Characters.AreAtMost(prompt, LongestPrompt) && BytesOf(prompt) <= room)
            return prompt;
        var end = EndOf(prompt, room, static text => StringInfo.GetNextTextElementLength(text));
        // One character can be longer than the row: a letter with hundreds of accents.
        if (end == 0)
            end = EndOf(prompt, room, static text => text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? 2 : 1);
        return prompt[..end];
    }

    private static int EndOf(ReadOnlySpan<char> prompt, int room, NextLength next)
    {
        var (end, characters) = (0, 0);
        while (end < prompt.Length)
        {
            var part = prompt.Slice(end, next(prompt[end..]));
            characters += Characters.Count(part);
            room -= BytesOf(part);
            if (characters > LongestPrompt || room < 0)
                break;
            end += part.Length;
        }
        return end;
    }

    private static int BytesOf(ReadOnlySpan<char> text) => JsonEncodedText.Encode(text, Encoder).EncodedUtf8Bytes.Length;

    private delegate int NextLength(ReadOnlySpan<char> text);
}
