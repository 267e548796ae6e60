using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GenApi.Client;

public sealed partial class GenApiClient
{
    private const int LongestKey = 255;

    /// <summary>
    /// Starts a generation and waits until its output is stored. It waits as long as the model takes, and through restarts of the service.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="idempotencyKey">1 to 255 visible ASCII characters. The same key and request within 24 hours are one generation. If a
    /// request must not be made twice, pass a key that outlives your process: an order number, the id of a message. Null: a new key for
    /// every call, the same for all its attempts. </param>
    /// <param name="progress">Receives every event.</param>
    /// <param name="cancellationToken">Cancels the wait, not the work; see <see cref="CancelAsync"/>.</param>
    /// <exception cref="GenApiProblemException">The service refused the request; nothing was made or billed.</exception>
    /// <exception cref="GenerationFailedException">The generation was accepted and failed, or was canceled.</exception>
    /// <exception cref="GenApiConnectionException">The service cannot be reached. The same call with the exception's key continues where
    /// this one ended. </exception>
    public async Task<Generation> GenerateAsync(
        GenerateRequest request,
        string? idempotencyKey = null,
        IProgress<GenerationEvent>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var key = KeyOr(idempotencyKey);
        var generation = await StartAsync(request, key, cancellationToken).ConfigureAwait(false);
        try
        {
            return generation.IsFinished
                ? Succeeded(generation)
                : await WaitAsync(generation.Id, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (GenApiException failure)
        {
            failure.IdempotencyKey ??= key;
            throw;
        }
    }

    /// <summary>Starts a generation and returns at once with its current state: finished if it came from the store.</summary>
    /// <inheritdoc cref="GenerateAsync" path="/param"/>
    /// <exception cref="GenApiProblemException">The service refused the request; nothing was made or billed.</exception>
    /// <exception cref="GenApiConnectionException">The service cannot be reached. The same call with the exception's key continues where
    /// this one ended. </exception>
    public async Task<Generation> StartAsync(
        GenerateRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = Post("generate", request, ClientJson.Default.GenerateRequest, idempotencyKey) with { Prefer = "respond-async" };
        try
        {
            return await RunAsync(call, ClientJson.Default.Generation, cancellationToken).ConfigureAwait(false);
        }
        catch (GenApiProblemException problem) when (problem is { GenerationId: not null, Code: not "idempotency_mismatch" })
        {
            // This key already has a generation, and its end is the problem; it says more.
            try
            {
                return await GetAsync(problem.GenerationId, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (GenApiProblemException gone) when (gone.Status == 404)
            {
                throw problem;
            }
        }
    }

    /// <summary>Waits until a generation has ended.</summary>
    /// <param name="id"><c>gen_…</c>.</param>
    /// <param name="progress">Receives every event.</param>
    /// <param name="cancellationToken">Cancels the wait, not the work.</param>
    /// <exception cref="GenerationFailedException">It failed, or was canceled.</exception>
    /// <exception cref="GenApiProblemException">The generation does not exist or was deleted meanwhile, or the key was revoked.</exception>
    /// <exception cref="GenApiConnectionException">The service could not be reached for <see cref="GenApiClientOptions.ReconnectFor"/>.
    /// </exception>
    public async Task<Generation> WaitAsync(
        string id, IProgress<GenerationEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        Generation? last = null;
        await foreach (var next in FollowAsync(id, cancellationToken).ConfigureAwait(false))
        {
            progress?.Report(next);
            last = next is GenerationEnded ended ? ended.Generation : last;
        }
        return Succeeded(last!);
    }

    /// <summary>
    /// Follows a generation to its end: <see cref="GenerationEnded"/> comes last. The client reconnects when a connection ends early.
    /// Events are not repeated, except for the text of the log, which then starts where the service has it.
    /// </summary>
    /// <param name="id"><c>gen_…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">The generation does not exist or was deleted meanwhile, or the key was revoked.</exception>
    /// <exception cref="GenApiConnectionException">The service could not be reached for <see cref="GenApiClientOptions.ReconnectFor"/>.
    /// </exception>
    public IAsyncEnumerable<GenerationEvent> FollowAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _follower.FollowAsync(id, cancellationToken);
    }

    /// <summary>Gets a generation.</summary>
    /// <param name="id"><c>gen_…</c>.</param>
    /// <param name="wait">The time that the service may wait for the end before it answers: up to 300 whole seconds. Null: no wait.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it does not exist, or this key has no access to it.</exception>
    public Task<Generation> GetAsync(string id, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _follower.GetAsync(id, wait ?? TimeSpan.Zero, _options.RetryFor, cancellationToken);
    }

    /// <summary>Lists all generations that the key can see, newest first, one page at a time.</summary>
    /// <param name="query">Null: all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public IAsyncEnumerable<Generation> ListAsync(GenerationQuery? query = null, CancellationToken cancellationToken = default) =>
        PagesAsync((query ?? new()).Path, ClientJson.Default.PageGeneration, cancellationToken);

    /// <summary>Cancels a generation. Work that the model has done until then may be billed.</summary>
    /// <returns>The generation; its status changes later. A finished generation is returned unchanged.</returns>
    /// <exception cref="GenApiProblemException">409 <c>conflict</c>: the model has finished, and its output is being stored. 404: it does
    /// not exist; or other keys wait for it, and only this key's part ended. </exception>
    public Task<Generation> CancelAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(Post(Route.Generation(id) + "/cancel"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>
    /// Makes the request of a failed or canceled generation once more, as a new generation, and waits for it:
    /// <see cref="GenerateRequest.Again"/>.
    /// </summary>
    /// <param name="generation">A generation with a retryable error; others end the same way.</param>
    /// <param name="idempotencyKey">As in <see cref="GenerateAsync"/>.</param>
    /// <param name="progress">Receives every event.</param>
    /// <param name="cancellationToken">Cancels the wait, not the work.</param>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public Task<Generation> RetryAsync(
        Generation generation,
        string? idempotencyKey = null,
        IProgress<GenerationEvent>? progress = null,
        CancellationToken cancellationToken = default) =>
        GenerateAsync(GenerateRequest.Again(generation), idempotencyKey, progress, cancellationToken);

    /// <summary>Deletes a generation with its images and files. An unfinished one is canceled first.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it does not exist.</exception>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) => RemoveAsync(
        Route.Generation(id), cancellationToken);

    /// <summary>Exempts a generation from the operator's retention rules.</summary>
    public Task<Generation> PinAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(Post(Route.Generation(id) + "/pin"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>Applies the operator's retention rules to a generation again.</summary>
    public Task<Generation> UnpinAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Delete, Route.Generation(id) + "/pin"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>Gets the model's log, at most its last 64 K characters; empty until there is one.</summary>
    public Task<string> GetLogsAsync(string id, CancellationToken cancellationToken = default) => _retries.RunAsync(
        new ApiCall(HttpMethod.Get, Route.Generation(id) + "/logs") { Accept = "text/plain" },
        static async (reply, ended) =>
        {
            using var reader = new StreamReader(reply.Body);
            return await reader.ReadToEndAsync(ended).ConfigureAwait(false);
        },
        _options.RetryFor,
        cancellationToken);

    private static Generation Succeeded(Generation generation) =>
        generation.Status == GenerationStatus.Succeeded ? generation : throw new GenerationFailedException(generation);

    private Task<T> RunAsync<T>(ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => _retries.RunAsync(call, (reply, ended) => reply.ReadAsync(type, ended), _options.RetryFor, cancellationToken);

    /// <summary>Deletes. If an answer got lost and the next attempt finds nothing, the first one has worked.</summary>
    private async Task RemoveAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var call = new ApiCall(HttpMethod.Delete, path);
            await _retries.RunAsync(call, static (_, _) => Task.FromResult(true), _options.RetryFor, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (GenApiProblemException gone) when (gone is { Status: 404, Attempts: > 1 })
        {
            // It is gone, as requested.
        }
    }

    private async IAsyncEnumerable<T> PagesAsync<T>(
        Func<string?, string> path, JsonTypeInfo<Page<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await RunAsync(new ApiCall(HttpMethod.Get, path(cursor)), type, cancellationToken).ConfigureAwait(false);
            foreach (var row in page.Data)
                yield return row;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private ApiCall Post(string path, string? idempotencyKey = null) =>
        new(HttpMethod.Post, path) { IdempotencyKey = KeyOr(idempotencyKey) };

    private ApiCall Post<T>(string path, T body, JsonTypeInfo<T> type, string? idempotencyKey)
    {
        // Serialized once, so that every attempt sends the same bytes.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        return Post(path, idempotencyKey) with
        {
            Body = () => new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } },
        };
    }

    /// <exception cref="ArgumentException">No header can carry the key. It would be lost silently, and with it the promise.</exception>
    private string KeyOr(string? given)
    {
        if (given is null)
            return Guid.CreateVersion7(_options.TimeProvider.GetUtcNow()).ToString();
        if (given.Length is 0 or > LongestKey || given.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException($"An idempotency key has 1 to {LongestKey} visible ASCII characters and no spaces.", nameof(given));
        return given;
    }
}

/// <summary>One page of a list.</summary>
internal sealed record Page<T>
{
    public IReadOnlyList<T> Data { get => field ?? []; init; }

    public string? NextCursor { get; init; }
}
