using System.Text.Json;
using GenApi.Core.Replicate;

namespace GenApi.Hosting;

/// <summary>
/// Says that a string, or each string of a list, is one of these words. The API document has a named component for them, so that a
/// generated client has one enumeration for all members that use it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal class WordsAttribute : Attribute
{
    /// <param name="name">The name of the component.</param>
    /// <param name="words">All words.</param>
    public WordsAttribute(string name, params string[] words) => (Name, Words) = (name, words);

    /// <param name="name">The name of the component.</param>
    /// <param name="enumeration">The enumeration; its names in snake_case are the words, without the 0 of flags.</param>
    /// <param name="except">The names that callers never see.</param>
    public WordsAttribute(string name, Type enumeration, params string[] except)
    {
        Name = name;
        var names = Enum.GetNames(enumeration).Where(each => each != "None" && !except.Contains(each));
        Words = [.. names.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    }

    public string Name { get; }

    public IReadOnlyList<string> Words { get; }
}

/// <summary>Says that a string is the name of an upstream.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UpstreamWordsAttribute() : WordsAttribute("Upstream", ReplicateUpstream.ReplicateName, ReplicateUpstream.SandboxName);
