using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GenApi.Tests.Documentation;

/// <summary>
/// The rows of one section in docs/operate/settings.md, made from its options class: names and defaults by reflection, texts and allowed
/// values from the XML comments that the build writes next to the assembly.
/// </summary>
internal sealed partial class SettingsTable
{
    private static readonly Dictionary<Assembly, XDocument> Comments = [];

    private readonly List<Row> _rows = [];
    private readonly Dictionary<Type, string> _described = [];

    private SettingsTable(string section, Type type, object defaults)
    {
        Describe(section, type);
        Add(section, type, defaults);
    }

    /// <param name="section">Such as <c>Accounts</c>.</param>
    /// <param name="type">Its options class.</param>
    /// <param name="defaults">The options as appsettings.json sets them.</param>
    public static IReadOnlyList<Row> Rows(string section, Type type, object defaults) => new SettingsTable(section, type, defaults)._rows;

    public static string Markdown(IEnumerable<Row> rows)
    {
        var text = new StringBuilder("| setting | default | allowed | |\n|---|---|---|---|\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| `{row.Key}` | {row.Default} | {row.Allowed} | {row.Text} |\n");
        return text.ToString();
    }

    /// <summary>A class that two settings share is described once, at the shorter key.</summary>
    private void Describe(string key, Type type)
    {
        var level = new Queue<(string Key, Type Type)>([(key, type)]);
        while (level.TryDequeue(out var next))
        {
            if (!_described.TryAdd(next.Type, next.Key))
                continue;
            foreach (var property in Settings(next.Type))
            {
                var inner = $"{next.Key}:{property.Name}";
                if (EntryType(property.PropertyType) is { } entry && IsSection(entry))
                    level.Enqueue(($"{inner}:<name>", entry));
                else if (IsSection(property.PropertyType))
                    level.Enqueue((inner, property.PropertyType));
            }
        }
    }

    private void Add(string key, Type type, object defaults)
    {
        foreach (var property in Settings(type))
        {
            var inner = key == "Database" && property.Name == "DataDirectory" ? property.Name : $"{key}:{property.Name}";
            var (text, value) = Comment(property);
            if (EntryType(property.PropertyType) is { } entry)
            {
                _rows.Add(new(inner, $"{((ICollection)property.GetValue(defaults)!).Count} entries", value, text));
                if (IsSection(entry))
                    AddMembers($"{inner}:<name>", entry, Activator.CreateInstance(entry)!);
            }
            else if (IsSection(property.PropertyType))
            {
                var isHere = _described[property.PropertyType] == inner;
                _rows.Add(new(inner, "", isHere ? "the members below" : $"the members of `{_described[property.PropertyType]}`", text));
                AddMembers(inner, property.PropertyType, property.GetValue(defaults) ?? Activator.CreateInstance(property.PropertyType)!);
            }
            else
                _rows.Add(new(inner, Default(property.GetValue(defaults)), Allowed(property) ?? value, text));
        }
    }

    private void AddMembers(string key, Type type, object defaults)
    {
        if (_described[type] == key)
            Add(key, type, defaults);
    }

    private static IEnumerable<PropertyInfo> Settings(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite || EntryType(property.PropertyType) is not null);

    private static Type? EntryType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GetGenericArguments()[1] : null;

    private static bool IsSection(Type type) => type.IsClass && !typeof(IEnumerable).IsAssignableFrom(type);

    private static string Default(object? value) => value switch
    {
        null or "" => "empty",
        bool flag => flag ? "`true`" : "`false`",
        Enum word => $"`{word.ToString().ToLowerInvariant()}`",
        string text => $"`{text}`",
        IEnumerable<string> items => items.Any() ? string.Join(", ", items.Select(item => $"`{item}`")) : "empty",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string? Allowed(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            return $"{Number(range.Minimum)} to {Number(range.Maximum)}";
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type).Select(name => $"`{name.ToLowerInvariant()}`"));
        return type == typeof(bool) ? "`true`, `false`" : null;
    }

    /// <summary>Writes every digit: the format of a double stops at fifteen.</summary>
    private static string Number(object bound) => bound is double number && double.IsInteger(number)
        ? new BigInteger(number).ToString("N0", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{bound:#,##0.##}");

    private static (string Text, string Value) Comment(PropertyInfo property)
    {
        var assembly = property.DeclaringType!.Assembly;
        if (!Comments.TryGetValue(assembly, out var comments))
            Comments.Add(assembly, comments = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")));
        var name = $"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}";
        var member = comments.Descendants("member").FirstOrDefault(each => each.Attribute("name")?.Value == name);
        Assert.True(member?.Element("summary") is not null, $"{name} has no summary, which the table of settings shows.");
        return (Plain(member.Element("summary")!), member.Element("value") is { } value ? Plain(value) : "");
    }

    private static string Plain(XElement comment)
    {
        var text = string.Concat(comment.Nodes().Select(node => node switch
        {
            XText words => words.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement see when see.Attribute("cref") is { } cref => $"`{cref.Value.Split('.')[^1]}`",
            XElement other => other.Value,
            _ => "",
        }));
        return Space().Replace(text, " ").Trim().Replace("|", @"\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    /// <param name="Key">Such as <c>Accounts:AllowAnonymous</c>; <c>&lt;name&gt;</c> stands for the operator's own.</param>
    /// <param name="Default">As Markdown.</param>
    /// <param name="Allowed">As Markdown; empty for a text of any kind.</param>
    /// <param name="Text">As Markdown.</param>
    internal sealed record Row(string Key, string Default, string Allowed, string Text);
}
