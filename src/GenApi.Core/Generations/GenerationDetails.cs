using System.Text.Json;
using GenApi.Core.Images;

namespace GenApi.Core.Generations;

/// <summary>A generation as it was at one revision, with what it put out. Nobody changes it: it is shared between requests.</summary>
/// <param name="Generation">The row.</param>
/// <param name="Outputs">Images and other files, by index.</param>
public sealed record GenerationDetails(Generation Generation, IReadOnlyList<StoredImage> Outputs)
{
    /// <summary>The pictures among them.</summary>
    public IEnumerable<StoredImage> Images => Outputs.Where(output => output.IsImage);

    /// <summary>Everything else.</summary>
    public IEnumerable<StoredImage> Files => Outputs.Where(output => !output.IsImage);

    /// <summary>What the model returned, with ids in the place of files; null until it has ended, and where that is a file or a list of files.</summary>
    public JsonElement? ReadOutput() => Generation is { Output: { } stored, CompletedAt: not null } ? OutputDocument.Read(stored, Outputs) : null;

    /// <summary>Where in <see cref="ReadOutput"/> each output stands, by its index; empty where there is none.</summary>
    public IReadOnlyList<string> OutputNames() => Generation.Output is { } stored ? OutputDocument.Names(stored) : [];
}

/// <summary>What became of a request.</summary>
public sealed record Submission(GenerationDetails Details, CacheOutcome Outcome)
{
    /// <summary>A row was made for it.</summary>
    internal bool IsNew { get; init; }

    /// <summary>There was an answer, and its bytes turned out to be lost: this one takes its place.</summary>
    public bool ReplacesLost { get; init; }
}

/// <summary>A page of generations, newest first.</summary>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<GenerationDetails> Generations, GenerationCursor? Next);

/// <summary>A place in the list, newest first.</summary>
public readonly record struct GenerationCursor(DateTimeOffset CreatedAt, long Number);

/// <summary>What to list. Every filter is optional; all given must hold.</summary>
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

    /// <summary>The account whose generations are listed, made for it or given to it; null: everybody's.</summary>
    public Guid? Account { get; init; }

    public bool? IsPinned { get; init; }

    /// <summary>1 to 100.</summary>
    public int Limit { get; init; } = 20;

    public GenerationCursor? Cursor { get; init; }
}
