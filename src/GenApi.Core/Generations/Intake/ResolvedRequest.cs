using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Generations.Intake;

/// <summary>A request with everything resolved that can be resolved without the store.</summary>
internal sealed class ResolvedRequest
{
    private readonly string _upstream;
    private readonly ResolvedModel _model;
    private readonly Guid? _account;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    /// <param name="upstream">In use.</param>
    /// <param name="model">Known to exist.</param>
    /// <param name="account">The only account that its answer may serve; null: every account.</param>
    /// <param name="input">Accepted by the model's schema.</param>
    /// <param name="mode">When a stored answer may serve.</param>
    /// <param name="metadata">Returned to the caller unchanged.</param>
    /// <param name="fault">See <see cref="Fault"/>.</param>
    public ResolvedRequest(
        string upstream, ResolvedModel model, Guid? account, NormalisedInput input, CacheMode mode,
        IReadOnlyDictionary<string, string> metadata, GenApiException? fault = null)
    {
        (_upstream, _model, _account, Input, _metadata, Mode, Fault) = (upstream, model, account, input, metadata, mode, fault);
        // Its identity needs the bytes of all its files.
        if (fault is not null)
            return;
        AnySeed = mode == CacheMode.Reuse && input.Seed is null;
        // A model that takes no seed can't make the same image twice, so auto makes a new one there too.
        if (AnySeed || mode == CacheMode.Reuse || (mode == CacheMode.Auto && input.Seed is not null))
            AnswerKey = CacheKey.Of(upstream, model, account, input);
    }

    public ResolvedModel Model => _model;

    public NormalisedInput Input { get; }

    /// <summary>The estimated cost of a run; null: no price is known, or the request is not prepared yet.</summary>
    public CostEstimate? Estimate { get; private init; }

    public CacheMode Mode { get; }

    /// <summary>
    /// The reason why the request can't be served: a file is gone. It is thrown late, because an act that was done before under its
    /// idempotency key stays done, whatever has become of its files.
    /// </summary>
    public GenApiException? Fault { get; }

    /// <summary>The key under which a stored answer may serve; null: none may.</summary>
    public string? AnswerKey { get; }

    /// <summary>True if <see cref="AnswerKey"/> leaves the seed out.</summary>
    public bool AnySeed { get; }

    /// <summary>
    /// Makes the row that it becomes when there is no answer. A seed that the caller left open is chosen here and sent. So the image can be
    /// made again, and a lost prediction differs from similar ones.
    /// </summary>
    /// <param name="ownerId">
    /// The account that pays. A run that keeps a model warm has no keys: a caller's identical request neither joins it nor is answered by
    /// it.
    /// </param>
    public NewGeneration ToNew(Guid ownerId)
    {
        var input = Input.TakesSeed && Input.Seed is null ? Input.WithSeed(ChooseSeed(Input.SeedRange)) : Input;
        var isKeepWarm = ownerId == FixedAccounts.KeepWarmId;
        var reuseKey = isKeepWarm ? "" : CacheKey.Of(_upstream, _model, _account, input.WithoutSeed());
        return new NewGeneration(
            _model.Reference, _model.Version, _upstream, input.Prompt ?? "", input.ToJson(), GenerationFile.Write(input.Files), input.Seed,
            JsonSerializer.Serialize(_metadata),
            input.Seed is null || isKeepWarm ? reuseKey : CacheKey.Of(_upstream, _model, _account, input), reuseKey, AnswerKey,
            Input.Work, Estimate)
        {
            OwnerId = ownerId,
        };
    }

    /// <summary>Returns the same request with its files stored, and with what it may cost.</summary>
    public ResolvedRequest With(NormalisedInput input, CostEstimate? estimate) =>
        new(_upstream, _model, _account, input, Mode, _metadata, Fault) { Estimate = estimate };

    private static long ChooseSeed((long Min, long Max) range) =>
        range.Min + RandomNumberGenerator.GetInt32((int)Math.Min(range.Max - range.Min + 1, int.MaxValue));
}
