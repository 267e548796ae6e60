using System.ComponentModel;

namespace GenApi.Hosting;

[Description("One page of a list.")]
internal sealed record CursorPage<T>(
    [property: Description("The rows.")] IReadOnlyList<T> Data,
    [property: Description("The `cursor` of the next page. Null at the end.")] string? NextCursor);
