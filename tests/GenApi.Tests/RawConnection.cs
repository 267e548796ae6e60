using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GenApi.Tests;

/// <summary>A TCP connection that sends raw bytes, including those no HTTP client would send, and reads HTTP/1.1 answers.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start, _end;

    private RawConnection(TcpClient client) => (_client, Stream) = (client, client.GetStream());

    private NetworkStream Stream { get; }

    public static async Task<RawConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        return new RawConnection(client);
    }

    /// <returns>False if the other side closed the connection early.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await Stream.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits until an answer has begun to come, and reads nothing of it.</summary>
    public async Task UntilAnsweredAsync(CancellationToken cancellationToken) =>
        await _client.Client.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellationToken);

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        _client.Client.LingerState = new(true, 0);
        _client.Client.Close();
    }

    /// <summary>Ends sending.</summary>
    public void EndSending()
    {
        try
        {
            _client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other side has closed the connection already.
        }
    }

    /// <summary>Reads the next answer and skips interim ones (1xx).</summary>
    /// <param name="hasBody">False for an answer to HEAD.</param>
    /// <param name="leavesStreams">Whether to leave an event stream unread.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Null if the other side closed the connection without an answer.</returns>
    public async Task<Answer?> ReadAsync(bool hasBody, bool leavesStreams, CancellationToken cancellationToken)
    {
        while (await LineAsync(cancellationToken) is { } first)
        {
            var status = int.Parse(first.Split(' ')[1], NumberStyles.None, CultureInfo.InvariantCulture);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await LineAsync(cancellationToken) is { Length: > 0 } line)
            {
                var (name, value) = line.Split(':', 2) is [var left, var right]
                    ? (left, right.Trim())
                    : throw new InvalidDataException($"'{line}' is no header.");
                headers[name] = headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
            }
            if (status >= 200)
                return new Answer(
                    status,
                    hasBody && !(leavesStreams && headers.GetValueOrDefault("Content-Type") == "text/event-stream")
                        ? await BodyAsync(status, headers, cancellationToken)
                        : [],
                    headers);
        }
        return null;
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> BodyAsync(int status, Dictionary<string, string> headers, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (headers.GetValueOrDefault("Transfer-Encoding") == "chunked")
        {
            while (await LengthAsync(cancellationToken) is > 0 and var length)
            {
                await CopyAsync(body, length, cancellationToken);
                await LineAsync(cancellationToken);
            }
            await LineAsync(cancellationToken);
        }
        else if (headers.TryGetValue("Content-Length", out var text) && status is not (204 or 304))
        {
            await CopyAsync(body, int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), cancellationToken);
        }
        else if (headers.GetValueOrDefault("Connection") == "close" && status is not (204 or 304))
        {
            // As in HTTP/1.0, the body ends with the connection.
            while (_start < _end || await FillAsync(cancellationToken))
                await CopyAsync(body, _end - _start, cancellationToken);
        }
        return body.ToArray();
    }

    /// <summary>Reads the length of the next chunk; 0 for the last one.</summary>
    private async Task<int> LengthAsync(CancellationToken cancellationToken) =>
        int.Parse(await LineAsync(cancellationToken) ?? throw Short(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task CopyAsync(MemoryStream body, int length, CancellationToken cancellationToken)
    {
        for (var missing = length; missing > 0;)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                throw Short();
            var count = Math.Min(missing, _end - _start);
            body.Write(_buffer, _start, count);
            _start += count;
            missing -= count;
        }
    }

    /// <returns>Null at the end.</returns>
    private async Task<string?> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync(cancellationToken))
                return line.Length == 0 ? null : throw Short();
            var next = _buffer[_start++];
            if (next == '\n')
                return line.ToString();
            if (next != '\r')
                line.Append((char)next);
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            (_start, _end) = (0, await Stream.ReadAsync(_buffer, cancellationToken));
            return _end > 0;
        }
        catch (IOException)
        {
            // A reset, which is a possible response to unwanted bytes.
            (_start, _end) = (0, 0);
            return false;
        }
    }

    private static InvalidDataException Short() => new("The answer breaks off.");
}
