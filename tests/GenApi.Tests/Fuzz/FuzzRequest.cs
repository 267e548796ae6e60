using System.Text;

namespace GenApi.Tests.Fuzz;

/// <summary>Bytes for a separate connection.</summary>
/// <param name="Bytes">The bytes to send.</param>
/// <param name="Method">The method; the answer to HEAD has no body.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Operation">The operation it is meant for; null if the service has no such path or method.</param>
/// <param name="IsCutOff">Less is sent than announced, and nothing follows.</param>
/// <param name="IsBroken">The HTTP is invalid, so the server may reject it before the service sees it.</param>
internal sealed record FuzzRequest(byte[] Bytes, string Method, string Path, FuzzOperation? Operation, bool IsBroken, bool IsCutOff)
{
    private const int LongestShown = 4_000;

    public override string ToString()
    {
        var text = Encoding.Latin1.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, LongestShown)));
        return string.Concat(
            text.Select(each => each is >= ' ' and <= '~' or '\n' ? each.ToString() : each == '\r' ? "" : $"\\x{(int)each:x2}"))
            + (Bytes.Length > LongestShown ? $"… ({Bytes.Length} bytes)" : "");
    }
}
