using System.Data.Common;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// Wakes instances by LISTEN and NOTIFY. That is only a shortcut: a notification may be lost or late, and carries nothing. It is sent
/// outside of the transactions of the writer, because the commit of one with a notification takes a lock of the whole server.
/// </summary>
public sealed class PostgresNotifications(PostgresSource source)
{
    /// <summary>A connection on which nothing arrives for so long is tested.</summary>
    private static readonly TimeSpan TestEvery = TimeSpan.FromSeconds(30);

    /// <summary>A notification to oneself arrives within this time, or never.</summary>
    private static readonly TimeSpan TestPatience = TimeSpan.FromSeconds(5);

    private const string Channel = "genapi_changes";

    /// <summary>In seconds. A server that is gone without a word is noticed after some twice this time.</summary>
    private const int KeepAlive = 10;

    /// <summary>Wakes every instance that listens, this one included.</summary>
    /// <exception cref="DbException">It can't be sent.</exception>
    public async Task NotifyAsync(CancellationToken cancellationToken)
    {
        await using var connection = source.Connection();
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"NOTIFY {Channel}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Listens on a separate connection, which is tested as soon as it listens and whenever it is silent.</summary>
    /// <param name="received">Called at each notification.</param>
    /// <param name="listening">Called when the first notification to oneself has arrived.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    /// <returns>
    /// False: a pooler is in between, which hands each transaction to another connection, so no notification would ever arrive.
    /// </returns>
    /// <exception cref="DbException">The connection is lost.</exception>
    /// <exception cref="TimeoutException">The connection is there, but a notification to oneself did not arrive on it.</exception>
    public async Task<bool> ListenAsync(Action received, Action listening, CancellationToken cancellationToken)
    {
        await using var connection = source.Separate(KeepAlive);
        await connection.OpenAsync(cancellationToken);
        if (await IsPooledAsync(connection, cancellationToken))
            return false;
        connection.Notification += (_, _) => received();
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        await TestAsync(connection, cancellationToken);
        listening();
        while (true)
        {
            if (!await connection.WaitAsync(TestEvery, cancellationToken))
                await TestAsync(connection, cancellationToken);
        }
    }

    /// <summary>
    /// A server tells each connection the number of its process. A pooler tells its clients a different number, because it may give them
    /// another process for each transaction.
    /// </summary>
    private static async Task<bool> IsPooledAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return (int)(await ask.ExecuteScalarAsync(cancellationToken))! != connection.ProcessID;
    }

    private async Task TestAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await NotifyAsync(cancellationToken);
        if (!await connection.WaitAsync(TestPatience, cancellationToken))
            throw new TimeoutException("A notification to oneself did not arrive.");
    }
}
