using System.Threading.Channels;
using GenApi.Core.Background;
using GenApi.Core.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Background;

public sealed class BackgroundLoopTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static GenApiException Fault => new(ErrorKind.StorageUnavailable, "The database can't be reached.");

    [Fact]
    public async Task A_round_begins_at_each_tick_and_at_each_wake_and_the_last_one_at_a_stop()
    {
        var loop = new Loop(_time, static _ => Task.CompletedTask);
        await loop.StartAsync(Ended);
        Assert.Equal("begin", await loop.NextAsync());

        _time.Advance(Period);
        Assert.Equal("round", await loop.NextAsync());
        loop.Wake();
        Assert.Equal("round", await loop.NextAsync());
        await loop.StopAsync(Ended);

        Assert.Equal("last", await loop.NextAsync());
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_first_failure_in_a_row_is_reported_and_the_next_after_a_good_round()
    {
        var outcomes = new Queue<bool>([true, false, false, false, true, false]);
        var loop = new Loop(_time, _ => outcomes.Dequeue() ? Task.CompletedTask : throw Fault);
        await loop.StartAsync(Ended);
        await loop.NextAsync();
        List<string> all = [];

        while (outcomes.Count > 0)
        {
            loop.Wake();
            all.Add(await loop.NextAsync());
        }
        all.Add(await loop.NextAsync());
        await loop.StopAsync(Ended);

        Assert.Equal(
            ["round", "round", "reported StorageUnavailable", "round", "round", "round", "round", "reported StorageUnavailable"],
            await loop.InOrderAsync(all));
    }

    /// <summary>The host ends with the first background service that throws, so nothing may leave a loop.</summary>
    [Fact]
    public async Task A_defect_ends_neither_the_loop_nor_the_host()
    {
        var outcomes = new Queue<Exception>([new InvalidOperationException("a defect"), new OperationCanceledException()]);
        var loop = new Loop(_time, _ => outcomes.TryDequeue(out var failure) ? throw failure : Task.CompletedTask);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IHostedService>(loop);
        using var host = builder.Build();
        await host.StartAsync(Ended);
        Assert.Equal("begin", await loop.NextAsync());

        loop.Wake();
        Assert.Equal(["round", "defect InvalidOperationException"], [await loop.NextAsync(), await loop.NextAsync()]);
        // After a defect the loop pauses, so that it never runs hot.
        for (var round = 0; round < 2; round++)
        {
            loop.Wake();
            Assert.Equal("round", await loop.NextAsync(_time));
        }

        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync(Ended);
        // The clock may have gone on far enough for another round.
        var next = await loop.NextAsync();
        while (next == "round")
            next = await loop.NextAsync();
        Assert.Equal("last", next);
    }

    [Fact]
    public async Task A_failed_last_round_is_reported_though_the_loop_was_failing_already_and_ends_no_stop()
    {
        var loop = new Loop(_time, static _ => throw Fault) { Last = static token => Task.FromCanceled(token) };
        await loop.StartAsync(Ended);
        await loop.NextAsync();
        loop.Wake();
        Assert.Equal(["round", "reported StorageUnavailable"], [await loop.NextAsync(), await loop.NextAsync()]);
        using var over = new CancellationTokenSource();
        await over.CancelAsync();
        await loop.StopAsync(over.Token);

        loop.Last = static _ => throw Fault;
        await loop.StopAsync(Ended);

        Assert.Equal(
            ["last", "last", "reported StorageUnavailable"], [await loop.NextAsync(), await loop.NextAsync(), await loop.NextAsync()]);
    }

    [Fact]
    public async Task A_loop_that_is_done_ends_by_itself()
    {
        var loop = new Loop(_time, static loop =>
        {
            loop.Finish();
            return Task.CompletedTask;
        });
        await loop.StartAsync(Ended);
        loop.Wake();

        await loop.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), Ended);

        Assert.Equal(["begin", "round"], [await loop.NextAsync(), await loop.NextAsync()]);
    }

    private sealed class Loop(TimeProvider time, Func<Loop, Task> round) : BackgroundLoop(time, NullLogger.Instance, Period)
    {
        private readonly Channel<string> _log = Channel.CreateUnbounded<string>();

        public Func<CancellationToken, Task> Last { get; set; } = static _ => Task.CompletedTask;

        public void Finish() => End();

        /// <summary>The next thing that happened; with a clock, which moves on until it does.</summary>
        public async Task<string> NextAsync(FakeTimeProvider? time = null)
        {
            var next = _log.Reader.ReadAsync(Ended).AsTask();
            for (; time is not null && !next.IsCompleted; await Task.Yield())
                time.Advance(TimeSpan.FromSeconds(1));
            return await next.WaitAsync(TimeSpan.FromSeconds(30), Ended);
        }

        public async Task<IReadOnlyList<string>> InOrderAsync(List<string> before)
        {
            while (_log.Reader.TryRead(out var more))
            {
                if (more != "last")
                    before.Add(more);
            }
            return await Task.FromResult(before);
        }

        protected override Task BeginAsync(CancellationToken stopping) => Note("begin");

        protected override Task WorkAsync(CancellationToken stopping)
        {
            Note("round");
            return round(this);
        }

        protected override Task LastRoundAsync(CancellationToken cancellationToken)
        {
            Note("last");
            return Last(cancellationToken);
        }

        protected override void Report(GenApiException fault) => Note($"reported {fault.Kind}");

        protected override void ReportDefect(Exception failure) => Note($"defect {failure.GetType().Name}");

        private Task Note(string what)
        {
            _log.Writer.TryWrite(what);
            return Task.CompletedTask;
        }
    }
}
