using System.Text;

namespace GenApi.Tests.Fuzz;

/// <summary>Bytes for a connection of their own.</summary>
/// <param name="Bytes">What is sent.</param>
/// <param name="Method">The answer to HEAD has no body.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Operation">What it is meant for; null where path or method are none of the service.</param>
/// <param name="IsCutOff">Less is sent than was announced; then nothing more comes.</param>
/// <param name="IsBroken">It is no good HTTP, so the server may turn it away before the service sees it.</param>
internal sealed record FuzzRequest(byte[] Bytes, string Method, string Path, FuzzOperation? Operation, bool IsBroken, bool IsCutOff)
{
    private const int LongestShown = 4_000;

    public override string ToString()
    {
        var text = Encoding.Latin1.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, LongestShown)));
        return string.Concat(text.Select(each => each is >= ' ' and <= '~' or '\n' ? each.ToString() : each == '\r' ? "" : $"\\x{(int)each:x2}"))
            + (Bytes.Length > LongestShown ? $"… ({Bytes.Length} bytes)" : "");
    }
}
