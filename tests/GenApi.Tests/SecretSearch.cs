using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace GenApi.Tests;

/// <summary>
/// Searches everything that a service says and leaves behind for its secrets: each answer, and at its end logs, command lines and every
/// file of its folder, including database and images. A secret that turns up fails the service's test, whatever the test is about.
/// </summary>
internal sealed partial class SecretSearch
{
    /// <summary>Anything shorter is not a secret but a test's placeholder.</summary>
    private const int Shortest = 16;

    private readonly ConcurrentDictionary<string, byte[]> _secrets = new();
    private readonly ConcurrentQueue<IReadOnlyCollection<string>> _logs = new();
    private readonly ConcurrentQueue<string> _found = new();
    private readonly ConcurrentQueue<string> _expected = new();

    /// <summary>Adds a secret, which must not turn up from now on.</summary>
    public void Add(string? secret)
    {
        if (secret is { Length: >= Shortest })
            _secrets.TryAdd(secret, Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>Adds a new key that a verb has shown once.</summary>
    public void AddNew(string shown)
    {
        foreach (Match key in Key().Matches(shown))
            Add(key.Value);
    }

    /// <summary>Excepts a place where the test itself has put a secret.</summary>
    /// <param name="place">The end of a file's name, or the beginning of the reported place.</param>
    public void Expect(string place) => _expected.Enqueue(place);

    /// <summary>Registers log lines to search at the end.</summary>
    public void Keep(IReadOnlyCollection<string> log) => _logs.Enqueue(log);

    /// <summary>Searches the command line of a process, which everyone on the machine may read.</summary>
    public void LookAt(Process process)
    {
        try
        {
            Look("the command line", File.ReadAllBytes($"/proc/{process.Id}/cmdline"));
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException)
        {
            // The process has ended already, or this is not Linux.
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

    /// <summary>Searches everything that is left, when nothing writes any more.</summary>
    public void End(string folder)
    {
        foreach (var line in _logs.SelectMany(log => log))
            Look("a log line", line);
        // This file is a secret by design: the service's own webhook secret, readable only by its user.
        var files = _secrets.IsEmpty ? [] : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
        foreach (var path in files.Where(path => Path.GetFileName(path) != "webhook-signing-secret"))
            LookInto(path);
        var found = _found.Where(each => !_expected.Any(place => each.Contains(place, StringComparison.Ordinal))).Distinct().ToList();
        Assert.True(found.Count == 0, $"A secret is where it must not be:\n{string.Join('\n', found.Take(10))}");
    }

    /// <summary>Checks what was sent to outsiders for the upstream's token and for the form of every key.</summary>
    public static void AssertNone(IEnumerable<string> sent) =>
        Assert.DoesNotContain(sent, text => text.Contains(GenApiApp.Token, StringComparison.Ordinal) || Key().IsMatch(text));

    private void LookInto(string path)
    {
        // A secret may span two pieces.
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
