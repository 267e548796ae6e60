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

/// <summary>appsettings.json has every setting with its default; the code and docs/operate/settings.md must say the same.</summary>
public sealed class SettingsPageTests
{
    private const string File = "appsettings.json";
    private const string Page = "docs/operate/settings.md";

    private const BindingFlags Constant = BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    /// <summary>Keys that belong to the framework.</summary>
    private static readonly string[] Foreign = ["Urls", "Logging"];

    internal static readonly IConfigurationRoot Shipped = new ConfigurationBuilder().AddJsonFile(Repository.PathOf(File)).Build();

    /// <summary>Every class with a constant <c>Section</c>: the form of all options here.</summary>
    internal static readonly IReadOnlyDictionary<Type, string> Sections =
        new[] { typeof(CoreRegistration).Assembly, typeof(KnownSettings).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Select(type => (Type: type, Section: type.GetField("Section", Constant)))
        .Where(each => each.Section is { IsLiteral: true })
        .ToDictionary(each => each.Type, each => (string)each.Section!.GetRawConstantValue()!);

    /// <summary>Excludes computed properties, which are not settings.</summary>
    private static readonly JsonSerializerOptions WhatCanBeSet = new()
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                static type =>
                {
                    var computed = type.Properties.Where(each => each.Set is null && !IsList(each.PropertyType)).ToList();
                    foreach (var property in computed)
                        type.Properties.Remove(property);
                },
            },
        },
    };

    public static TheoryData<string> SectionNames => [.. Sections.Values.Distinct()];

    [Fact]
    public void The_page_shows_the_file_as_it_is()
    {
        var shown = Assert.Single(new MarkdownPage(Page).Blocks("jsonc"));
        Assert.True(shown == ShippedText(), $"The last block of {Page} differs from {File}. {SettingsTableTests.HowToRewrite}");
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
            Assert.True(!missing.Any(), $"{File} lacks {string.Join(", ", missing)}: add each with its default and a comment.");
        }
    }

    [Fact]
    public void Every_section_of_the_file_has_a_class() => Assert.All(
        Shipped.GetChildren().Where(child => child.GetChildren().Any() && !Foreign.Contains(child.Key)),
        child => Assert.Contains(child.Key, Sections.Values));

    [Theory, MemberData(nameof(SectionNames))]
    public async Task A_typo_in_any_section_is_refused_by_a_start_and_by_a_verb(string section)
    {
        var folder = Directory.CreateTempSubdirectory("genapi-typo-").FullName;
        var settings = new Dictionary<string, string?> { ["DataDirectory"] = Path.Combine(folder, "data"), [$"{section}:Nonsense"] = "1" };

        var start = await ProgramHere.RunToEndAsync(settings, folder);
        var verb = await ProgramHere.RunToEndAsync(settings, folder, "status");

        Assert.Equal((1, 2), (start.ExitCode, verb.ExitCode));
        Assert.StartsWith($"{section}:Nonsense: there is no such setting.", start.Errors, StringComparison.Ordinal);
        Assert.Equal(start.Errors, verb.Errors);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void Every_key_stands_with_its_default_in_the_table_of_the_operators()
    {
        var rows = new MarkdownPage(Page).Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|')).ToList();
        foreach (var (key, value) in Keys(Shipped))
        {
            var row = rows.FirstOrDefault(cells => cells[1].Trim() == $"`{key}`");
            Assert.True(row is not null, $"{Page} has no row that begins with | `{key}` | `{value}` |. {SettingsTableTests.HowToRewrite}");
            // The page has lists and dictionaries in words.
            if (value is not null)
            {
                Assert.True(row[2].Trim().Trim('`') == (value.Length == 0 ? "empty" : value),
                    $"{Page} says {key} is{row[2]}by default, {File} says '{value}'.");
            }
        }
    }

    /// <summary>Returns the names in a section of the file, in its order: a configuration sorts them.</summary>
    internal static List<string> KeysInFile(string section)
    {
        using var file = JsonDocument.Parse(ShippedText(), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return file.RootElement.TryGetProperty(section, out var members)
            ? [.. members.EnumerateObject().Select(member => member.Name)]
            : [];
    }

    internal static string ShippedText() =>
        System.IO.File.ReadAllText(Repository.PathOf(File)).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    /// <summary>The options as the service receives them.</summary>
    internal static object Options(Type type, IConfiguration configuration)
    {
        var services = new ServiceCollection().AddSingleton(configuration).AddLogging().AddGenApiCore().AddImageEndpoints();
        using var provider = services.BuildServiceProvider();
        var isConfigured = provider.GetServices(typeof(IConfigureOptions<>).MakeGenericType(type)).Any();
        var accessor = typeof(IOptions<>).MakeGenericType(type);
        var options = isConfigured
            ? accessor.GetProperty("Value")!.GetValue(
                provider.GetRequiredService(accessor), BindingFlags.DoNotWrapExceptions, null, null, null)!
            : Activator.CreateInstance(type)!;
        if (!isConfigured)
            configuration.GetSection(Sections[type]).Bind(options);
        return options;
    }

    private static JsonNode Effective(Type type, IConfiguration configuration) =>
        Ordered(JsonSerializer.SerializeToNode(Options(type, configuration), type, WhatCanBeSet)!);

    private static bool IsList(Type type) => typeof(System.Collections.IEnumerable).IsAssignableFrom(type);

    /// <summary>Sorts members, because the order of a dictionary does not matter.</summary>
    private static JsonNode Ordered(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Ordered(member.Value.DeepClone()))))
        : node;

    private static IEnumerable<string> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Leaves(member.Value, $"{path}:{member.Key}")),
        JsonArray items => items.SelectMany((item, at) => Leaves(item, $"{path}:{at}")),
        _ => [path],
    };

    /// <summary>The file has only the used members of an entry, or its main value: a price in one form, an alias as its model.</summary>
    private static bool IsShipped(string key) =>
        Shipped[key] is not null
        || (key.Split(':') is { Length: > 3 } parts && Shipped.GetSection(string.Join(':', parts.Take(3))).Exists())
        || (key == "Database:DataDirectory" && Shipped["DataDirectory"] is not null);

    private static IEnumerable<(string Key, string? Value)> Keys(IConfiguration section)
    {
        foreach (var child in section.GetChildren())
        {
            var inner = child.GetChildren().ToList();
            if (inner.Count == 0)
                yield return (child.Path, child.Value == "True" ? "true" : child.Value == "False" ? "false" : child.Value);
            else if (child.Path.Contains(':', StringComparison.Ordinal) && child.Key != "LogLevel" && !Sections.Values.Contains(child.Path))
                yield return (child.Path, null);
            else
            {
                foreach (var each in Keys(child))
                    yield return each;
            }
        }
    }
}
