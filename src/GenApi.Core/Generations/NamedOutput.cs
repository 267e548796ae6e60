namespace GenApi.Core.Generations;

/// <summary>An image or another file that a request names.</summary>
/// <param name="Path">Where its id stands in the body, as a JSON path.</param>
/// <param name="Id">The id.</param>
/// <param name="IsImage">Whether the id is that of an image (<c>img_…</c>) and not of another file (<c>fil_…</c>).</param>
internal readonly record struct NamedOutput(string Path, Guid Id, bool IsImage)
{
    /// <summary>The most that one request may name.</summary>
    public const int Most = 500;

    /// <summary>The id as the caller wrote it.</summary>
    public string PublicId => Persistence.PublicId.Format(IsImage ? Persistence.PublicId.Image : Persistence.PublicId.File, Id);

    /// <summary><c>image</c> or <c>file</c>, for use in sentences.</summary>
    public string Word => IsImage ? "image" : "file";
}
