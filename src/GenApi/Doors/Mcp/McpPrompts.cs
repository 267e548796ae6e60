using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Hosting.Requests;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>The prompt templates, which people pick from a menu of their client.</summary>
internal static class McpPrompts
{
    private const int LongestArgument = 20_000;

    private static readonly Template[] All =
    [
        new(
            "illustrate", "Make one image that illustrates a text.",
            [new("text", "What to illustrate.", true), new("style", "How it looks.", false)],
            static read => $"""
                Make one image that illustrates the text below.{(read("style") is { } style ? $" Style: {style}." : "")}
                First decide on a single scene and describe it in one paragraph: subject, setting, light, viewpoint. Put no words into the
                image. Then call generate_image once with that paragraph as `prompt`, and show the result with its link.

                Text:
                {read("text")}
                """),
        new(
            "vary_image", "Change one thing of an image and keep the rest.",
            [new("image", "The id (img_…) or the link of the image.", true), new("change", "What to change.", true)],
            static read => $"""
                Change this image: {read("image")}
                Change only this: {read("change")}
                Call edit_image once with the image, and with a `prompt` that says what changes and that everything else stays as it is. If
                the model refuses the image, pick one from list_models that takes `image`. Show the result with its link.
                """),
    ];

    public static ListPromptsResult List() => new()
    {
        Prompts =
        [
            .. All.Select(template => new Prompt
            {
                Name = template.Name,
                Description = template.Description,
                Arguments =
                [
                    .. template.Arguments.Select(argument => new PromptArgument
                    {
                        Name = argument.Name,
                        Description = argument.Description,
                        Required = argument.IsRequired,
                    }),
                ],
            }),
        ],
    };

    /// <exception cref="GenApiException">InvalidRequest: there is no such template, or its arguments are wrong.</exception>
    public static GetPromptResult Get(string name, JsonElement arguments)
    {
        var template = Array.Find(All, each => each.Name == name)
            ?? throw new GenApiException(
                ErrorKind.InvalidRequest,
                $"There is no prompt '{MemberErrors.Shorten(name)}'. Allowed: {string.Join(", ", All.Select(each => each.Name))}.");
        var values = Read(template, arguments);
        return new()
        {
            Description = template.Description,
            Messages =
            [
                new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = template.Write(values.GetValueOrDefault) } },
            ],
        };
    }

    private static Dictionary<string, string?> Read(Template template, JsonElement arguments)
    {
        var errors = new MemberErrors();
        McpArguments.RequireObject(arguments, errors);
        var values = new Dictionary<string, string?>();
        foreach (var argument in arguments.EnumerateObject())
        {
            if (!Array.Exists(template.Arguments, each => each.Name == argument.Name))
                errors.Unknown("$", argument.Name, [.. template.Arguments.Select(each => each.Name)]);
            else if (argument.Value.ValueKind != JsonValueKind.String
                || argument.Value.GetString() is not { Length: <= LongestArgument } text)
                errors.Add($"$.{argument.Name}", $"'{argument.Name}' must be a text of at most {LongestArgument} characters.");
            else if (!string.IsNullOrWhiteSpace(text))
                values[argument.Name] = text;
        }
        foreach (var argument in template.Arguments.Where(each => each.IsRequired && !values.ContainsKey(each.Name)))
            errors.Add($"$.{argument.Name}", $"'{argument.Name}' is missing. {argument.Description}");
        errors.ThrowIfAny();
        return values;
    }

    private sealed record Template(string Name, string Description, Argument[] Arguments, Func<Func<string, string?>, string> Write);

    private sealed record Argument(string Name, string Description, bool IsRequired);
}
