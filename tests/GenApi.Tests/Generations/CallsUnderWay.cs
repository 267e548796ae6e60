using GenApi.Core.Persistence.Database;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Generations;

/// <summary>
/// Moves a clock that the service and the sandbox share, but no faster than the calls between them are answered. So minutes of traffic pass
/// in seconds, and yet no time-out comes before an answer that is on its way.
/// </summary>
internal sealed class CallsUnderWay(FakeTimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private int _underWay;

    /// <summary>Registers the count in a service.</summary>
    public void Watch(IServiceCollection services) =>
        services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new Counter(this)));

    /// <summary>Lets time pass until something holds.</summary>
    public async Task PassAsync(GenApiApp app, TimeSpan step, TimeSpan atMost, Func<bool> holds)
    {
        var writer = app.Services.GetRequiredService<DatabaseWriter>();
        for (var passed = TimeSpan.Zero; passed < atMost && !holds(); passed += step)
        {
            time.Advance(step);
            // Twice without a call, and after all earlier saves, the work has kept up, even on a busy machine. A call that waits for the
            // clock itself, such as one that is repeated, must not hold it up for ever.
            for (var (quiet, moments) = (0, 0); quiet < 2 && moments < 50; moments++)
            {
                await Task.Delay(Moment, TimeProvider.System, TestContext.Current.CancellationToken);
                await writer.WriteAsync((_, _) => Task.CompletedTask, TestContext.Current.CancellationToken);
                quiet = Volatile.Read(ref _underWay) == 0 ? quiet + 1 : 0;
            }
        }
        Assert.True(holds(), "It did not come about.");
    }

    private sealed class Counter(CallsUnderWay calls) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls._underWay);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref calls._underWay);
            }
        }
    }
}
