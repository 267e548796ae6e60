using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GenApi.Client;

public sealed partial class GenApiClient
{
    private const int LongestKey = 255;

    /// <summary>
    /// Makes what is asked for and waits until it is stored, however long the model takes, over restarts of the service too.
    /// </summary>
    /// <param name="request">What to make.</param>
    /// <param name="idempotencyKey">
    /// 1 to 255 visible ASCII characters. The same key and request, within 24 hours, are one generation, so give one that outlives your
    /// process where a request must not be made twice: an order
    /// number, the id of a message. Null: one that is new with every call and the same over its attempts.
    /// </param>
    /// <param name="progress">Hears every event on the way.</param>
    /// <param name="cancellationToken">Ends the wait, not the work; see <see cref="CancelAsync"/>.</param>
    /// <exception cref="GenApiProblemException">The service refused it; nothing was made or billed.</exception>
    /// <exception cref="GenerationFailedException">It was accepted and failed, or was canceled.</exception>
    /// <exception cref="GenApiConnectionException">
    /// The service cannot be reached. With the exception's key the same call goes on where this one ended.
    /// </exception>
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

    /// <summary>
    /// Starts what is asked for and returns at once, with the generation as it is: finished where it was answered from the store.
    /// </summary>
    /// <inheritdoc cref="GenerateAsync" path="/param"/>
    /// <exception cref="GenApiProblemException">The service refused it; nothing was made or billed.</exception>
    /// <exception cref="GenApiConnectionException">
    /// The service cannot be reached. With the exception's key the same call goes on where this one ended.
    /// </exception>
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
            // There is a generation under this key already, and its end is the problem: it tells more.
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
    /// <param name="progress">Hears every event on the way.</param>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <exception cref="GenerationFailedException">It failed, or was canceled.</exception>
    /// <exception cref="GenApiProblemException">It is not there, or was deleted meanwhile, or the key was revoked.</exception>
    /// <exception cref="GenApiConnectionException">
    /// The service could not be reached for <see cref="GenApiClientOptions.ReconnectFor"/>.
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
    /// Follows a generation as it happens, to its end: <see cref="GenerationEnded"/> comes last. A connection that ends early is made
    /// again, and events that came are not repeated, but for the
    /// text of the log, which then starts where the service knows it.
    /// </summary>
    /// <param name="id"><c>gen_…</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GenApiProblemException">It is not there, or was deleted meanwhile, or the key was revoked.</exception>
    /// <exception cref="GenApiConnectionException">
    /// The service could not be reached for <see cref="GenApiClientOptions.ReconnectFor"/>.
    /// </exception>
    public IAsyncEnumerable<GenerationEvent> FollowAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _follower.FollowAsync(id, cancellationToken);
    }

    /// <summary>One generation as it is.</summary>
    /// <param name="id"><c>gen_…</c>.</param>
    /// <param name="wait">
    /// How long the service may wait for its end before it answers, up to 300 seconds; it waits in whole seconds. Null: not at all.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it is not there, or not this key's to see.</exception>
    public Task<Generation> GetAsync(string id, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return _follower.GetAsync(id, wait ?? TimeSpan.Zero, _options.RetryFor, cancellationToken);
    }

    /// <summary>All generations that the key sees, newest first, fetched a page at a time.</summary>
    /// <param name="query">Null: all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<Generation> ListAsync(GenerationQuery? query = null, CancellationToken cancellationToken = default) =>
        PagesAsync((query ?? new()).Path, ClientJson.Default.PageGeneration, cancellationToken);

    /// <summary>Asks for the end of a generation. What the model has done until then may be billed.</summary>
    /// <returns>The generation as it is; its status follows. Nothing is changed for one that had finished.</returns>
    /// <exception cref="GenApiProblemException">
    /// 409 <c>conflict</c>: the model has finished, and its output is being stored. 404: it is not there, or other keys wait for it and
    /// this key's part ended.
    /// </exception>
    public Task<Generation> CancelAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(Post(Route.Generation(id) + "/cancel"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>
    /// Makes the request of a failed or canceled generation once more, as a new generation, and waits for it:
    /// <see cref="GenerateRequest.Again"/>.
    /// </summary>
    /// <param name="generation">One whose error is retryable; others end the same way.</param>
    /// <param name="idempotencyKey">As in <see cref="GenerateAsync"/>.</param>
    /// <param name="progress">Hears every event on the way.</param>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <inheritdoc cref="GenerateAsync" path="/exception"/>
    public Task<Generation> RetryAsync(
        Generation generation,
        string? idempotencyKey = null,
        IProgress<GenerationEvent>? progress = null,
        CancellationToken cancellationToken = default) =>
        GenerateAsync(GenerateRequest.Again(generation), idempotencyKey, progress, cancellationToken);

    /// <summary>Deletes a generation with its images and files; one that runs is canceled first.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it is not there.</exception>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) => RemoveAsync(Route.Generation(id), cancellationToken);

    /// <summary>Keeps a generation whatever the operator's rules of retention say.</summary>
    public Task<Generation> PinAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(Post(Route.Generation(id) + "/pin"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>Lets the operator's rules of retention hold for a generation again.</summary>
    public Task<Generation> UnpinAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Delete, Route.Generation(id) + "/pin"), ClientJson.Default.Generation, cancellationToken);

    /// <summary>The model's log, at most its last 64 K characters; empty until there is one.</summary>
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

    /// <summary>A delete whose answer got lost has done its work when the next attempt finds nothing.</summary>
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
            // It is gone, as was asked.
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
        // Once, so that every attempt sends the same bytes.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        return Post(path, idempotencyKey) with
        {
            Body = () => new ByteArrayContent(bytes) { Headers = { ContentType = new("application/json") } },
        };
    }

    /// <exception cref="ArgumentException">No header can carry it: it would be lost in silence, and with it the promise.</exception>
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
