using System.Text.Json;
using GenApi.Core.Images;

namespace GenApi.Core.Generations;

/// <summary>A generation as it was at one revision, with its outputs. Nothing changes it, because requests share it.</summary>
/// <param name="Generation">The row.</param>
/// <param name="Outputs">The images and other files that callers see, by index.</param>
public sealed record GenerationDetails(Generation Generation, IReadOnlyList<StoredImage> Outputs)
{
    /// <summary>True if outputs of it are in the bin, so that <see cref="Outputs"/> lacks them.</summary>
    public bool HasBinned { get; init; }

    /// <summary>True if it may answer requests: it has succeeded, and callers see all that it made.</summary>
    public bool IsAnswer => Generation.IsAnswer && !HasBinned;

    /// <summary>The images among the outputs.</summary>
    public IEnumerable<StoredImage> Images => Outputs.Where(output => output.IsImage);

    /// <summary>The other files among the outputs.</summary>
    public IEnumerable<StoredImage> Files => Outputs.Where(output => !output.IsImage);

    /// <param name="generation">The row.</param>
    /// <param name="stored">All its outputs by index, those in the bin included.</param>
    internal static GenerationDetails Of(Generation generation, List<StoredImage> stored)
    {
        var hasBinned = stored.Exists(output => output.IsBinned);
        return new(generation, hasBinned ? stored.FindAll(output => !output.IsBinned) : stored) { HasBinned = hasBinned };
    }

    /// <summary>
    /// Reads what the model returned, with ids in the place of files; null until it has ended, and where the output is a file or a list of
    /// files.
    /// </summary>
    public JsonElement? ReadOutput() =>
        Generation.CompletedAt is not null && OutputDocument.HasValues(Generation.Output)
            ? OutputDocument.Read(Generation.Output, Outputs) : null;

    /// <summary>Lists where in <see cref="ReadOutput"/> each output stands, by its index; empty where there is none.</summary>
    public IReadOnlyList<string> OutputNames() =>
        OutputDocument.HasValues(Generation.Output) ? OutputDocument.Names(Generation.Output) : [];

    /// <summary>
    /// Writes what the model returned in the model's own shape (a text, a list or an object), with a text for each file. Rows of versions
    /// before doors do not tell one file from a list with one, and write a list.
    /// </summary>
    /// <param name="json">Gets one value.</param>
    /// <param name="writeFile">Writes the text for a file.</param>
    public void WriteOutput(Utf8JsonWriter json, Action<Utf8JsonWriter, StoredImage> writeFile) =>
        OutputDocument.WriteShape(json, Generation.Output, Outputs, writeFile);
}

/// <summary>The generation that a request got, and how it got it.</summary>
public sealed record Submission(GenerationDetails Details, CacheOutcome Outcome)
{
    /// <summary>True if a row was made for the request.</summary>
    internal bool IsNew { get; init; }

    /// <summary>True if the request repeats an earlier one, and without that would have become a new run.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>
    /// The time at which the request wants the generation to end. Null: it set no limit, the generation has ended, or it is a run without
    /// this limit, which must not end for others.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>True if the generation replaces an answer whose bytes turned out to be lost.</summary>
    public bool ReplacesLost { get; init; }
}

/// <summary>A page of generations, newest first.</summary>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<GenerationDetails> Generations, GenerationCursor? Next)
{
    /// <summary>
    /// The end of the page with newer rows, to be read with <see cref="GenerationQuery.IsBackward"/>; null: there is none.
    /// </summary>
    public GenerationCursor? Previous { get; init; }
}

/// <summary>A position in the list, newest first.</summary>
public readonly record struct GenerationCursor(DateTimeOffset CreatedAt, long Number);

/// <summary>A query for a list. Every filter is optional, and all filters given must match.</summary>
public sealed record GenerationQuery
{
    public GenerationStatus? Status { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? CreatedAfter { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>Words of the prompt, each from its beginning, in any order.</summary>
    public string? Words { get; init; }

    /// <summary>The account whose generations are listed, made for it or given to it; null: those of all accounts.</summary>
    public Guid? Account { get; init; }

    /// <summary>
    /// The person for whom they were made, as <see cref="Generation.EndUser"/>. What the account was only given is left out then: it must
    /// not learn whom another one serves.
    /// </summary>
    public string? EndUser { get; init; }

    public bool? IsPinned { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    public GenerationCursor? Cursor { get; init; }

    /// <summary>True: the page with the rows just newer than <see cref="Cursor"/>. It has no effect on a search for words.</summary>
    public bool IsBackward { get; init; }
}
