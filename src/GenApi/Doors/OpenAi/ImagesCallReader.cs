using System.Globalization;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// Reads the members of a request of the Images API, whether they came as JSON or as a form. A member takes effect, is refused by name, or
/// is listed as ignored (<see cref="DoorInput.Ignored"/>); a null counts as absent.
/// </summary>
internal sealed class ImagesCallReader(OpenAiModels models)
{
    /// <summary>The most images of one request.</summary>
    public const int MostImages = 32;

    private const int MostPartials = 3, LongestUser = 512;

    /// <summary>Members that only some models have something for.</summary>
    private static readonly string[] Hints = ["quality", "style", "moderation", "input_fidelity"];

    /// <summary>The names that models have for the quality of a file.</summary>
    private static readonly string[] Qualities = ["output_compression", "output_quality"];

    /// <summary>Reads the members of a body.</summary>
    /// <param name="members">Each name once, in the order of the body, without nulls.</param>
    /// <param name="isEdit">Whether it is an edit or a variation. Its images are set by the caller.</param>
    /// <param name="areTexts">Whether all values are strings, as in a form.</param>
    /// <param name="cancellationToken">Cancels the wait for the model.</param>
    /// <exception cref="GenApiException">
    /// InvalidRequest or InvalidInput, naming the member. Or the model is not known, or makes no images.
    /// </exception>
    public async ValueTask<ImagesCall> ReadAsync(
        IReadOnlyList<KeyValuePair<string, JsonElement>> members, bool isEdit, bool areTexts, CancellationToken cancellationToken)
    {
        var values = new Members(members);
        values.CheckNames();
        var sent = values.Text("model", 256);
        var named = models.Find(sent);
        var target = isEdit ? named.EditTarget : named.Target;
        var resolved = await models.ResolveAsync(target, sent, cancellationToken);
        var input = new DoorInput(resolved, areTexts);

        if (values.Take("prompt") is { } prompt)
            input.Set(CommonNames.Prompt, "prompt", Members.RequireText("prompt", prompt));
        var shape = ReadShape(values, input, named.AnswersUrls, isEdit);
        ReadSize(values, input);
        ReadBackground(values, input);
        foreach (var hint in Hints)
        {
            if (values.Take(hint) is { } value)
                input.Hint(hint, value);
        }
        var streams = values.Flag("stream");
        var partials = values.Whole("partial_images", 0, MostPartials);
        // Only events with base64 have previews.
        if (partials is not null && (!streams || shape.AsUrl))
            input.Ignore("partial_images");
        var call = new ImagesCall
        {
            Input = input,
            Model = target,
            Count = ReadCount(values),
            Shape = shape,
            Streams = streams,
            Partials = partials ?? 0,
            User = values.Text("user", LongestUser),
            Cache = ReadCache(values),
        };
        if (values.Take("input") is { } own)
            input.OwnInput("input", own);
        foreach (var (name, value) in values.Rest)
            input.Extra(name, value);
        // A model that makes several images by default would make more of them than were asked for.
        if (resolved.Input.IsKnown && InputTranslation.Takes(resolved.Input, CommonNames.NumOutputs))
            input.Set(CommonNames.NumOutputs, "n", JsonElement.Parse("1"));
        return call with { Seed = SeedOf(input) };
    }

