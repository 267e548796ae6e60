using System.Collections.Concurrent;

namespace GenApi.Core.Generations.Signals;

/// <summary>
/// Remembers what has happened to all generations in this process, for streams that follow all of them. A change carries no data, because
/// the row is the truth. It costs nothing until the first stream opens; from then on the last <see cref="Most"/> changes are kept, and an
/// object that changes again counts once, at its last change.
/// </summary>
public sealed class GenerationChanges
{
    /// <summary>Some 1 MB.</summary>
    internal const int Most = 5_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<GenerationChange> _order = new();
    private readonly Dictionary<(Guid Subject, Guid Account), LinkedListNode<GenerationChange>> _newest = [];
    private readonly ConcurrentDictionary<Guid, int> _followers = new();
    private bool _isOn;
    private long _last;
    private long _dropped;

    /// <summary>True once a stream has been opened. Before, nobody can ask for what has happened, so nothing need be read for it.</summary>
    internal bool IsOn => Volatile.Read(ref _isOn);

    /// <summary>Called after each change, from any thread; it must return at once.</summary>
    internal Action? Added { get; set; }

    /// <summary>The number of the last change.</summary>
    internal long Last
    {
        get
        {
            lock (_lock)
                return _last;
        }
    }

    /// <summary>The number of streams that follow all generations.</summary>
    internal int Followers => _followers.Values.Sum();

    /// <summary>Counts a stream of an account, and begins to remember.</summary>
    internal void Follow(Guid account)
    {
        Volatile.Write(ref _isOn, true);
        _followers.AddOrUpdate(account, 1, static (_, count) => count + 1);
    }

    /// <summary>Stops counting a stream.</summary>
    internal void Unfollow(Guid account)
    {
        if (_followers.AddOrUpdate(account, 0, static (_, count) => count - 1) == 0)
            _followers.TryRemove(new(account, 0));
    }

    /// <summary>The accounts whose streams follow all generations.</summary>
    internal IReadOnlyCollection<Guid> FollowedAccounts => [.. _followers.Keys];

    /// <summary>Returns whether a stream of the account follows what it made.</summary>
    internal bool IsFollowed(Guid account) => _followers.ContainsKey(account);

    /// <summary>Records that a generation was made or looks different now; call it after the commit, as all methods here.</summary>
    internal void Changed(Guid generation) => Add(new(ChangeKind.Changed, generation));

    /// <summary>Records that an account sees the generation from now on.</summary>
    internal void Granted(Guid generation, Guid account) => Add(new(ChangeKind.Granted, generation) { Account = account });

    /// <summary>Records that an account no longer sees the generation, while others may.</summary>
    internal void Left(Guid generation, Guid account) => Add(new(ChangeKind.Left, generation) { Account = account });

    /// <summary>Records that nobody sees the generation any more.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="accounts">The accounts that saw it.</param>
    internal void Removed(Guid generation, IReadOnlyCollection<Guid> accounts) =>
        Add(new(ChangeKind.Removed, generation) { Accounts = accounts });

    /// <summary>Records that an output went to the bin, or is gone for good.</summary>
    internal void OutputRemoved(Guid output, bool isImage, Guid generation) =>
        Add(new(ChangeKind.OutputRemoved, output) { IsImage = isImage, Generation = generation });

    /// <summary>Records that an output came back from the bin.</summary>
    internal void OutputRestored(Guid output, bool isImage, Guid generation) =>
        Add(new(ChangeKind.OutputRestored, output) { IsImage = isImage, Generation = generation });

    /// <summary>Records that an account has changed its tags of an image.</summary>
    internal void Tagged(Guid image, Guid account) => Add(new(ChangeKind.Tagged, image) { Account = account, IsImage = true });

    /// <summary>Lists the changes after a number, oldest first.</summary>
    /// <returns>Null: some of them are forgotten, or the number is not one of ours.</returns>
    internal IReadOnlyList<GenerationChange>? After(long number)
    {
        lock (_lock)
        {
            if (number < _dropped || number > _last)
                return null;
            var found = new List<GenerationChange>();
            for (var node = _order.Last; node is not null && node.Value.Number > number; node = node.Previous)
                found.Add(node.Value);
            found.Reverse();
            return found;
        }
    }

    private void Add(GenerationChange change)
    {
        if (!IsOn)
            return;
        lock (_lock)
        {
            var key = (change.Subject, change.Account);
            if (_newest.TryGetValue(key, out var known))
            {
                // Ids are used once: a signal that comes late brings nothing back.
                if (known.Value.Kind == ChangeKind.Removed)
                    return;
                _order.Remove(known);
            }
            _newest[key] = _order.AddLast(change with { Number = ++_last });
            if (_order.Count > Most)
            {
                var oldest = _order.First!.Value;
                _order.RemoveFirst();
                _newest.Remove((oldest.Subject, oldest.Account));
                _dropped = oldest.Number;
            }
        }
        Added?.Invoke();
    }
}

/// <summary>One change of <see cref="GenerationChanges"/>.</summary>
/// <param name="Kind">What has happened.</param>
/// <param name="Subject">The generation or the output to which it has happened.</param>
internal sealed record GenerationChange(ChangeKind Kind, Guid Subject)
{
    /// <summary>Grows with each change of the process, from 1.</summary>
    public long Number { get; init; }

    /// <summary>The only account that it concerns; all zeros: everybody who sees the generation.</summary>
    public Guid Account { get; init; }

    /// <summary>The accounts that saw a generation before it was removed.</summary>
    public IReadOnlyCollection<Guid> Accounts { get; init; } = [];

    /// <summary>The generation of an output.</summary>
    public Guid Generation { get; init; }

    /// <summary>True if the output is an image and not another file.</summary>
    public bool IsImage { get; init; }
}

/// <summary>The kinds of changes; see the methods of <see cref="GenerationChanges"/>.</summary>
internal enum ChangeKind
{
    Changed,
    Granted,
    Left,
    Removed,
    OutputRemoved,
    OutputRestored,
    Tagged,
}
