using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GenApi.Client;

namespace GenApi.Tests.Client;

/// <summary>Compares the client's handwritten types with the service's document.</summary>
public sealed class DocumentTests
{
    private static readonly JsonElement Document = JsonElement.Parse(File.ReadAllText(Repository.PathOf("docs/openapi.json")));

    /// <summary>Schemas that callers of the client do not need.</summary>
    private static readonly string[] LeftOut = ["Problem.type", "Problem.status", "ModelDetails.urls", "Generation.revision"];

    [Theory]
    [InlineData("GenerateRequest", typeof(GenerateRequest))]
    [InlineData("Generation", typeof(Generation))]
    [InlineData("ListedImage", typeof(ListedImage))]
    [InlineData("ModelDetails", typeof(ModelDetails))]
    [InlineData("Upload", typeof(Upload))]
    [InlineData("Me", typeof(Account))]
    [InlineData("Usage", typeof(Usage))]
    [InlineData("WebhookSecret", typeof(WebhookSecret))]
    [InlineData("Problem", typeof(Problem))]
    public void Every_member_of_the_document_is_in_the_client(string schema, Type type)
    {
        var missing = new List<string>();
        var seen = Compare(Document.GetProperty("components").GetProperty("schemas").GetProperty(schema), type, schema, missing);

        Assert.Equal([], missing.Except(LeftOut));
        Assert.True(seen > 3);
    }

    /// <returns>The number of compared members.</returns>
    private static int Compare(JsonElement schema, Type type, string path, List<string> missing)
    {
        schema = Resolve(schema);
        // A schema that extends another one has its members as well.
        if (schema.TryGetProperty("allOf", out var parts))
            return parts.EnumerateArray().Sum(part => Compare(part, type, path, missing));
        if (schema.TryGetProperty("items", out var items) && type.IsGenericType)
            return Compare(items, type.GetGenericArguments()[^1], $"{path}[]", missing);
        if (!schema.TryGetProperty("properties", out var properties)
            || ClientJson.Default.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } info)
            return 0;
        var count = 0;
        foreach (var property in properties.EnumerateObject())
        {
            count++;
            if (info.Properties.FirstOrDefault(each => each.Name == property.Name) is not { } member)
                missing.Add($"{path}.{property.Name}");
            else
                count += Compare(property.Value, member.PropertyType, $"{path}.{property.Name}", missing);
        }
        return count;
    }

    private static bool IsNull(JsonElement form) =>
        form.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() == "null";

    /// <summary>Follows references, and picks the form of a nullable schema that is not null.</summary>
    private static JsonElement Resolve(JsonElement schema)
    {
        while (true)
        {
            if (schema.TryGetProperty("$ref", out var reference))
                schema = reference.GetString()!.TrimStart('#', '/').Split('/').Aggregate(Document, (each, name) => each.GetProperty(name));
            else if (schema.TryGetProperty("oneOf", out var forms) || schema.TryGetProperty("anyOf", out forms))
                schema = forms.EnumerateArray().First(form => !IsNull(form));
            else
                return schema;
        }
    }
}
