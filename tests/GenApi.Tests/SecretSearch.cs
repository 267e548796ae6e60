using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace GenApi.Tests;

/// <summary>
/// The secrets that one service was given or has made, and all that it says and leaves behind: answers as they come, and at its end logs, command lines and every
/// file of its folder, database and images too. A secret that turns up fails the test whose service it is, whatever the test is about.
/// </summary>
internal sealed partial class SecretSearch
{
    /// <summary>What is shorter is no secret but a test's word for one.</summary>
    private const int Shortest = 16;

    private readonly ConcurrentDictionary<string, byte[]> _secrets = new();
    private readonly ConcurrentQueue<IReadOnlyCollection<string>> _logs = new();
    private readonly ConcurrentQueue<string> _found = new();
    private readonly ConcurrentQueue<string> _expected = new();

    /// <summary>From now on it must not turn up.</summary>
    public void Add(string? secret)
    {
        if (secret is { Length: >= Shortest })
            _secrets.TryAdd(secret, Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>A verb has shown a new key, this once: it is searched for from now on.</summary>
    public void AddNew(string shown)
    {
        foreach (Match key in Key().Matches(shown))
            Add(key.Value);
    }

    /// <summary>A place where one has to be, since the test itself has put it there.</summary>
    /// <param name="place">The end of a file's name, or the beginning of the sentence that tells of it.</param>
    public void Expect(string place) => _expected.Enqueue(place);

    /// <summary>Searched at the end, as much as there is then.</summary>
    public void Keep(IReadOnlyCollection<string> log) => _logs.Enqueue(log);

    /// <summary>A process has been started: everybody on the machine may read its command line.</summary>
    public void LookAt(Process process)
    {
        try
        {
            Look("the command line", File.ReadAllBytes($"/proc/{process.Id}/cmdline"));
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            // It has ended already, or this is no Linux.
        }
    }

    public void Look(string where, string said) => Look(where, Encoding.UTF8.GetBytes(said));

    public void Look(string where, ReadOnlySpan<byte> said)
    {
        foreach (var (secret, bytes) in _secrets)
        {
            if (said.IndexOf(bytes) is var at and >= 0)
                _found.Enqueue($"{where} has {secret[..10]}…: {Encoding.UTF8.GetString(said[Math.Max(0, at - 60)..at])}");
        }
    }

    /// <summary>Searches all that is left, when nothing writes any more.</summary>
    public void End(string folder)
    {
        foreach (var line in _logs.SelectMany(log => log))
            Look("a log line", line);
        // The one file that is a secret: what the service made itself to sign webhooks, for its own user alone.
        foreach (var path in _secrets.IsEmpty ? [] : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "webhook-signing-secret"))
            LookInto(path);
        var found = _found.Where(each => !_expected.Any(place => each.Contains(place, StringComparison.Ordinal))).Distinct().ToList();
        Assert.True(found.Count == 0, $"A secret is where it must not be:\n{string.Join('\n', found.Take(10))}");
    }

    /// <summary>Holds what somebody outside was sent against the upstream's token and against the form of every key.</summary>
    public static void AssertNone(IEnumerable<string> sent) =>
        Assert.DoesNotContain(sent, text => text.Contains(GenApiApp.Token, StringComparison.Ordinal) || Key().IsMatch(text));

    private void LookInto(string path)
    {
        // A secret may lie across the border of two pieces.
        var overlap = _secrets.Values.Max(secret => secret.Length) - 1;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            using var file = File.OpenHandle(path);
            var kept = 0;
            for (var offset = 0L; RandomAccess.Read(file, buffer.AsSpan(kept), offset) is var read and > 0; offset += read)
            {
                var piece = buffer.AsSpan(0, kept + read);
                Look(path, piece);
                kept = Math.Min(overlap, piece.Length);
                piece[^kept..].CopyTo(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [GeneratedRegex("genapi_[0-9A-Za-z]{46}", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
