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
        Generation is { Output: { } stored, CompletedAt: not null } ? OutputDocument.Read(stored, Outputs) : null;

    /// <summary>Lists where in <see cref="ReadOutput"/> each output stands, by its index; empty where there is none.</summary>
    public IReadOnlyList<string> OutputNames() => Generation.Output is { } stored ? OutputDocument.Names(stored) : [];
}

/// <summary>The generation that a request got, and how it got it.</summary>
public sealed record Submission(GenerationDetails Details, CacheOutcome Outcome)
{
    /// <summary>True if a row was made for the request.</summary>
    internal bool IsNew { get; init; }

    /// <summary>True if the generation replaces an answer whose bytes turned out to be lost.</summary>
    public bool ReplacesLost { get; init; }
}

/// <summary>A page of generations, newest first.</summary>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<GenerationDetails> Generations, GenerationCursor? Next);

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

    public bool? IsPinned { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    public GenerationCursor? Cursor { get; init; }
}
