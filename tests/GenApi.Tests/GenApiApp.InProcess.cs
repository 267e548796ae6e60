using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Tests;

internal sealed partial class GenApiApp
{
    private sealed class InProcess : WebApplicationFactory<Program>, IHost, ILogEventSink
    {
        private readonly IReadOnlyDictionary<string, string?> _settings;
        private readonly ConcurrentQueue<string> _logs = new();

        public InProcess(IReadOnlyDictionary<string, string?> settings)
        {
            _settings = settings;
            UseKestrel(0);
            StartServer();
            Address = ClientOptions.BaseAddress;
        }

        public Uri Address { get; }

        IServiceProvider IHost.Services => Services;

        public IReadOnlyCollection<string> Logs => _logs;

        public void Emit(LogEvent logEvent) => _logs.Enqueue(logEvent.RenderMessage(CultureInfo.InvariantCulture) + logEvent.Exception);

        public async Task StopAsync() => await DisposeAsync();

        public Task KillAsync() => throw new InvalidOperationException("Only a process of its own can be killed: StartProcessAsync.");

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            // "Now listening on …", once for every test.
            builder.UseSetting("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning");
            foreach (var (key, value) in _settings)
                builder.UseSetting(key, value);
            builder.ConfigureServices(services => services.AddSingleton<ILogEventSink>(this));
        }
    }
}
