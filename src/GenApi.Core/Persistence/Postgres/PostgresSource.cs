using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// Opens connections to the PostgreSQL server of the settings. No connection of the pool has its own state, such as a search path. It
/// prepares no statement either, unless the connection string says so. So a pooler in transaction mode may stand in between.
/// </summary>
public sealed class PostgresSource : IDisposable, IAsyncDisposable
{
    private const string Key = $"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)}";

    /// <summary>The writer runs some 60 statements.</summary>
    private const int MostPrepared = 128;

    private readonly Lazy<string> _connectionString;

    public PostgresSource(IOptions<DatabaseOptions> options) =>
        _connectionString = new(() => Read(options.Value.ConnectionString).ToString());

    /// <summary>The connection string, with all that the settings leave open. Connections made with it share one pool.</summary>
    /// <exception cref="SettingException">It can't be used.</exception>
    internal string ConnectionString => _connectionString.Value;

    /// <summary>Makes a connection of the pool. The caller opens and disposes of it.</summary>
    internal NpgsqlConnection Connection() => new(_connectionString.Value);

    /// <summary>The server as <c>host:port/database</c>, for messages: without a password.</summary>
    internal string Name => NameOf(new NpgsqlConnectionStringBuilder(_connectionString.Value));

    /// <summary>Makes a connection outside of the pool, for one that is held for a long time.</summary>
    /// <param name="keepAlive">The seconds between two questions that notice a server that is gone; 0: none.</param>
    internal NpgsqlConnection Separate(int keepAlive = 0) => new(
        new NpgsqlConnectionStringBuilder(_connectionString.Value) { Pooling = false, KeepAlive = keepAlive }.ToString());

    /// <summary>Makes a connection outside of the pool that prepares the statements it runs again and again.</summary>
    /// <returns>Null: the connection string says itself what is prepared.</returns>
    internal static NpgsqlConnection? Prepared(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (builder.ContainsKey("Max Auto Prepare") && builder.ShouldSerialize("Max Auto Prepare"))
            return null;
        builder.Pooling = false;
        builder.MaxAutoPrepare = MostPrepared;
        builder.AutoPrepareMinUsages = 2;
        return new(builder.ToString());
    }

    /// <summary>Closes the connections of the pool.</summary>
    public void Dispose()
    {
        if (!_connectionString.IsValueCreated)
            return;
        using var any = Connection();
        NpgsqlConnection.ClearPool(any);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Checks a connection string and adds what the settings leave open.</summary>
    /// <exception cref="SettingException">It can't be used.</exception>
    internal static NpgsqlConnectionStringBuilder Read(string text)
    {
        if (text.Length == 0)
            throw new SettingException(Key, "PostgreSQL needs it, such as Host=db;Database=genapi;Username=genapi;Password=….");
        if (text.Contains("://", StringComparison.Ordinal) && !text.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            throw new SettingException(
                Key, "an address is not allowed. Write it as Host=db;Port=5432;Database=genapi;Username=genapi;Password=….");
        }
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new(text);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new SettingException(Key, $"it is not a connection string of PostgreSQL ({failure.Message}).", failure);
        }
        if (string.IsNullOrEmpty(builder.Host))
            throw new SettingException(Key, "it names no Host.");
        if (string.IsNullOrEmpty(builder.Database))
            throw new SettingException(Key, "it names no Database.");
        if (!string.IsNullOrEmpty(builder.Options) || !string.IsNullOrEmpty(builder.SearchPath))
            throw new SettingException(Key, "Options and Search Path are not allowed: poolers refuse them.");
        Complete(builder);
        return builder;
    }

    private static void Complete(NpgsqlConnectionStringBuilder builder)
    {
        Default("Timeout", () => builder.Timeout = 5);
        Default("Command Timeout", () => builder.CommandTimeout = 20);
        // Three instances of 100 connections, the default, would be more than a server allows by default.
        Default("Maximum Pool Size", () => builder.MaxPoolSize = 30);
        Default("Application Name", () => builder.ApplicationName = "genapi");
        Default("GSS Encryption Mode", () => builder.GssEncryptionMode = GssEncryptionMode.Disable);
        // A server that vanished without a word is noticed after some 20 s, also by a connection that only waits.
        Default("TCP Keepalive", () => builder.TcpKeepAlive = true);
        Default("TCP Keepalive Time", () => builder.TcpKeepAliveTime = 10);
        Default("TCP Keepalive Interval", () => builder.TcpKeepAliveInterval = 3);
        // Nothing is left on a connection that would have to be reset, and a reset costs a round trip.
        builder.NoResetOnClose = true;
        builder.Enlist = false;
        builder.Multiplexing = false;

        void Default(string name, Action set)
        {
            if (!builder.ContainsKey(name) || !builder.ShouldSerialize(name))
                set();
        }
    }

    private static string NameOf(NpgsqlConnectionStringBuilder builder) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{builder.Host}:{builder.Port}/{builder.Database}");
}
