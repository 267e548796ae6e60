using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Hosting.Requests;

namespace GenApi.Gallery.Selection;

/// <summary>Reads the body of a request that names images and files, before anything is looked up.</summary>
internal static class SelectionRequestReader
{
    private const string Member = "ids";

    public static IReadOnlyList<string> Members { get; } = [.. ContractMember.Of<SelectionRequest>().Select(member => member.Name)];

    /// <exception cref="GenApiException">
    /// InvalidRequest with everything that is wrong. NotFound: a text begins like an id of an image or file, but can't be one.
    /// </exception>
    public static async Task<IReadOnlyList<NamedOutput>> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Read(await JsonBody.ReadAsync(request, JsonBody.FewBytes, cancellationToken));

    private static List<NamedOutput> Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var errors = new MemberErrors();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, errors);
        JsonElement? ids = null;
        foreach (var member in body.EnumerateObject())
        {
            if (member.Name == Member)
                ids = member.Value;
            else
                errors.Unknown("$", member.Name, Members);
        }
        var unknown = new ErrorList();
        var named = ReadIds(ids, errors, unknown);
        errors.ThrowIfAny();
        if (unknown.Count > 0)
            throw unknown.ToException(ErrorKind.NotFound, isSorted: false, static (path, sentence, _) => $"{path}: {sentence}");
        return named;
    }

    private static List<NamedOutput> ReadIds(JsonElement? ids, MemberErrors errors, ErrorList unknown)
    {
        const int most = NamedOutput.Most;
        var named = new List<NamedOutput>();
        if (ids is not { } list)
        {
            errors.Add($"$.{Member}", $"'{Member}' is missing: list 1 to {most} ids of images (img_…) and files (fil_…).");
            return named;
        }
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > most)
        {
            var shown = list.ValueKind == JsonValueKind.Array ? $"it has {list.GetArrayLength()}" : $"it is {JsonTexts.Shown(list)}";
            errors.Add($"$.{Member}", $"'{Member}' must be a list of 1 to {most} ids of images (img_…) and files (fil_…); {shown}.");
            return named;
        }
        var seen = new HashSet<Guid>();
        foreach (var (at, value) in list.EnumerateArray().Index())
        {
            var path = $"$.{Member}[{at}]";
            if (NameOf(path, value) is not { } name)
                AddMalformed(path, value, errors, unknown);
            else if (!seen.Add(name.Id))
                errors.Add(path, $"{name.PublicId} is given more than once.");
            else
                named.Add(name);
        }
        return named;
    }

    private static NamedOutput? NameOf(string path, JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return PublicId.TryParse(PublicId.Image, text, out var image) ? new(path, image, IsImage: true)
            : PublicId.TryParse(PublicId.File, text, out var file) ? new(path, file, IsImage: false)
            : null;
    }

    /// <summary>A text that begins like an id names something that does not exist, as it does in a path.</summary>
    private static void AddMalformed(string path, JsonElement value, MemberErrors errors, ErrorList unknown)
    {
        var shown = JsonTexts.Shown(value);
        var kind = value.ValueKind == JsonValueKind.String ? PublicId.KindOf(value.GetString()!) : null;
        if (kind is "an image" or "a file")
            unknown.Add(path, $"there is no {shown}. An id is img_ or fil_ and {PublicId.Digits} characters, as in answers.");
        else
        {
            var what = kind is null ? shown : $"{shown}, the id of {kind}";
            errors.Add(path, $"an id must be that of an image (img_…) or a file (fil_…); it is {what}.");
        }
    }
}