    /// <summary>Reads the members of a JSON object; they are the answer's to a body that is none.</summary>
    /// <exception cref="GenApiException">InvalidRequest: it is no object, or it has a name twice, or a text that is no Unicode.</exception>
    public static IReadOnlyList<KeyValuePair<string, JsonElement>> MembersOf(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var errors = new MemberErrors();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, errors);
        errors.ThrowIfAny();
        return
        [
            .. body.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null)
                .Select(member => KeyValuePair.Create(member.Name, member.Value)),
        ];
    }

    private static ImagesShape ReadShape(Members values, DoorInput input, bool answersUrls, bool isEdit)
    {
        var asUrl = values.Word("response_format", OpenAiOptions.Url, OpenAiOptions.Base64) is { } named
            ? named == OpenAiOptions.Url
            : answersUrls;
        VariantFormat? asked = values.Word("output_format", "png", "jpeg", "jpg", "webp", "avif") switch
        {
            null => null,
            "png" => VariantFormat.Png,
            "webp" => VariantFormat.Webp,
            "avif" => VariantFormat.Avif,
            _ => VariantFormat.Jpeg,
        };
        // Programs take base64 without a stated format for PNG.
        var format = asked ?? (asUrl ? null : VariantFormat.Png);
        var compression = values.Whole("output_compression", 0, 100);
        if (compression < 100 && format == VariantFormat.Png)
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, "output_compression",
                "a PNG is always without loss. Leave output_compression out, or set output_format to jpeg or webp.");
        }
        var isOffered = format is { } wanted && InputTranslation.OffersFormat(input.Model.Input, WordOf(wanted));
        if (isOffered)
            input.Set(CommonNames.OutputFormat, "output_format", JsonSerializer.SerializeToElement(WordOf(format!.Value)));
        // A model that does not write the format has no say in the quality either.
        if (format is not null && !isOffered)
            return new(asUrl, format, compression is { } quality ? Math.Max(1, quality) : null, isEdit);
        if (compression is { } ofModel)
            ReadCompression(input, ofModel, format);
        return new(asUrl, format, null, isEdit);
    }

    /// <summary>Sets the model's own input for the quality of a file.</summary>
    private static void ReadCompression(DoorInput input, int quality, VariantFormat? format)
    {
        const string name = "output_compression";
        var value = JsonElement.Parse(quality.ToString(CultureInfo.InvariantCulture));
        if (Array.Find(Qualities, own => InputTranslation.Accepts(input.Model.Input, own, value)) is { } own)
            input.SetOwn(own, name, value);
        else if (format != VariantFormat.Png)
            input.Ignore(name);
    }

    private static void ReadSize(Members values, DoorInput input)
    {
        if (values.Text("size", 64) is not { } size || size.Equals("auto", StringComparison.OrdinalIgnoreCase) || size.Length == 0)
            return;
        if (DoorSize.TryRead(size, out var sides))
            input.SetSize(sides.Width, sides.Height, "size");
        else if (DoorSize.TryReadRatio(size, out var ratio))
            input.SetRatio(ratio.Width, ratio.Height, "size");
        else
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, "size",
                $"must be auto, a size such as 1024x1024 with sides from 1 to {DoorSize.Largest}, or a shape such as 16:9.");
        }
    }

    /// <summary>A transparent background changes what the picture is good for, so it is never ignored.</summary>
    private static void ReadBackground(Members values, DoorInput input)
    {
        const string name = "background";
        if (values.Take(name) is not { } value)
            return;
        if (Members.IsText(value, "transparent") && !InputTranslation.Accepts(input.Model.Input, name, value))
        {
            throw GenApiException.ForMember(
                ErrorKind.InvalidInput, name,
                $"{input.Model.Reference} can't make a transparent background. Send auto or opaque, or name another model.");
        }
        input.Hint(name, value);
    }

    private static int ReadCount(Members values)
    {
        var count = values.Whole("n", 1, MostImages);
        foreach (var other in (ReadOnlySpan<string>)["num_outputs", "num_images"])
        {
            if (values.Whole(other, 1, MostImages) is not { } also)
                continue;
            if (count is { } first && first != also)
                throw GenApiException.ForMember(ErrorKind.InvalidRequest, other, "contradicts 'n'. Send one of them.");
            count = also;
        }
        return count ?? 1;
    }

    private static CacheMode? ReadCache(Members values) => values.Word("cache", "auto", "reuse", "refresh") is { } word
        ? Enum.Parse<CacheMode>(word, ignoreCase: true)
        : null;

    private static long? SeedOf(DoorInput input) => input.Common.TryGetValue(CommonNames.Seed, out var seed)
        && seed.ValueKind == JsonValueKind.Number && InputCheck.TryInteger(seed, out var value) ? value : null;

    /// <summary>Returns the name that models and OpenAI have for a format.</summary>
    internal static string WordOf(VariantFormat format) => format switch
    {
        VariantFormat.Png => "png",
        VariantFormat.Webp => "webp",
        VariantFormat.Avif => "avif",
        _ => "jpeg",
    };
}
