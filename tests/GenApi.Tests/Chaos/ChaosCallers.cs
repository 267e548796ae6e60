using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace GenApi.Tests.Chaos;

/// <summary>
/// Careful callers: each request has an idempotency key and is repeated with it, at the next instance, until it is answered.
/// </summary>
internal sealed class ChaosCallers(IReadOnlyList<ChaosService> services, HttpClient http, ChaosPlan plan)
{
    private const int AtOnceEach = 4;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);

    private readonly Channel<int> _numbers = Channel.CreateUnbounded<int>();
    private readonly ConcurrentDictionary<string, int> _accepted = new();
    private readonly ConcurrentDictionary<int, string> _shared = new();
    private TaskCompletionSource _nextAccepted = NewSignal();
    private int _letOut, _unanswered, _turn;

    /// <summary>
    /// The ids that callers received, each with its request. If several received an id, the request that may not share it.
    /// </summary>
    public IReadOnlyDictionary<string, int> Accepted =>
        _shared.Select(pair => KeyValuePair.Create(pair.Value, pair.Key)).Concat(_accepted)
            .GroupBy(pair => pair.Key).ToDictionary(each => each.Key, each => each.Last().Value);

    /// <summary>The number of requests that received another request's generation, by a hit or by joining it.</summary>
    public int Shared => _shared.Count + _accepted.Count - Accepted.Count;

    /// <summary>Completes when the next request is accepted, or when none is left.</summary>
    public Task NextAccepted => Volatile.Read(ref _nextAccepted).Task;

    /// <summary>The number of answers lost in connections cut by a kill.</summary>
    public int Unanswered => _unanswered;

    public void LetOut(int requests)
    {
        for (; requests > 0 && _letOut < plan.Requests; requests--)
            _numbers.Writer.TryWrite(++_letOut);
        if (_letOut == plan.Requests)
            _numbers.Writer.TryComplete();
    }

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, AtOnceEach * services.Count).Select(
            _ => Task.Run(() => CallAsync(cancellationToken), cancellationToken)));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        await foreach (var number in _numbers.Reader.ReadAllAsync(cancellationToken))
        {
            string? id;
            while ((id = await SendAsync(number, cancellationToken)) is null)
            {
                await Task.WhenAny(services.Select(each => each.Listening)).WaitAsync(cancellationToken);
                await Task.Delay(Again, TimeProvider.System, cancellationToken);
            }
            if (ChaosRequests.MayShare(number))
                _shared[number] = id;
            else if (!_accepted.TryAdd(id, number))
                throw new InvalidOperationException(
                    $"{number} and {_accepted[id]} each asked for a picture of their own and were given {id}.");
            var accepted = Interlocked.Exchange(ref _nextAccepted, NewSignal());
            accepted.TrySetResult();
        }
    }

    /// <summary>Takes turns among the instances, as a load balancer that knows who listens.</summary>
    private ChaosService Next()
    {
        var turn = (uint)Interlocked.Increment(ref _turn);
        var listening = services.Where(each => each.Listening.IsCompleted).ToList();
        return listening.Count == 0 ? services[0] : listening[(int)(turn % (uint)listening.Count)];
    }

    /// <returns>The generation; null if there was no answer, or one that asks for a retry.</returns>
    private async Task<string?> SendAsync(int number, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Next().Address, "/generate"))
        {
            Content = new StringContent(ChaosRequests.Draw(plan, number).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Prefer", "respond-async");
        request.Headers.Add("Idempotency-Key", $"chaos-{plan.Seed}-{number}");
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            if (body.RootElement.TryGetProperty("id", out var id) || body.RootElement.TryGetProperty("generation_id", out id))
                return id.GetString();
            // The upstream may be unable to return the model's schema; nothing was accepted then.
            return answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
                ? null
                : throw new InvalidOperationException($"{(int)answer.StatusCode} {body.RootElement}");
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or JsonException)
        {
            Interlocked.Increment(ref _unanswered);
            return null;
        }
    }
}
