using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.OpenAi.Edits;

/// <summary>
/// Reads an edit that came as JSON: <c>images</c> is a list of objects with <c>image_url</c> or <c>file_id</c>. A string, an object or a
/// list of them as <c>image</c> is read too.
/// </summary>
internal sealed class EditJson(DoorFiles files)
{
    private const string Url = "image_url", Id = "file_id";

    /// <exception cref="GenApiException">InvalidRequest, naming the member. Or the storage can't take an image.</exception>
    public async Task<EditParts> ReadAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, context.RequestAborted);
        var members = ImagesCallReader.MembersOf(body);
        var named = new List<(string Member, JsonElement Text)>();
        EditImage? mask = null;
        foreach (var (name, value) in members)
        {
            if (name is EditParts.ImageName or EditParts.ImagesName or $"{EditParts.ImageName}[]")
                AddNamed(named, name, value);
            else if (name == EditParts.MaskName)
                mask = await EditLinks.ReadAsync(files, context, name, TextOf(name, value));
        }
        if (named.Count > EditParts.MostImages)
            throw Wrong(EditParts.ImagesName, $"a request has at most {EditParts.MostImages} images; this one has {named.Count}.");
        var images = new List<EditImage>();
        foreach (var (member, text) in named)
            images.Add(await EditLinks.ReadAsync(files, context, member, text));
        return new EditParts
        {
            Members = [.. members.Where(member => !IsImage(member.Key))],
            AreTexts = false,
            Images = images,
            Mask = mask,
            Identity = body,
        };
    }

    private static bool IsImage(string name) =>
        name is EditParts.ImageName or EditParts.ImagesName or $"{EditParts.ImageName}[]" or EditParts.MaskName;

    private static void AddNamed(List<(string Member, JsonElement Text)> named, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            named.Add((name, TextOf(name, value)));
            return;
        }
        foreach (var (index, item) in value.EnumerateArray().Index())
            named.Add(($"{name}[{index}]", TextOf($"{name}[{index}]", item)));
    }

    /// <summary>Returns the text that names an image: the value itself, or a member of it.</summary>
    private static JsonElement TextOf(string member, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value;
        if (value.ValueKind == JsonValueKind.Object)
        {
            var found = value.EnumerateObject()
                .FirstOrDefault(each => each.Name is Url or Id or "url" && each.Value.ValueKind != JsonValueKind.Null);
            // Requests of chats put the address one level deeper.
            if (found.Value is { ValueKind: JsonValueKind.Object } deeper && deeper.TryGetProperty("url", out var url))
                return TextOf($"{member}.{found.Name}", url);
            if (found.Value is { ValueKind: JsonValueKind.String })
                return found.Value;
        }
        throw Wrong(
            member, $"must name an image: an object with '{Url}' (an http(s) URL or a data URI), or with '{Id}' (img_… or upl_…).");
    }

    private static GenApiException Wrong(string name, string sentence) =>
        GenApiException.ForMember(ErrorKind.InvalidRequest, name, sentence);
}
