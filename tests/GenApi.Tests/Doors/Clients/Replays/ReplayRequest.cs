using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>A request as a program puts it on the wire, byte for byte.</summary>
/// <param name="Fields">The members or parts that it sends, with the text of each; empty for a file.</param>
internal sealed partial record ReplayRequest(byte[] Bytes, IReadOnlyList<(string Name, string Text)> Fields)
{
    /// <summary>A JSON body as the program's own library writes it, blanks included.</summary>
    /// <param name="target">Fills <c>{host}</c>, <c>{key}</c>, <c>{length}</c> and <c>{prompt}</c>.</param>
    /// <param name="path">The path behind the base address.</param>
    /// <param name="headers">The header lines in the program's order.</param>
    /// <param name="body">The text of the body.</param>
    public static ReplayRequest Json(ReplayTarget target, string path, string headers, string body)
    {
        var content = Encoding.UTF8.GetBytes(Filled(body, target));
        var fields = JsonElement.Parse(content).EnumerateObject().Select(member => (member.Name, member.Value.ToString()));
        return new(Wire(target, "POST", path, headers, content), [.. fields]);
    }

    /// <summary>A multipart body. Its parts are separated by the program's own kind of boundary.</summary>
    public static ReplayRequest Form(
        ReplayTarget target, string path, string headers, string boundary, params (string Head, object Content)[] parts)
    {
        using var body = new MemoryStream();
        foreach (var (head, content) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{boundary}\r\n{Lines(head)}\r\n\r\n"));
            body.Write(content as byte[] ?? Encoding.UTF8.GetBytes(Filled((string)content, target)));
            body.Write("\r\n"u8);
        }
        body.Write(Encoding.UTF8.GetBytes($"--{boundary}--\r\n"));
        var fields = parts.Select(part => (PartName().Match(part.Head).Groups[1].Value, part.Content as string ?? ""));
        var filled = headers.Replace("{boundary}", boundary, StringComparison.Ordinal);
        return new(Wire(target, "POST", path, filled, body.ToArray()), [.. fields]);
    }

    /// <summary>A GET with the headers of a POST, less those about its body.</summary>
    public static ReplayRequest Get(ReplayTarget target, string path, string headers) => new(
        Wire(target, "GET", path, string.Join('\n', headers.Split('\n').Where(line => !OfBody().IsMatch(line))), []), []);

    private static string Filled(string text, ReplayTarget target) => text.Replace("{prompt}", target.Prompt, StringComparison.Ordinal);

    private static byte[] Wire(ReplayTarget target, string method, string path, string headers, byte[] body)
    {
        // A stream of unknown length, as some programs send files, is one chunk here.
        var isChunked = headers.Contains("chunked", StringComparison.OrdinalIgnoreCase);
        var head = $"{method} {target.Path}{path} HTTP/1.1\r\n{Lines(headers)}\r\n\r\n"
            .Replace("{host}", target.Base.Authority, StringComparison.Ordinal)
            .Replace("{key}", target.Key, StringComparison.Ordinal)
            .Replace("{basic}", Convert.ToBase64String(Encoding.UTF8.GetBytes($"genapi:{target.Key}")), StringComparison.Ordinal)
            .Replace("{length}", body.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        byte[] content = isChunked ? [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8] : body;
        return [.. Encoding.UTF8.GetBytes(head), .. content];
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\r\n").Trim();

    [GeneratedRegex("^(content-(length|type)|prefer):", RegexOptions.IgnoreCase)]
    private static partial Regex OfBody();

    [GeneratedRegex("name=\"([^\"]+)\"")]
    private static partial Regex PartName();
}
