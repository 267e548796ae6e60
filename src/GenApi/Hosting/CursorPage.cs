namespace GenApi.Hosting;

/// <summary>One page of a list.</summary>
/// <param name="Data">The rows.</param>
/// <param name="NextCursor">Give it as `cursor` to get the next page; null at the end.</param>
internal sealed record CursorPage<T>(IReadOnlyList<T> Data, string? NextCursor);
