using System.Text.Json;
using GenApi.Core.Replicate;

namespace GenApi.Hosting;

/// <summary>
/// A string, or each string of a list, is one of these words. The API document has them as a component with a name of its own, so that a
/// generated client has one enumeration for it, wherever it stands.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal class WordsAttribute : Attribute
{
    /// <param name="name">Of the component.</param>
    /// <param name="words">All of them.</param>
    public WordsAttribute(string name, params string[] words) => (Name, Words) = (name, words);

    /// <param name="name">Of the component.</param>
    /// <param name="enumeration">Its names in snake_case are the words; the 0 of flags is none.</param>
    /// <param name="except">Names that callers never see.</param>
    public WordsAttribute(string name, Type enumeration, params string[] except)
    {
        Name = name;
        var names = Enum.GetNames(enumeration).Where(each => each != "None" && !except.Contains(each));
        Words = [.. names.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    }

    public string Name { get; }

    public IReadOnlyList<string> Words { get; }
}

/// <summary>The upstreams by their names.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UpstreamWordsAttribute() : WordsAttribute("Upstream", ReplicateUpstream.ReplicateName, ReplicateUpstream.SandboxName);
