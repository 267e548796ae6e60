using System.Globalization;
using System.Text;
using GenApi.Tests.Images;

namespace GenApi.Tests.Fuzz;

/// <summary>A body and its framing: its type, and how its end is marked.</summary>
internal sealed class FuzzBody(Random random, FuzzIds ids)
{
    private const int TooLarge = 13 << 20;

    private static readonly byte[] Picture = Pictures.Png(24, 24);
    private static readonly byte[] Zeros = new byte[TooLarge];

    private static readonly string[] Types =
    [
        "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-16", "application/json; charset=\"utf-8\"",
        "application/problem+json", "APPLICATION/JSON",
        "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=\"b\"", "image/png", "image/svg+xml", "application/octet-stream", "", "/", "application/json;;;",
        "application/json; a=\"", "a/b/c", "application/json, text/plain",
    ];

    private static readonly string[] Encodings = ["gzip", "identity", "br", "deflate", "gzip, gzip", "zstd", "x", ""];

    /// <summary>Adds the headers of the body to those of the request.</summary>
    /// <returns>The bytes on the wire, whether they are invalid, and whether their end is missing.</returns>
    public (byte[] Bytes, bool IsBroken, bool IsCutOff) Draw(FuzzOperation operation, List<string> headers)
    {
        var takesBody = operation.Examples.Count > 0 || operation.TakesFile;
        if (!takesBody && random.Next(10) > 0)
            return (operation.Method == "GET" || random.Next(2) == 0 ? [] : End(headers), false, false);
        var body = operation.TakesFile ? File(headers) : Json(operation, headers);
        if (random.Next(25) == 0)
            headers.Add($"Content-Encoding: {random.GetItems(Encodings, 1)[0]}");
        return Frame(operation, body, headers);
    }

    private static byte[] End(List<string> headers)
    {
        headers.Add("Content-Length: 0");
        return [];
    }

    private byte[] Json(FuzzOperation operation, List<string> headers)
    {
        if (random.Next(40) > 0)
            headers.Add($"Content-Type: {(random.Next(12) > 0 ? "application/json" : random.GetItems(Types, 1)[0])}");
        var json = new FuzzJson(random, ids);
        var text = operation.Examples.Count > 0 && random.Next(6) > 0
            ? json.Mutated(operation.Examples[random.Next(operation.Examples.Count)])
            : json.Value(4);
        return random.Next(8) == 0 ? json.Broken(text) : Encoding.UTF8.GetBytes(text);
    }

    private byte[] File(List<string> headers)
    {
        var picture = random.Next(4) switch
        {
            0 => Picture[..random.Next(Picture.Length)],
            1 => Damaged(),
            _ => Picture,
        };
        if (random.Next(3) > 0)
        {
            headers.Add($"Content-Type: {(random.Next(3) > 0 ? "image/png" : random.GetItems(Types, 1)[0])}");
            return picture;
        }
        headers.Add(
            $"Content-Type: multipart/form-data; boundary={random.GetItems(["b", "\"b\"", "b", "b", new string('b', 71), "c"], 1)[0]}");
        var (head, tail) = random.Next(8) switch
        {
            0 => ("--b\r\n\r\n", "\r\n--b--\r\n"),
            1 => ("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n", "\r\n--b--\r\n"),
            2 => ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n", ""),
            3 => (
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n",
                "\r\n--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n--b--"),
            4 => ($"--b\r\n{new string('h', 20_000)}: x\r\n\r\n", "\r\n--b--\r\n"),
            5 => ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ff\r\n: x\r\n\r\n", "\r\n--b--\r\n"),
            _ => ("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\"\r\n\r\n", "\r\n--b--\r\n"),
        };
        return [.. Encoding.Latin1.GetBytes(head), .. picture, .. Encoding.Latin1.GetBytes(tail)];
    }

    private byte[] Damaged()
    {
        var copy = Picture.ToArray();
        for (var times = random.Next(1, 8); times > 0; times--)
            copy[random.Next(copy.Length)] = (byte)random.Next(256);
        return copy;
    }

    private (byte[] Bytes, bool IsBroken, bool IsCutOff) Frame(FuzzOperation operation, byte[] body, List<string> headers)
    {
        switch (random.Next(60))
        {
            case < 8:
                headers.Add("Transfer-Encoding: chunked");
                return (Chunks(body, "\r\n"), false, false);
            case 8:
                headers.Add("Transfer-Encoding: chunked");
                return ([.. Chunks(body, "\n"), .. "zz\r\n"u8], true, true);
            case 9:
                headers.Add("Transfer-Encoding: chunked");
                return (Chunks(body, "\r\n")[..^random.Next(1, 4)], true, true);
            case 10:
                headers.Add("Transfer-Encoding: chunked");
                headers.Add($"Content-Length: {body.Length}");
                return (Chunks(body, "\r\n"), true, false);
            case 11:
                headers.Add($"Content-Length: {body.Length + 1 + random.Next(100)}");
                return (body, true, true);
            case 12 when body.Length > 0:
                headers.Add($"Content-Length: {random.Next(body.Length)}");
                return (body, true, false);
            case 13:
                string[] lengths = ["-1", "x", "1e3", "99999999999999999999", "9223372036854775807", "", "0x10", "1, 1"];
                headers.Add($"Content-Length: {random.GetItems(lengths, 1)[0]}");
                return (body, true, false);
            case 14:
                headers.Add($"Content-Length: {body.Length}");
                headers.Add($"Content-Length: {body.Length}");
                return (body, true, false);
            case 15:
                headers.Add($"Transfer-Encoding: {random.GetItems(["gzip", "gzip, chunked", "chunked, gzip", "identity", "x", ""], 1)[0]}");
                return (body, true, false);
            case 16:
                // Neither a body nor a length.
                return ([], false, false);
            case 17:
                headers.Add($"Content-Length: {TooLarge << random.Next(2)}");
                return (body, true, operation.TakesFile);
            case 18 when random.Next(20) == 0:
                headers.Add("Transfer-Encoding: chunked");
                return (Chunks(Zeros, "\r\n"), true, false);
            default:
                headers.Add($"Content-Length: {body.Length}");
                return (body, false, false);
        }
    }

    private byte[] Chunks(byte[] body, string end)
    {
        using var bytes = new MemoryStream();
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(body.Length - at, body.Length > (1 << 20) ? 1 << 20 : random.Next(1, 2000));
            bytes.Write(Encoding.ASCII.GetBytes(length.ToString("x", CultureInfo.InvariantCulture) + end));
            bytes.Write(body, at, length);
            bytes.Write(Encoding.ASCII.GetBytes(end));
            at += length;
        }
        bytes.Write(Encoding.ASCII.GetBytes($"0{end}{end}"));
        return bytes.ToArray();
    }
}
