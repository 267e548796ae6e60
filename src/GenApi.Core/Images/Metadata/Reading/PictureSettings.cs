using System.Text.Json;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>The settings that a picture carries: as its tool names them, and those that mean the same for every model.</summary>
public sealed class PictureSettings(SettingsSource source)
{
    private const int MostNamed = 500, MostNotes = 20, MostLeftOut = 12, LongestName = 64;

    private readonly OrderedDictionary<string, JsonElement> _named = [];
    private readonly HashSet<string> _carried = [];
    private readonly List<string> _notes = [];

    public SettingsSource Source => source;

    /// <summary>Everything that was read, in the names of the tool.</summary>
    public IReadOnlyDictionary<string, JsonElement> Named => _named;

    /// <summary>Sentences about what could not be carried over.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The whole text in the form of AUTOMATIC1111's web UI; null if the tool has another form.</summary>
    public string? Text { get; internal set; }

    public string? Prompt { get; set; }

    public string? NegativePrompt { get; set; }

    /// <summary>As written, which may be out of any range.</summary>
    public decimal? Seed { get; set; }

    /// <inheritdoc cref="Seed"/>
    public decimal? Width { get; set; }

    /// <inheritdoc cref="Seed"/>
    public decimal? Height { get; set; }

    /// <inheritdoc cref="Seed"/>
    public decimal? Steps { get; set; }

    /// <inheritdoc cref="Seed"/>
    public decimal? Guidance { get; set; }

    /// <summary>The model, as <c>owner/name</c> or with its version; null for pictures of other tools.</summary>
    public string? Model { get; set; }

    /// <summary>The checkpoint that another tool names; null: none.</summary>
    public string? Checkpoint { get; set; }

    internal void Add(string name, JsonElement value)
    {
        if (_named.Count < MostNamed || _named.ContainsKey(name))
            _named[name] = value;
    }

    internal void Add(string name, string value) => Add(name, JsonSerializer.SerializeToElement(value));

    /// <summary>Adds the members of an object.</summary>
    internal void AddAll(JsonElement members)
    {
        foreach (var member in members.EnumerateObject())
            Add(member.Name, member.Value);
    }

    /// <summary>Says that these settings are part of the request, or are explained by a note.</summary>
    internal void Carry(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _carried.Add(name);
    }

    internal void Note(string sentence)
    {
        if (_notes.Count < MostNotes && !_notes.Contains(sentence))
            _notes.Add(sentence);
    }

    /// <summary>Notes the settings that nothing else mentions.</summary>
    internal void NoteLeftOut()
    {
        var names = _named.Keys.Where(name => !_carried.Contains(name)).ToList();
        if (names.Count == 0)
            return;
        var shown = string.Join(", ", names.Take(MostLeftOut).Select(Quoted));
        var more = names.Count > MostLeftOut ? $" and {names.Count - MostLeftOut} more" : "";
        Note($"These settings mean nothing to every model and were left out: {shown}{more}. Their values are in `settings`; "
            + "put what your model knows into `input`.");
    }

    /// <summary>Marks a name as code in a note, shortened.</summary>
    internal static string Quoted(string name)
    {
        if (name.Length <= LongestName)
            return $"`{name}`";
        // Half of a surrogate pair is no text.
        return $"`{name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)]}…`";
    }
}
