namespace GenApi.Core.Caching;

/// <summary>
/// Bounds the age of entries of a cache. Where several instances share a database, a removal made by another one is reported within
/// moments; the bound limits the harm of a report that never comes.
/// </summary>
/// <param name="time">Its time stamps count, so setting the wall clock changes nothing.</param>
/// <param name="longest">The longest age; above zero.</param>
internal sealed class CacheAge(TimeProvider time, TimeSpan longest)
{
    /// <summary>The longest age on a shared database. It costs a popular entry one query a minute.</summary>
    private static readonly TimeSpan WhereShared = TimeSpan.FromMinutes(1);

    private readonly long _longest = (long)(longest.TotalSeconds * time.TimestampFrequency);

    /// <summary>The stamp of an entry that is made now.</summary>
    public long Stamp => time.GetTimestamp();

    /// <summary>Returns the bound for a database that other instances change too; null where it is this process's alone.</summary>
    public static CacheAge? Where(bool isShared, TimeProvider time) => isShared ? new(time, WhereShared) : null;

    /// <summary>Returns whether an entry with this stamp is too old.</summary>
    public bool IsOver(long stamp) => time.GetTimestamp() - stamp > _longest;
}
