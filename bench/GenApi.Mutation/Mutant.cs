namespace GenApi.Mutation;

/// <summary>A change at one place in the code.</summary>
/// <param name="Id">The number by which the switch in the changed code knows it.</param>
/// <param name="File">Relative to the repository.</param>
/// <param name="Line">From 1, in the original file.</param>
/// <param name="Kind">The rule that made it, such as <c>equality</c>.</param>
/// <param name="Original">The original code.</param>
/// <param name="Changed">The code that runs when the mutant is on.</param>
internal sealed record Mutant(int Id, string File, int Line, string Kind, string Original, string Changed)
{
    public override string ToString() => $"{File}:{Line} [{Kind}] {Short(Original)} -> {Short(Changed)}";

    private static string Short(string code)
    {
        var line = string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > 90 ? line[..90] + "…" : line;
    }
}
