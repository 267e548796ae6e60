using Xunit.v3;

namespace GenApi.Tests.Servers;

/// <summary>
/// Marks tests of SQLite's file. A run on PostgreSQL leaves them out: <c>--filter-not-trait OnlyOn=SQLite</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OnlyOnSqliteAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("OnlyOn", "SQLite")];
}

/// <summary>
/// Marks tests of the folder with the blobs. A run on S3 leaves them out: <c>--filter-not-trait OnlyOn=Disk</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OnlyOnDiskAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("OnlyOn", "Disk")];
}
