using System.Collections;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace GenApi.Core.Models.Settings;

/// <summary>An entry of a keyed setting, from the sources that decide about it.</summary>
/// <param name="Name">Its name: an alias, a machine, <c>owner/name</c> or <c>owner/name:version</c>.</param>
/// <param name="Section">The settings under it, without those of an earlier source.</param>
/// <param name="IsWhole">Whether it is complete; otherwise it changes an entry that ships with GenApi.</param>
/// <param name="IsRemoved">Whether it is empty, which removes an earlier entry.</param>
public sealed record KeyedEntry(string Name, IConfigurationSection Section, bool IsWhole, bool IsRemoved);

/// <summary>
/// Marks the type of a keyed setting's entries and names its main member. That member may stand alone in place of an object. An entry
/// without it changes members of an earlier source's entry, each as a whole.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntryMemberAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>
/// Reads settings whose names are the operator's own: prices, aliases, machines. The platform merges them key by key, which would add a
/// price per run from the command line to a price per image from the file. Here an entry of a later source replaces the entry of an earlier
/// one.
/// </summary>
public static class KeyedSettings
{
    private const int VersionLength = 64;

    /// <summary>
    /// Binds a section of settings. Its dictionaries are read by <see cref="Entries"/> and applied on top of their defaults.
    /// </summary>
    /// <exception cref="InvalidOperationException">A value has the wrong type; the message names its key.</exception>
    public static void Bind(IConfiguration configuration, string section, object options)
    {
        var keyed = options.GetType().GetProperties().Where(property => ValueOf(property.PropertyType) is not null).ToList();
        if (keyed.Count == 0)
        {
            configuration.GetSection(section).Bind(options);
            return;
        }
        var others = configuration.GetSection(section).AsEnumerable()
            .Where(pair => pair.Value is not null && !keyed.Exists(property => IsAtOrUnder($"{section}:{property.Name}", pair.Key)));
        new ConfigurationBuilder().AddInMemoryCollection(others).Build().GetSection(section).Bind(options);
        foreach (var property in keyed)
            Fill((IDictionary)property.GetValue(options)!, ValueOf(property.PropertyType)!, configuration, $"{section}:{property.Name}");
    }

    /// <summary>Returns the type of a settings dictionary's values; null for any other type.</summary>
    public static Type? ValueOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GetGenericArguments()[1] : null;

    /// <summary>Returns the effective entries of a keyed setting, in the order of the sources that named them first.</summary>
    /// <param name="configuration">The configuration with all its sources.</param>
    /// <param name="path">The setting, such as <c>Models:Prices</c>.</param>
    /// <param name="value">The type of its entries.</param>
    public static IReadOnlyList<KeyedEntry> Entries(IConfiguration configuration, string path, Type value)
    {
        var names = new List<string>();
        var sources = new List<Dictionary<string, List<Leaf>>>();
        foreach (var provider in ((IConfigurationRoot)configuration).Providers)
        {
            var leaves = new List<Leaf>();
            Collect(provider, path, leaves);
            var entries = new Dictionary<string, List<Leaf>>(StringComparer.OrdinalIgnoreCase);
            foreach (var leaf in leaves.Where(leaf => leaf.Key.Length > path.Length))
            {
                var name = NameOf(leaf.Key[(path.Length + 1)..]);
                if (!entries.TryGetValue(name, out var own))
                    entries[name] = own = [];
                own.Add(leaf);
                if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
                    names.Add(name);
            }
            sources.Add(entries);
        }
        var member = value.GetCustomAttribute<EntryMemberAttribute>()?.Name;
        return [.. names.Select(name => Decide(name, path, member, sources))];
    }

    private static KeyedEntry Decide(string name, string path, string? member, List<Dictionary<string, List<Leaf>>> sources)
    {
        var key = $"{path}:{name}";
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var isWhole = false;
        for (var at = sources.Count - 1; at >= 0 && !isWhole; at--)
        {
            if (!sources[at].TryGetValue(name, out var leaves))
                continue;
            var isEmpty = leaves.TrueForAll(leaf => leaf.Key.Length == key.Length && string.IsNullOrWhiteSpace(leaf.Value));
            // A removed entry leaves nothing to change.
            if (isEmpty && data.Count > 0)
            {
                isWhole = true;
                break;
            }
            isWhole = isEmpty || member is null
                || leaves.Exists(leaf => !string.IsNullOrWhiteSpace(leaf.Value)
                    && (leaf.Key.Length == key.Length || leaf.Key.Equals($"{key}:{member}", StringComparison.OrdinalIgnoreCase)));
            var later = taken.ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var leaf in leaves)
            {
                // The main member stands alone in place of an object.
                var own = leaf.Key.Length > key.Length ? leaf.Key
                    : member is null || string.IsNullOrWhiteSpace(leaf.Value) ? key : $"{key}:{member}";
                var first = own.Length == key.Length ? "" : own[(key.Length + 1)..].Split(ConfigurationPath.KeyDelimiter)[0];
                taken.Add(first);
                if (!later.Contains(first) && (leaf.Key.Length > key.Length || !data.ContainsKey(own)))
                    data[own] = leaf.Value;
            }
        }
        var section = new ConfigurationBuilder().AddInMemoryCollection(data).Build().GetSection(key);
        var isRemoved = isWhole && !data.Keys.Any(each => each.Length > key.Length) && string.IsNullOrWhiteSpace(section.Value);
        return new KeyedEntry(name, section, isWhole, isRemoved);
    }

    private static void Fill(IDictionary entries, Type value, IConfiguration configuration, string path)
    {
        foreach (var entry in Entries(configuration, path, value))
        {
            if (entry.IsRemoved)
            {
                entries.Remove(entry.Name);
            }
            else if (value.GetConstructor(Type.EmptyTypes) is null || value.IsValueType)
            {
                entries[entry.Name] = entry.Section.Get(value);
            }
            else
            {
                var own = (entry.IsWhole ? null : entries[entry.Name]) ?? Activator.CreateInstance(value)!;
                Renew(own, entry.Section);
                entry.Section.Bind(own);
                entries[entry.Name] = own;
            }
        }
    }

    /// <summary>Replaces members: one that is an object is replaced as a whole, like the entry itself.</summary>
    private static void Renew(object entry, IConfigurationSection section)
    {
        foreach (var child in section.GetChildren().Where(child => child.GetChildren().Any()))
        {
            if (entry.GetType().GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
                is { CanWrite: true, PropertyType.IsClass: true } property)
                property.SetValue(entry, null);
        }
    }

    private static void Collect(IConfigurationProvider provider, string path, List<Leaf> leaves)
    {
        if (provider.TryGet(path, out var value))
            leaves.Add(new Leaf(path, value));
        foreach (var child in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
            Collect(provider, ConfigurationPath.Combine(path, child), leaves);
    }

    /// <summary>Joins a name again: the colon of <c>owner/name:version</c> also separates the keys of settings.</summary>
    private static string NameOf(string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        return parts.Length > 1 && parts[1].Length == VersionLength && parts[1].All(char.IsAsciiHexDigit)
            ? ConfigurationPath.Combine(parts[0], parts[1]) : parts[0];
    }

    private static bool IsAtOrUnder(string path, string key) =>
        key.StartsWith(path, StringComparison.OrdinalIgnoreCase) && (key.Length == path.Length || key[path.Length] == ':');

    private readonly record struct Leaf(string Key, string? Value);
}
