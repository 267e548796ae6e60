using System.Diagnostics;
using GenApi.Core.Errors;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// Remembers that the server is away, from the last transaction that failed. While it is away, each question about it starts a try, at most
/// one a second, and nobody waits for that. So new requests are refused at once, and accepted at once when the server is back.
/// </summary>
internal sealed partial class PostgresHealth(PostgresSource source, ILogger<PostgresHealth> logger) : IDatabaseHealth
{
    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile GenApiException? _fault;
    private Task _try = Task.CompletedTask;
    private long _triedAt;

    public GenApiException? Fault
    {
        get
        {
            if (_fault is not { } fault)
                return null;
            lock (_gate)
            {
                if (_try.IsCompleted && Stopwatch.GetElapsedTime(_triedAt) >= TryEvery)
                    _try = Task.Run(TryAsync);
            }
            return fault;
        }
    }

    /// <summary>True: the server's disk is not ours to measure. A write that finds it full fails by itself.</summary>
    public bool HasRoom => true;

    public bool ReleaseRoom() => false;

    /// <summary>Checks nothing: a server that is away refuses the transaction itself, and a try may find it back.</summary>
    public void RequireOurs()
    {
    }

    public void Failed(GenApiException fault)
    {
        lock (_gate)
        {
            // A full disk or a slow statement is no absence: the next write may succeed.
            if (fault.InnerException is not { } cause || !PostgresFaults.IsServerAway(cause))
                return;
            if (_fault is null)
                Log.Away(logger, source.Name, cause);
            (_fault, _triedAt) = (fault, Stopwatch.GetTimestamp());
        }
    }

    public void Succeeded()
    {
        if (_fault is null)
            return;
        lock (_gate)
        {
            if (_fault is not null)
                Log.Back(logger, source.Name);
            _fault = null;
        }
    }

    private async Task TryAsync()
    {
        try
        {
            await using var connection = source.Connection();
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync();
            Succeeded();
        }
        catch (Exception failure) when (PostgresFaults.ToGenApi(failure) is { } fault)
        {
            lock (_gate)
            {
                if (_fault is not null)
                    _fault = fault;
                _triedAt = Stopwatch.GetTimestamp();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "The database server {Server} can't be reached: requests that need it get 503 until it is back. Nothing is lost")]
        public static partial void Away(ILogger logger, string server, Exception cause);

        [LoggerMessage(2, LogLevel.Warning, "The database server {Server} is back")]
        public static partial void Back(ILogger logger, string server);
    }
}
