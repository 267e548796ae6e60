using System.Globalization;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// The record of the database in the lock file. By it a start knows whether the file is the one that the last process left. Every start
/// gives the database another epoch, in the header of its file (<c>user_version</c>), so an earlier copy has an older one.
/// </summary>
/// <param name="Epoch">The epoch of the file, or that of the previous start.</param>
/// <param name="Next">The epoch that was being written; equal to <paramref name="Epoch"/> once it is in the file.</param>
/// <param name="IsClosed">Whether the last process closed the file; only then are the next two valid.</param>
/// <param name="Length">The length of the closed file, in bytes.</param>
/// <param name="ModifiedTicks">When the closed file was last modified, in UTC ticks.</param>
internal readonly record struct DatabaseRecord(int Epoch, int Next, bool IsClosed, long Length, long ModifiedTicks)
{
    private const string Word = "database";

    public bool Has(int epoch) => epoch == Epoch || epoch == Next;

    /// <summary>Writes the record. Its length never changes, so it is overwritten in place and needs no room on a full disk.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Word} {Epoch:D10} {Next:D10} {(IsClosed ? "closed" : "opened")} {Length:D20} {ModifiedTicks:D20}\n");

    /// <summary>Reads a record.</summary>
    /// <returns>Null where there is none, or it can't be read.</returns>
    public static DatabaseRecord? Parse(string text) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [Word, var epoch, var next, var state, var length, var modified]
        && Number(epoch) is { } at && Number(next) is { } then && Number(length) is { } bytes && Number(modified) is { } ticks
            ? new((int)at, (int)then, state == "closed", bytes, ticks)
            : null;

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
