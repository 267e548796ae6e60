using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using GenApi.Core.Errors;

namespace GenApi.Hosting;

/// <summary>
/// Checks the sections that are ours against the classes they are bound to, before anything is built: a key that no class has is a typo, and a typo
/// that is silently ignored can cost money (a limit that does not hold).
/// </summary>
internal sealed class KnownSettings(IConfiguration configuration)
{
    /// <exception cref="SettingException">A key is unknown, or a value has the wrong type or is out of its range.</exception>
    public KnownSettings Section<TOptions>(string name) where TOptions : new()
    {
        var section = configuration.GetSection(name);
        CheckKeys(section, typeof(TOptions));
        var options = new TOptions();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException failure)
        {
            throw WrongType(section, typeof(TOptions), failure);
        }
        CheckRanges(section, options);
        return this;
    }

    /// <summary>A key outside every section.</summary>
    public KnownSettings Urls(string key = "Urls")
    {
        foreach (var url in (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsListenable(url))
                throw new SettingException(key, $"'{url}' is not an address to listen on. Allowed: http://host:port, several separated by semicolons; * stands for every address.");
        }
        return this;
    }

    private static bool IsListenable(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Scheme is "http" or "https" && address.PathBase.Length == 0 && address.Port is >= 0 and <= ushort.MaxValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void CheckKeys(IConfigurationSection section, Type type)
    {
        var names = Properties(type).ToDictionary(KeyOf, property => property.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!names.TryGetValue(child.Key, out var inner))
            {
                var nearest = NearestName.Find(child.Key, names.Keys);
                throw new SettingException(child.Path, nearest is null
                    ? $"there is no such setting. Known in {section.Path}: {string.Join(", ", names.Keys)}."
                    : $"there is no such setting. Did you mean {section.Path}:{nearest}?");
            }
            // The members of lists and dictionaries are the operator's own.
            if (!typeof(IEnumerable).IsAssignableFrom(inner) && child.GetChildren().Any())
                CheckKeys(child, inner);
        }
    }

    private static SettingException WrongType(IConfigurationSection section, Type type, InvalidOperationException failure)
    {
        foreach (var property in Properties(type))
        {
            var child = section.GetSection(KeyOf(property));
            try
            {
                if (child.Value is not null)
                    _ = child.Get(property.PropertyType);
            }
            catch (InvalidOperationException)
            {
                return new SettingException(child.Path, $"'{child.Value}' is not {Allowed(property.PropertyType)}.", failure);
            }
        }
        return new SettingException(section.Path, failure.Message, failure);
    }

    private static void CheckRanges(IConfigurationSection section, object options)
    {
        var failures = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), failures, validateAllProperties: true))
            return;
        var failure = failures[0];
        var property = Properties(options.GetType()).FirstOrDefault(each => failure.MemberNames.Contains(each.Name));
        if (property is null)
            throw new SettingException(section.Path, failure.ErrorMessage ?? "is not usable.");
        var allowed = property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{range.Minimum} to {range.Maximum}" : Allowed(property.PropertyType);
        throw new SettingException($"{section.Path}:{KeyOf(property)}", $"{property.GetValue(options)} is not allowed. Allowed: {allowed}.");
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite || typeof(IEnumerable).IsAssignableFrom(property.PropertyType));

    private static string KeyOf(PropertyInfo property) => property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

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
}
