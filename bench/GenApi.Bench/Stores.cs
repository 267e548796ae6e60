using GenApi.Tests.Persistence;
using GenApi.Tests.Servers;

namespace GenApi.Bench;

/// <summary>The servers that the tests also start, as settings of a service that a measurement starts.</summary>
internal static class Stores
{
    private const string ClusterSecret = "the-secret-of-a-cluster-that-is-measured-0123456789";

    /// <summary>Starts a PostgreSQL that waits for the disk at each commit, as SQLite does.</summary>
    /// <exception cref="BenchException">It is not installed.</exception>
    public static Task<PostgresServer> StartPostgresAsync() => PostgresServer.Missing is { } missing
        ? throw new BenchException(missing)
        : PostgresServer.StartAsync(isDurable: true);

    /// <summary>The settings of a service on a database of this server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="port">The port of a pooler; null: the server's.</param>
    public static Dictionary<string, string> Settings(this PostgresServer server, string database, int? port = null) => new()
    {
        ["Database__Provider"] = "postgres",
        ["Database__ConnectionString"] = server.ConnectionString(database, port),
        ["Cluster__SecretKey"] = ClusterSecret,
    };

    /// <summary>Adds the settings of blobs on S3, under a prefix of their own.</summary>
    /// <exception cref="BenchException">The server is not installed.</exception>
    public static async Task<Dictionary<string, string>> WithS3Async(this Dictionary<string, string> settings)
    {
        if (S3Server.Missing is { } missing)
            throw new BenchException(missing);
        var all = new Dictionary<string, string>(settings);
        foreach (var (key, value) in (await S3Server.SharedAsync()).Settings(S3Server.NewPrefix()))
            all[key.Replace(":", "__", StringComparison.Ordinal)] = value ?? "";
        return all;
    }
}
