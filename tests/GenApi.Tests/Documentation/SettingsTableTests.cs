using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Core.Models.Settings;
using GenApi.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenApi.Tests.Documentation;

/// <summary>Compares the tables of docs/operate/settings.md with the options classes, and their ranges with what a start accepts.</summary>
public sealed partial class SettingsTableTests
{
    internal const string HowToRewrite =
        $"If the code is right: {Rewrite}=1 dotnet run --project tests/GenApi.Tests -- "
        + $"-class GenApi.Tests.Documentation.{nameof(SettingsTableTests)}";

    private const string Rewrite = "GENAPI_REWRITE_SETTINGS";
    private const string Page = "docs/operate/settings.md";

    public static TheoryData<string> SectionNames => SettingsPageTests.SectionNames;

    [Fact]
    public void The_page_has_the_table_of_every_section_as_the_code_has_it()
    {
        var page = new MarkdownPage(Page);
        var made = Table().Replace(page.Text, table => Made(table.Groups[1].Value));
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            var shown = Assert.Single(page.Blocks("jsonc"));
            File.WriteAllText(Repository.PathOf(Page), made.Replace(shown, SettingsPageTests.ShippedText(), StringComparison.Ordinal));
            return;
        }

        var shownSections = Table().Matches(page.Text).Select(table => table.Groups[1].Value);
        Assert.Equal(SettingsPageTests.Sections.Values.Distinct().Order(), shownSections.Order());
        Assert.True(page.Text == made, $"The tables of {Page} are not what the options classes say. {HowToRewrite}");
    }

    /// <summary>Covers settings with a fixed name; entries with a name of the operator's choice are tested where they are read.</summary>
    [Theory, MemberData(nameof(SectionNames))]
    public void A_range_in_the_table_is_the_range_that_a_start_accepts(string section)
    {
        foreach (var (type, row) in TypesOf(section).SelectMany(type => Rows(section, type), (type, row) => (type, row)))
        {
            if (row.Key.Contains('<', StringComparison.Ordinal))
                continue;
            if (Range().Match(row.Allowed) is not { Success: true } range)
                continue;
            var (lowest, highest) = (Number(range.Groups[1].Value), Number(range.Groups[2].Value));

            foreach (var value in new[] { lowest, highest })
                Assert.True(Refusal(section, type, row.Key, value) is null, $"{row.Key} = {value} is refused.");
            // Some bounds are doubles, which do not tell 2^60 from the next number.
            foreach (var value in new[] { lowest - 1, highest + Math.Max(1, highest / 1_000_000) })
                Assert.True(Refusal(section, type, row.Key, value) is not null, $"{row.Key} = {value} is accepted.");
        }
    }

    private static decimal Number(string text) => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);

    private static string Made(string section)
    {
        var rows = TypesOf(section).SelectMany(type => Rows(section, type));
        return $"<!-- settings: {section} -->\n{SettingsTable.Markdown(rows)}<!-- end -->";
    }

    /// <summary>As the file has them: the options that the service receives name the place that an empty folder stands for.</summary>
    private static IReadOnlyList<SettingsTable.Row> Rows(string section, Type type)
    {
        var options = Activator.CreateInstance(type)!;
        KeyedSettings.Bind(SettingsPageTests.Shipped, section, options);
        return SettingsTable.Rows(section, type, options);
    }

    /// <summary>The rooms that bind a part of a section; the host's part comes first.</summary>
    private static IEnumerable<Type> TypesOf(string section) =>
        SettingsPageTests.Sections.Where(each => each.Value == section).Select(each => each.Key)
            .OrderBy(type => type.Assembly == typeof(KnownSettings).Assembly ? "" : type.FullName, StringComparer.Ordinal);

    private static string? Refusal(string section, Type type, string key, decimal value)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new(key, value.ToString(CultureInfo.InvariantCulture))]).Build();
        try
        {
            typeof(KnownSettings).GetMethod(nameof(KnownSettings.Section))!.MakeGenericMethod(type)
                .Invoke(new KnownSettings(configuration), BindingFlags.DoNotWrapExceptions, null, [section], null);
            SettingsPageTests.Options(type, configuration);
            return null;
        }
        catch (Exception failure) when (failure is SettingException or OptionsValidationException)
        {
            return failure.Message;
        }
    }

    [GeneratedRegex(@"<!-- settings: ([\w:]+) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex(@"^([\d.,]*\d) to ([\d.,]*\d)(,|$)")]
    private static partial Regex Range();
}
