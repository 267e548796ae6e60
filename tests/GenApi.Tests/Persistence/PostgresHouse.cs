using GenApi.Core.Persistence.Database;
using GenApi.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

/// <summary>A service in this process on a PostgreSQL database, whatever engine the other tests use.</summary>
internal sealed class PostgresHouse : IAsyncDisposable
{
    public required GenApiApp App { get; init; }

    public required TestStore Store { get; init; }

    /// <summary>Stands before the server; null: the service connects directly.</summary>
    public TcpProxy? Proxy { get; init; }

    public DatabaseWriter Writer => App.Services.GetRequiredService<DatabaseWriter>();

    /// <summary>Starts it, or skips the test where PostgreSQL is not installed.</summary>
    /// <param name="throughProxy">Whether a proxy of the test stands before the server.</param>
    /// <param name="throughPooler">Whether pgbouncer does, in transaction mode.</param>
    /// <param name="server">A server of the test; null: the one of all tests.</param>
    /// <param name="settings">Settings in addition to the defaults.</param>
    /// <param name="more">The end of the connection string.</param>
    public static async Task<PostgresHouse> StartAsync(
        bool throughProxy = false, bool throughPooler = false, PostgresServer? server = null, Dictionary<string, string?>? settings = null,
        string more = "")
    {
        var missing = throughPooler ? PostgresServer.PoolerMissing : PostgresServer.Missing;
        Assert.SkipWhen(missing is not null, missing ?? "");
        var target = server ?? await PostgresServer.SharedAsync();
        var proxy = throughProxy ? new TcpProxy(target.Port) : null;
        var port = throughPooler ? await target.PoolerAsync() : proxy?.Port;
        var store = await TestStore.OnPostgresAsync(Directory.CreateTempSubdirectory("genapi-pg-").FullName, isS3: false, server: server);
        var app = await GenApiApp.StartOnAsync(
            store, null, new(settings ?? [])
            {
                // The proxy reads statements, and one that is prepared passes without its text.
                ["Database:ConnectionString"] = store.ConnectionString(port) + (throughProxy ? ";Max Auto Prepare=0" : more),
            });
        return new() { App = app, Store = store, Proxy = proxy };
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Store.DisposeAsync();
        if (Proxy is not null)
            await Proxy.DisposeAsync();
    }
}
