using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using GenApi.Core.Errors;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Options;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Checks our sections against the classes that they are bound to, before anything is built. A key that no class has is a typo, and a typo
/// that goes unnoticed can cost money (a limit that does not hold).
/// </summary>
internal sealed class KnownSettings(IConfiguration configuration)
{
    private const BindingFlags Constants = BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    /// <summary>The sections with a separate class; one may lie in another, such as <c>Doors:OpenAi</c>.</summary>
    private readonly HashSet<string> _bound = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Checks every section that registered rooms bind: the constant <c>Section</c> of an options class names it. Several rooms may each
    /// bind a part of one section.
    /// </summary>
    /// <exception cref="SettingException">A key is unknown, or a value has the wrong type or is out of its range.</exception>
    public KnownSettings Sections(IServiceCollection services)
    {
        var bound = services.Select(each => each.ServiceType)
            .Where(type => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>))
            .Select(type => type.GenericTypeArguments[0]).Distinct();
        var sections = new Dictionary<string, List<Type>>();
        foreach (var options in bound)
        {
            if (options.GetField("Section", Constants) is not { IsLiteral: true } constant)
                continue;
            var name = (string)constant.GetRawConstantValue()!;
            if (!sections.TryGetValue(name, out var parts))
                sections[name] = parts = [];
            parts.Add(options);
        }
        _bound.UnionWith(sections.Keys);
        foreach (var (name, parts) in sections)
            Section(name, parts);
        return this;
    }

    /// <exception cref="SettingException">A key is unknown, or a value has the wrong type or is out of its range.</exception>
    public KnownSettings Section<TOptions>(string name) where TOptions : class, new()
    {
        Section(name, [typeof(TOptions)]);
        return this;
    }

    private void Section(string name, IReadOnlyList<Type> parts)
    {
        var section = configuration.GetSection(name);
        CheckKeys(section, parts);
        foreach (var part in parts)
            CheckValues(section, Activator.CreateInstance(part)!);
    }

    private void CheckValues(IConfigurationSection section, object options)
    {
        var type = options.GetType();
        try
        {
            KeyedSettings.Bind(configuration, section.Path, options);
        }
        catch (InvalidOperationException failure)
        {
            throw WrongValue(section, type) ?? new SettingException(section.Path, failure.Message, failure);
        }
        // The binder silently drops what it can't read inside a dictionary.
        if (WrongValue(section, type) is { } wrong)
            throw wrong;
        CheckRanges(section, options);
    }

    /// <summary>Checks the addresses to listen on, wherever they are set.</summary>
    /// <exception cref="SettingException">One of them is not an address.</exception>
    public KnownSettings Urls()
    {
        ListenAddresses.Check(configuration);
        return this;
    }

    /// <summary>Checks the names outside of all sections, on the command line and in appsettings.json.</summary>
    /// <param name="switches">The result of <see cref="Switches.Read"/>.</param>
    /// <exception cref="SettingException">There is no such setting.</exception>
    public KnownSettings TopLevel(IEnumerable<(string Written, string Key)> switches)
    {
        foreach (var (written, key) in switches)
            RequireKnown(key, written, "", written[..^key.Length]);
        foreach (var file in ((IConfigurationRoot)configuration).Providers.OfType<JsonConfigurationProvider>())
        {
            foreach (var key in file.GetChildKeys([], null).Where(key => !key.StartsWith('$')))
                RequireKnown(key, key, $" (in {file.Source.Path})", "");
        }
        return this;
    }

    /// <inheritdoc cref="MisnamedSettings.Find"/>
    public IReadOnlyList<string> Misnamed() => MisnamedSettings.Find(configuration, SettingNames.All);

    private static void RequireKnown(string key, string written, string where, string prefix)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter, 2);
        if (SettingNames.All.Contains(parts[0], StringComparer.OrdinalIgnoreCase) || SettingNames.Has(key))
            return;
        var nearest = NearestName.Find(parts[0], SettingNames.All);
        if (nearest is null)
            throw new SettingException(written, $"there is no such setting{where}. docs/operate/settings.md lists all settings.");
        var meant = prefix + string.Join(ConfigurationPath.KeyDelimiter, [nearest, .. parts.Skip(1)]);
        throw new SettingException(written, $"there is no such setting{where}. Did you mean {meant}?");
    }

    private void CheckKeys(IConfigurationSection section, IReadOnlyList<Type> parts)
    {
        var names = parts.SelectMany(Properties).ToDictionary(KeyOf, property => property.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!names.TryGetValue(child.Key, out var inner))
            {
                if (SecretFiles.Names(child.Path) || _bound.Contains(child.Path))
                    continue;
                var nearest = NearestName.Find(child.Key, names.Keys);
                throw new SettingException(child.Path, nearest is null
                    ? $"there is no such setting. Known in {section.Path}: {string.Join(", ", names.Keys)}."
                    : $"there is no such setting. Did you mean {section.Path}:{nearest}?");
            }
            // The operator chooses the names in a dictionary, but not the keys under each name.
            var sections = KeyedSettings.ValueOf(inner) is not null ? Members(child, inner) : [new Member(child, inner)];
            foreach (var member in sections.Where(each => IsSection(each.Type) && each.Section.GetChildren().Any()))
                CheckKeys(member.Section, [member.Type]);
        }
    }

    /// <summary>A class of ours with settings in it.</summary>
    private static bool IsSection(Type type) => type.IsClass && !typeof(IEnumerable).IsAssignableFrom(type);

    private SettingException? WrongValue(IConfigurationSection section, Type type)
    {
        if (IsSection(type) || KeyedSettings.ValueOf(type) is not null)
        {
            return Members(section, type).Select(member => WrongValue(member.Section, member.Type))
                .FirstOrDefault(found => found is not null);
        }
        try
        {
            if (section.Value is not null)
                _ = section.Get(type);
            return null;
        }
        catch (InvalidOperationException failure)
        {
            return new SettingException(section.Path, $"'{section.Value}' is not {Allowed(type)}.", failure);
        }
    }

    private IEnumerable<Member> Members(IConfigurationSection section, Type type) => KeyedSettings.ValueOf(type) is { } value
        ? KeyedSettings.Entries(configuration, section.Path, value).Where(entry => !entry.IsRemoved)
            .Select(entry => new Member(entry.Section, value))
        : Properties(type).Select(property => new Member(section.GetSection(KeyOf(property)), property.PropertyType));

    private static void CheckRanges(IConfigurationSection section, object options)
    {
        var failures = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), failures, validateAllProperties: true))
            return;
        var failure = failures[0];
        var property = Properties(options.GetType()).FirstOrDefault(each => failure.MemberNames.Contains(each.Name));
        if (property is null)
            throw new SettingException(section.Path, failure.ErrorMessage ?? "is not usable.");
        var allowed = property.GetCustomAttribute<RangeAttribute>() is { } range
            ? $"{range.Minimum} to {range.Maximum}"
            : Allowed(property.PropertyType);
        throw new SettingException(
            $"{section.Path}:{KeyOf(property)}", $"{property.GetValue(options)} is not allowed. Allowed: {allowed}.");
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite || typeof(IEnumerable).IsAssignableFrom(property.PropertyType));

    private static string KeyOf(PropertyInfo property) =>
        property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

    private static string Allowed(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "a time such as 00:05:00";
        return type == typeof(double) || type == typeof(decimal) ? "a number" : "a whole number";
    }

    /// <summary>A member of an options class. It is a class, because LINQ over tuples has to be compiled at each start.</summary>
    /// <param name="Section">The section that holds its value.</param>
    /// <param name="Type">The type that the value is bound to.</param>
    private sealed record Member(IConfigurationSection Section, Type Type);
}
