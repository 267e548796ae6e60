using System.ComponentModel;

namespace GenApi.Hosting;

[Description("One page of a list.")]
internal sealed record CursorPage<T>(
    [property: Description("The rows.")] IReadOnlyList<T> Data,
    [property: Description("Give it as `cursor` to get the next page; null at the end.")] string? NextCursor);
