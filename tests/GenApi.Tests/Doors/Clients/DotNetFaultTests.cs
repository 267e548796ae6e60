using OpenAI.Images;

namespace GenApi.Tests.Doors.Clients;

/// <summary>
/// The official .NET client posts four times without a marker: after a reset, a 500, its own time limit and a cut answer. The picture is
/// made and paid once. All cases run at once, because the client waits between its tries.
/// </summary>
public sealed class DotNetFaultTests(DotNetFaultTests.Runs runs) : IClassFixture<DotNetFaultTests.Runs>
{
    public static TheoryData<string, NetworkFault> Cases =>
    [
        .. from client in DotNetClients.All
           from fault in new[] { NetworkFault.Reset, NetworkFault.ServerError, NetworkFault.TimeOut, NetworkFault.CutAnswer }
           select (client, fault),
    ];

    [Theory, MemberData(nameof(Cases))]
    public async Task A_picture_whose_answer_is_lost_is_paid_once_and_arrives(string client, NetworkFault fault)
    {
        var (marker, made) = (await runs.All.Value)[(client, fault)];

        Assert.True(runs.CreationsOf(marker) == 1, $"{runs.CreationsOf(marker)} creations; the client got {made.Status}: {made.Exception}");
        Assert.True(made.IsCompletedSuccessfully, made.Exception?.ToString() ?? "nothing");
        Assert.Equal("\x89PNG", System.Text.Encoding.Latin1.GetString((await made)[..4]));
        Assert.Equal(fault == NetworkFault.TimeOut ? 0 : Runs.Times, runs.ProxyOf(marker).Broken);
    }

    /// <summary>The service, and every case with its outcome.</summary>
    public sealed class Runs : IAsyncLifetime
    {
        /// <summary>The number of tries that fail.</summary>
        internal const int Times = 2;

        private readonly ClientApp _app = new();

        public Runs() => All = new(RunAsync);

        internal Lazy<Task<Dictionary<(string Client, NetworkFault Fault), (string Marker, Task<byte[]> Made)>>> All { get; }

        internal int CreationsOf(string marker) => _app.CreationsOf(marker);

        internal FaultProxy ProxyOf(string marker) => _app.ProxyOf(marker);

        public ValueTask InitializeAsync() => _app.InitializeAsync();

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task<Dictionary<(string Client, NetworkFault Fault), (string Marker, Task<byte[]> Made)>> RunAsync()
        {
            var made = Cases.ToDictionary(each => each.Data, each => Begin(each.Data.Item1, each.Data.Item2));
            await Task.WhenAll(made.Values.Select(each => each.Made)).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return made;
        }

        private (string Marker, Task<byte[]> Made) Begin(string client, NetworkFault fault)
        {
            var marker = $"dotnet-{client.Replace(' ', '-')}-{fault}".ToLowerInvariant();
            var proxy = _app.Break(marker, fault, Times);
            var images = fault == NetworkFault.TimeOut
                ? DotNetClients.Client(proxy.Address, _app.Key, NodeCases.Held, NodeCases.GivesUpAfter)
                : DotNetClients.Client(proxy.Address, _app.Key, NodeCases.Sdxl);
            return (marker, MakeAsync(client, images, marker));
        }

        /// <summary>A user whose client gave up starts it again.</summary>
        private async Task<byte[]> MakeAsync(string client, ImageClient images, string marker)
        {
            for (var call = 1; ; call++)
            {
                try
                {
                    return await DotNetClients.MakeAsync(client, images, marker, _app, TestContext.Current.CancellationToken);
                }
                catch (AggregateException) when (call < DotNetClients.MostCalls)
                {
                    // The client reports all of its tries.
                }
            }
        }
    }
}
