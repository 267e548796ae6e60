using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests;

internal sealed partial class GenApiApp
{
    private GenApiApp? _first;
    private bool _ownsStore;

    /// <summary>The database and the blobs. All instances of one cluster have the same.</summary>
    public TestStore Store { get; private set; }

    /// <summary>False between a stop or a kill and the next start.</summary>
    public bool IsRunning => _client is not null;

    /// <summary>The process of a service that runs as one.</summary>
    public System.Diagnostics.Process Process =>
        _host?.Process ?? throw new InvalidOperationException("The service does not run as a separate process.");

    /// <summary>Starts an instance in this process on a store that the caller owns.</summary>
    /// <param name="store">The store.</param>
    /// <param name="first">Another instance, whose sandbox this one uses; null: it has its own. Dispose of the first one last.</param>
    /// <param name="settings">Settings in addition to the defaults.</param>
    /// <param name="sandbox">The sandbox's options.</param>
    /// <param name="services">Replaces parts of the service.</param>
    public static Task<GenApiApp> StartOnAsync(
        TestStore store, GenApiApp? first, Dictionary<string, string?>? settings = null, SandboxOptions? sandbox = null,
        Action<IServiceCollection>? services = null) => BeginAsync(
            settings, sandbox, null, (_, all) => Task.FromResult<IHost>(new InProcess(all, null, services)), first, store);

    /// <summary>As <see cref="StartOnAsync"/>, as a separate process that can be killed and frozen.</summary>
    public static Task<GenApiApp> StartProcessOnAsync(
        TestStore store, GenApiApp? first, Dictionary<string, string?>? settings = null, SandboxOptions? sandbox = null) => BeginAsync(
            settings, sandbox, null, async (app, all) => await SeparateProcess.StartAsync(all, app.Folder), first, store);

    /// <summary>Makes the tables of an empty database by a start of the service.</summary>
    internal static async Task MigrateAsync(Dictionary<string, string?> settings)
    {
        await using var app = await BeginAsync(
            settings, null, null, (_, all) => Task.FromResult<IHost>(new InProcess(all, null, null)));
        await app.StopAsync();
    }

    /// <summary>Takes the given store, or makes one unless the test has chosen by its settings.</summary>
    private async Task UseStoreAsync(TestStore? store)
    {
        _ownsStore = store is null && !_settings.ContainsKey("Database:Provider") && !_settings.ContainsKey("Blobs:Provider");
        if (_ownsStore)
            Store = await TestStore.CreateAsync(DataDirectory);
        else if (store is not null)
            Store = store;
        foreach (var (key, value) in await Store.SettingsAsync())
            _settings.TryAdd(key, value);
    }
}
