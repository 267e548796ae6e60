using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GenApi.Core.Models.Schemas;
using GenApi.Tests.Replicate;

namespace GenApi.Tests.Models;

/// <summary>Holds our schemas against those of the real models.</summary>
public sealed partial class KnownSchemasTests
{
    /// <summary>Longer lists of choices are cut in our files.</summary>
    private const int MostChoices = 100;

    [Fact]
    public void Our_schemas_say_what_the_real_ones_say()
    {
        Assert.Equal(37, KnownSchemas.Versions.Count);
        Assert.All(KnownSchemas.Versions.Values, version => Assert.Matches("^[0-9a-f]{64}$", version));
        foreach (var (model, real) in Snapshot().Concat(Collection()))
            AssertSame(model, InputSchema.Parse(real), KnownSchemas.Of(model));
    }

    private static void AssertSame(string model, InputSchema real, InputSchema ours)
    {
        Assert.Equal(real.Properties.Select(property => property.Name), ours.Properties.Select(property => property.Name));
        foreach (var (theirs, own) in real.Properties.Zip(ours.Properties))
        {
            var where = $"{model} {own.Name}";
            Assert.True(theirs.Required == own.Required, where);
            Assert.True(theirs.Rule with { Allowed = [] } == own.Rule with { Allowed = [] }, where);
            var choices = own.Rule.Allowed.Select(each => Text(each)).ToHashSet();
            Assert.Subset(theirs.Rule.Allowed.Select(each => Text(each)).ToHashSet(), choices);
            Assert.True(choices.Count == theirs.Rule.Allowed.Count || theirs.Rule.Allowed.Count > MostChoices && choices.Count > 30, where);
            if (theirs.Default is { ValueKind: JsonValueKind.String } text && choices.Count == 0 && Prose().IsMatch(text.GetString()!))
                Assert.Equal(JsonValueKind.String, own.Default?.ValueKind);
            else
                Assert.True(Text(theirs.Default) == Text(own.Default), where);
        }

        static string? Text(JsonElement? value) => value is null ? null : JsonSerializer.Serialize(value);
    }

    private static IEnumerable<(string Model, JsonElement Real)> Snapshot()
    {
        if (SharedFiles.Find("model-schemas.json") is not { } path)
            yield break;
        foreach (var (model, facts) in JsonNode.Parse(File.ReadAllBytes(path))!["models"]!.AsObject())
            yield return (model, KnownSchemas.Document(facts!.AsObject(), described: false));
    }

    private static IEnumerable<(string Model, JsonElement Real)> Collection()
    {
        if (SharedFiles.Find("recordings/collection-text-to-image.json") is not { } path)
            yield break;
        var body = JsonElement.Parse(JsonElement.Parse(File.ReadAllText(path))[0].GetProperty("response").GetProperty("body").GetString()!);
        foreach (var model in body.GetProperty("models").EnumerateArray())
        {
            if (model.GetProperty("latest_version") is { ValueKind: JsonValueKind.Object } version)
                yield return ($"2022:{model.GetProperty("owner")}/{model.GetProperty("name")}", version.GetProperty("openapi_schema"));
        }
    }

    /// <summary>Two words of three letters: a text that somebody wrote, which is ours in our files.</summary>
    [GeneratedRegex("[A-Za-z]{3,}.* .*[A-Za-z]{3,}")]
    private static partial Regex Prose();
}
