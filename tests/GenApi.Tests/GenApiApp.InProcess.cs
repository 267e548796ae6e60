using System.Collections.Concurrent;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Hosting.Logs;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Tests;

internal sealed partial class GenApiApp
{
    private sealed class InProcess : WebApplicationFactory<Program>, IHost, ILogEventSink
    {
        private readonly IReadOnlyDictionary<string, string?> _settings;
        private readonly TimeProvider? _time;
        private readonly ConcurrentQueue<string> _logs = new();
        private readonly ConcurrentQueue<LogEvent> _events = new();
        private readonly LastToGo _gone = new();

        private readonly Action<IServiceCollection>? _services;

        public InProcess(IReadOnlyDictionary<string, string?> settings, TimeProvider? time, Action<IServiceCollection>? services)
        {
            (_settings, _time, _services) = (settings, time, services);
            UseKestrel(0);
            StartServer();
            Address = ClientOptions.BaseAddress;
        }

        public Uri Address { get; }

        IServiceProvider IHost.Services => Services;

        System.Diagnostics.Process? IHost.Process => null;

        public IReadOnlyCollection<string> Logs => _logs;

        public IReadOnlyCollection<LogEvent> Events => _events;

        public void Emit(LogEvent logEvent)
        {
            _events.Enqueue(logEvent);
            _logs.Enqueue(LogLines.MessageOf(logEvent) + logEvent.Exception);
        }

        /// <summary>
        /// Waits until the container itself reports its end. The factory and the program both dispose of it, and the second call returns at
        /// once. Otherwise a restart would meet the old lock on the data directory.
        /// </summary>
        public async Task StopAsync()
        {
            await DisposeAsync();
            await _gone.Ended;
        }

        public Task KillAsync() => throw new InvalidOperationException("Only a process of its own can be killed: StartProcessAsync.");

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            // "Now listening on …", once for every test.
            builder.UseSetting("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning");
            foreach (var (key, value) in _settings)
                builder.UseSetting(key, value);
            // A clock that a test moves leaps over heartbeats and does not wait for their answers: the instance would lose what it holds.
            if (_time is FakeTimeProvider && _settings.GetValueOrDefault("Database:Provider") == "postgres")
                builder.UseSetting("Cluster:LeaseSeconds", _settings.GetValueOrDefault("Cluster:LeaseSeconds") ?? "600");
            builder.ConfigureServices(services =>
            {
                _services?.Invoke(services);
                services.AddSingleton<ILogEventSink>(this);
                if (_time is not null)
                {
                    services.AddSingleton(_time);
                    // The test's clock is the truth, also where there is a server with its own.
                    services.AddSingleton(new SteadyClock(_time, followsServer: false));
                }
                // The first service made is the last one disposed. Every user of the data needs the data directory first.
                services.AddSingleton(_ => _gone);
                services.AddSingleton(provider =>
                {
                    provider.GetRequiredService<LastToGo>();
                    return ActivatorUtilities.CreateInstance<DataDirectory>(provider);
                });
            });
        }

        private sealed class LastToGo : IDisposable
        {
            private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public Task Ended => _ended.Task;

            public void Dispose() => _ended.TrySetResult();
        }
    }
}
