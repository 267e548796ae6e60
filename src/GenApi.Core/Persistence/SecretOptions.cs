namespace GenApi.Core.Persistence;

/// <summary>A part of the section <c>Cluster</c>: the key to the secrets in the database.</summary>
public sealed class SecretOptions
{
    public const string Section = "Cluster";

    /// <summary>The shortest key, in characters.</summary>
    public const int Shortest = 32;

    /// <summary>
    /// The key that encrypts the secrets in the database, such as those that sign webhooks and links. PostgreSQL requires it. It must be
    /// the same on all instances, and it can't be changed later. SQLite does not use it.
    /// </summary>
    /// <value>at least 32 random characters, such as those of <c>openssl rand -base64 32</c></value>
    public string SecretKey { get; set; } = "";
}
