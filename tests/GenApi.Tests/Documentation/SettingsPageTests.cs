using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GenApi.Core;
using GenApi.Hosting.Settings;
using GenApi.Images;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Documentation;

/// <summary>appsettings.json says every setting with its default; the code, the README and docs/operations.md must say the same.</summary>
public sealed class SettingsPageTests
{
    private const string Rewrite = "GENAPI_REWRITE_README";
    private const string File = "appsettings.json";

    /// <summary>Keys that belong to the framework.</summary>
    private static readonly string[] Foreign = ["Urls", "Logging"];

    private static readonly IConfigurationRoot Shipped = new ConfigurationBuilder().AddJsonFile(Repository.PathOf(File)).Build();

    /// <summary>Every class with a constant <c>Section</c>: the form of all options here.</summary>
    private static readonly IReadOnlyDictionary<Type, string> Sections = new[] { typeof(CoreRegistration).Assembly, typeof(KnownSettings).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Select(type => (Type: type, Section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)))
        .Where(each => each.Section is { IsLiteral: true })
        .ToDictionary(each => each.Type, each => (string)each.Section!.GetRawConstantValue()!);

    /// <summary>Properties that are computed from others are no settings.</summary>
    private static readonly JsonSerializerOptions WhatCanBeSet = new()
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                static type =>
                {
                    foreach (var computed in type.Properties.Where(each => each.Set is null && !typeof(System.Collections.IEnumerable).IsAssignableFrom(each.PropertyType)).ToList())
                        type.Properties.Remove(computed);
                },
            },
        },
    };

    public static TheoryData<string> SectionNames => [.. Sections.Values.Distinct()];

    [Fact]
    public void The_README_shows_the_file_as_it_is()
    {
        var readme = new MarkdownPage("README.md");
        var shown = Assert.Single(readme.Blocks("jsonc"));
        var shipped = System.IO.File.ReadAllText(Repository.PathOf(File)).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            System.IO.File.WriteAllText(Repository.PathOf(readme.Name), readme.Text.Replace(shown, shipped, StringComparison.Ordinal));
            return;
        }

        Assert.True(shown == shipped,
            $"The block of README.md differs from {File}. If the file is right: {Rewrite}=1 dotnet run --project tests/GenApi.Tests -- -class {typeof(SettingsPageTests).FullName}");
    }

    [Theory, MemberData(nameof(SectionNames))]
    public void What_the_file_says_is_what_the_code_does_without_it(string section)
    {
        foreach (var type in Sections.Where(each => each.Value == section).Select(each => each.Key))
            Assert.Equal(Effective(type, new ConfigurationBuilder().Build()).ToJsonString(), Effective(type, Shipped).ToJsonString());
    }

    [Theory, MemberData(nameof(SectionNames))]
    public void Every_setting_of_the_code_stands_in_the_file(string section)
    {
        foreach (var type in Sections.Where(each => each.Value == section).Select(each => each.Key))
        {
            var missing = Leaves(Effective(type, new ConfigurationBuilder().Build()), section).Where(key => !IsShipped(key));
            Assert.True(!missing.Any(), $"{File} lacks {string.Join(", ", missing)}: add each with its default and a comment (and to README.md, and to the table of docs/operations.md).");
        }
    }

    [Fact]
    public void Every_section_of_the_file_has_a_class_and_every_class_is_checked_at_start()
    {
        var program = System.IO.File.ReadAllText(Repository.PathOf("src/GenApi/Program.cs"));

        Assert.All(Shipped.GetChildren().Where(child => child.GetChildren().Any() && !Foreign.Contains(child.Key)), child => Assert.Contains(child.Key, Sections.Values));
        Assert.All(Sections.Keys, type => Assert.True(program.Contains($".Section<{type.Name}>({type.Name}.Section)", StringComparison.Ordinal),
            $"Program.cs does not hand {type.Name} to KnownSettings, so that a typo in its section would be ignored."));
    }

    [Fact]
    public void Every_key_stands_with_its_default_in_the_table_of_the_operators()
    {
        var rows = new MarkdownPage("docs/operations.md").Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')).ToList();
        foreach (var (key, value) in Keys(Shipped))
        {
            var row = rows.FirstOrDefault(cells => cells[1].Trim() == $"`{key}`");
            Assert.True(row is not null, $"docs/operations.md, Settings: add a row that begins with | `{key}` | `{value}` |");
            // A list or a dictionary is told in words.
            if (value is not null)
                Assert.True(row[2].Trim().Trim('`') == (value.Length == 0 ? "empty" : value), $"docs/operations.md says {key} is{row[2]}by default, {File} says '{value}'.");
        }
    }

    /// <summary>The options as the service would get them, as JSON.</summary>
    private static JsonNode Effective(Type type, IConfiguration configuration)
    {
        var services = new ServiceCollection().AddSingleton(configuration).AddLogging().AddGenApiCore().AddImageEndpoints();
        using var provider = services.BuildServiceProvider();
        var isConfigured = provider.GetServices(typeof(IConfigureOptions<>).MakeGenericType(type)).Any();
        var options = isConfigured
            ? typeof(IOptions<>).MakeGenericType(type).GetProperty("Value")!.GetValue(provider.GetRequiredService(typeof(IOptions<>).MakeGenericType(type)))!
            : Activator.CreateInstance(type)!;
        if (!isConfigured)
            configuration.GetSection(Sections[type]).Bind(options);
        return Ordered(JsonSerializer.SerializeToNode(options, type, WhatCanBeSet)!);
    }

    /// <summary>The order of a dictionary is no part of what it says.</summary>
    private static JsonNode Ordered(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Ordered(member.Value.DeepClone()))))
        : node;

    private static IEnumerable<string> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value, $"{path}:{member.Key}")),
        JsonArray items => items.SelectMany((item, at) => Leaves(item, $"{path}:{at}")),
        _ => [path],
    };

    /// <summary>An entry of a dictionary is written as far as it says something, or as its first value alone: a price without the forms it has not, an alias as its model.</summary>
    private static bool IsShipped(string key) =>
        Shipped[key] is not null || (key.Split(':') is { Length: > 3 } parts && Shipped.GetSection(string.Join(':', parts.Take(3))).Exists())
        || (key == "Database:DataDirectory" && Shipped["DataDirectory"] is not null);

    private static IEnumerable<(string Key, string? Value)> Keys(IConfiguration section)
    {
        foreach (var child in section.GetChildren())
        {
            var inner = child.GetChildren().ToList();
            if (inner.Count == 0)
                yield return (child.Path, child.Value == "True" ? "true" : child.Value == "False" ? "false" : child.Value);
            else if (child.Path.Contains(':', StringComparison.Ordinal) && child.Key != "LogLevel")
                yield return (child.Path, null);
            else
            {
                foreach (var each in Keys(child))
                    yield return each;
            }
        }
    }
}
