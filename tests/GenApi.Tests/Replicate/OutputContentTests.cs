using System.Text;
using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Replicate;

/// <summary>The files and values of an output, and how both are joined again.</summary>
public sealed class OutputContentTests
{
    private static readonly DeliveryHosts Hosts = new(["replicate.delivery", "*.replicate.delivery"]);

    [Theory]
    [InlineData("null", "", null)]
    [InlineData("\"\"", "", null)]
    [InlineData("[]", "", null)]
    [InlineData("{}", "", null)]
    [InlineData("[null,\"\"]", "", null)]
    [InlineData("\"https://replicate.delivery/a.png\"", "https://replicate.delivery/a.png", null)]
    [InlineData(
        """["https://replicate.delivery/a","https://x.replicate.delivery/b"]""",
        "https://replicate.delivery/a https://x.replicate.delivery/b", null)]
    [InlineData("\"a fox\"", "", "\"a fox\"")]
    [InlineData("false", "", "false")]
    [InlineData("0", "", "0")]
    [InlineData("""["https://replicate.delivery/a",null]""", "https://replicate.delivery/a", """["id0",null]""")]
    [InlineData("""{"image":"https://replicate.delivery/a"}""", "https://replicate.delivery/a", """{"image":"id0"}""")]
    [InlineData("""[["https://replicate.delivery/a"],[1e400,"x"]]""", "https://replicate.delivery/a", """[["id0"],[1e400,"x"]]""")]
    [InlineData(
        """{"a":"https://example.com/a.png","b":"http://replicate.delivery/a"}""", "",
        """{"a":"https://example.com/a.png","b":"http://replicate.delivery/a"}""")]
    [InlineData("""{"echo":"https://replicate.delivery/in.png","made":"https://replicate.delivery/out.png"}""",
        "https://replicate.delivery/out.png",
        """{"echo":"https://replicate.delivery/in.png","made":"id0"}""")]
    [InlineData("\"data: a, b and c\"", "", "\"data: a, b and c\"")]
    [InlineData("\"data:the results, as shown\"", "", "\"data:the results, as shown\"")]
    [InlineData("\"data:image/png;base64,AA==\"", "data:image/png;base64,AA==", null)]
    [InlineData("\"data:,x\"", "data:,x", null)]
    public void Files_and_values_are_told_apart(string json, string files, string? value)
    {
        var content = OutputContent.Read(JsonElement.Parse(json), Hosts, """{"image":"https://replicate.delivery/in.png"}""");

        Assert.Equal(files, string.Join(' ', content.Files));
        Assert.Equal(files.Length == 0 && value is null, content.IsEmpty);
        Assert.Equal(value, Rendered(content));
    }

    [Fact]
    public void Text_that_is_no_text_and_members_twice_are_kept()
    {
        var content = OutputContent.Read(JsonElement.Parse("""{"a\ud800":"caf\udcc3","b":1,"b":2}"""), Hosts, "{}");

        Assert.Equal("""{"a\\ud800":"caf\\udcc3","b":1,"b":2}""", Rendered(content));
    }

    [Fact]
    public void Secrets_do_not_stay()
    {
        var content = OutputContent.Read(JsonElement.Parse("""["r8_0123456789abcdefghijklmnopqrstuvwxyz"]"""), Hosts, "{}");

        Assert.DoesNotContain("0123456789abcdef", Rendered(content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"https://replicate.delivery/0\"")]
    [InlineData("[\"https://replicate.delivery/0\"]")]
    [InlineData("[\"https://replicate.delivery/0\",\"https://replicate.delivery/1\"]")]
    [InlineData("""{"a":"https://replicate.delivery/0"}""")]
    [InlineData("""{"a":"https://replicate.delivery/0","b":[1,"x"]}""")]
    [InlineData("\"a text\"")]
    public void The_shape_of_an_output_comes_back_from_the_row(string json)
    {
        var content = OutputContent.Read(JsonElement.Parse(json), Hosts, "{}");
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            OutputDocument.WriteShape(
                writer, OutputDocument.Write(content), [.. content.Files.Select((_, index) => Stored(index))],
                static (to, file) => to.WriteStringValue($"https://replicate.delivery/{file.Index}"));
        }

        Assert.Equal(json, Encoding.UTF8.GetString(buffer.ToArray()));
    }

    [Fact]
    public void Names_say_where_each_file_stood()
    {
        var content = OutputContent.Read(
            JsonElement.Parse(
                """{"n":1,"model_file":"https://replicate.delivery/0","images":["x","https://replicate.delivery/1","""
                    + """{"deep":"https://replicate.delivery/2"}]}"""), Hosts, "{}");

        Assert.Equal(["model_file", "images[1]", "images[2].deep"], OutputDocument.Names(OutputDocument.Write(content)!));
    }

    [Fact]
    public void What_is_deleted_leaves_nothing_in_its_place()
    {
        var content = OutputContent.Read(
            JsonElement.Parse("""{"a":"https://replicate.delivery/0","b":"https://replicate.delivery/1"}"""), Hosts, "{}");

        Assert.Equal(
            $$"""{"a":null,"b":"{{Stored(1).PublicId}}"}""", OutputDocument.Read(OutputDocument.Write(content)!, [Stored(1)]).GetRawText());
    }

    [Theory]
    [InlineData(70_000, 1)]
    [InlineData(10, 40)]
    public void What_is_too_long_or_too_deep_for_a_row_becomes_a_file(int length, int depth)
    {
        var nested = $"{new string('[', depth)}\"{new string('x', length)}\"{new string(']', depth)}";
        var content = OutputContent.Read(JsonElement.Parse($$"""["https://replicate.delivery/0",{{nested}}]"""), Hosts, "{}");

        Assert.Null(content.Values);
        Assert.Equal(2, content.Files.Count);
        const string head = "data:application/json;base64,";
        Assert.Equal($"[null,{nested}]", Encoding.UTF8.GetString(Convert.FromBase64String(content.Files[1][head.Length..])));
    }

    private static string? Rendered(OutputContent content) =>
        OutputDocument.Write(content) is not { } stored || !OutputDocument.HasValues(stored) ? null
        : content.Files.Select((_, index) => (index, Stored(index).PublicId))
            .Aggregate(
                OutputDocument.Read(stored, [.. content.Files.Select((_, index) => Stored(index))])
                .GetRawText(), (text, file) => text.Replace(file.PublicId, $"id{file.index}", StringComparison.Ordinal));

    private static StoredImage Stored(int index) => new()
    {
        Id = new Guid(index, 0, 0, new byte[8]),
        GenerationId = Guid.Empty,
        Index = index,
        Kind = FileKind.Image,
        BlobKey = "",
        ContentType = "image/png",
        Width = 1,
        Height = 1,
        Bytes = 1,
        FileName = "",
        CreatedAt = default,
    };
}
