using System.Text.Json;
using GenApi.Doors.Replicate;

namespace GenApi.Tests.Doors.Replicate;

public sealed class FileAddressTests
{
    private const string Id = "upl_0123456789abcdefghjkmnpqrs";

    [Theory]
    [InlineData($"http://localhost:8080/replicate/v1/files/{Id}", Id)]
    [InlineData($"https://images.example/genapi/replicate/v1/files/{Id}", Id)]
    [InlineData($"https://images.example/replicate/v1/files/{Id}?x=1", Id)]
    [InlineData($"https://images.example/replicate/v1/files/{Id}/download", null)]
    [InlineData($"https://images.example/uploads/{Id}", null)]
    [InlineData($"ftp://images.example/replicate/v1/files/{Id}", null)]
    [InlineData("https://images.example/replicate/v1/files/upl_1", null)]
    [InlineData($"look at http://localhost/replicate/v1/files/{Id}", null)]
    [InlineData($"/replicate/v1/files/{Id}", null)]
    public void Only_the_address_of_a_file_is_replaced(string text, string? id)
    {
        var input = JsonSerializer.SerializeToElement(new { a = text, b = new[] { text, "x" }, c = new { d = text }, e = 1.50 });

        var result = FileAddress.ToIds(input);

        var value = id ?? text;
        var expected = JsonSerializer.SerializeToElement(new { a = value, b = new[] { value, "x" }, c = new { d = value }, e = 1.50 });
        Assert.True(JsonElement.DeepEquals(expected, result), result.GetRawText());
    }
}
