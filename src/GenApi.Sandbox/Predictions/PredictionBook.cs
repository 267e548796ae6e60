using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace GenApi.Sandbox.Predictions;

/// <summary>All predictions, by id and in the order they were made.</summary>
internal sealed class PredictionBook(int limit)
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly ConcurrentDictionary<string, Prediction> _byId = new();
    private readonly List<Prediction> _inOrder = [];
    private readonly Lock _gate = new();
    private long _number;

    public static string NewId(int length = 26) => RandomNumberGenerator.GetString(Alphabet, length);

    public Prediction? Find(string id) => _byId.GetValueOrDefault(id);

    /// <param name="make">Receives the number and the id of the new prediction. It runs under the lock, so times follow the order of
    /// numbers.</param>
    public Prediction Add(Func<long, string, Prediction> make)
    {
        lock (_gate)
        {
            var prediction = make(++_number, NewId());
            _byId[prediction.Id] = prediction;
            _inOrder.Add(prediction);
            if (_inOrder.Count > limit + limit / 10)
                Forget(_inOrder.Count - limit);
            return prediction;
        }
    }

    /// <summary>Returns up to <paramref name="size"/> predictions, newest first.</summary>
    /// <param name="size">The highest number of rows.</param>
    /// <param name="below">Selects smaller numbers, the newest of them.</param>
    /// <param name="above">Selects greater numbers, the oldest of them. Not together with <paramref name="below"/>.</param>
    /// <param name="matches">Selects the predictions to list.</param>
    /// <returns>The page, and whether there are more beyond it in either direction.</returns>
    public (List<Prediction> Rows, bool Older, bool Newer) Page(int size, long? below, long? above, Func<Prediction, bool> matches)
    {
        Prediction[] all;
        lock (_gate)
            all = [.. _inOrder.Where(matches)];
        var first = above is { } floor ? FirstAbove(all, floor) : Math.Max(0, FirstAbove(all, (below ?? long.MaxValue) - 1) - size);
        var end = above is null ? FirstAbove(all, (below ?? long.MaxValue) - 1) : Math.Min(all.Length, first + size);
        var rows = all[first..end];
        Array.Reverse(rows);
        return ([.. rows], first > 0, end < all.Length);
    }

    /// <returns>The predictions that were in it.</returns>
    public IReadOnlyList<Prediction> Clear()
    {
        lock (_gate)
        {
            Prediction[] all = [.. _inOrder];
            _byId.Clear();
            _inOrder.Clear();
            return all;
        }
    }

    private static int FirstAbove(Prediction[] all, long number)
    {
        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = all[middle].Number > number ? (low, middle) : (middle + 1, high);
        }
        return low;
    }

    private void Forget(int count)
    {
        _inOrder.RemoveAll(p =>
        {
            if (count == 0 || !p.HasEnded)
                return false;
            count--;
            return _byId.TryRemove(p.Id, out _);
        });
    }
}
