using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Core.Models;

namespace GenApi.Core.Generations;

/// <summary>A request with everything decided that can be decided without the store.</summary>
internal sealed class ResolvedRequest
{
    private readonly string _upstream;
    private readonly ResolvedModel _model;
    private readonly NormalisedInput _input;
    private readonly IReadOnlyDictionary<string, string> _metadata;

    public ResolvedRequest(string upstream, ResolvedModel model, NormalisedInput input, CacheMode mode, IReadOnlyDictionary<string, string> metadata)
    {
        (_upstream, _model, _input, _metadata) = (upstream, model, input, metadata);
        AnySeed = mode == CacheMode.Reuse && input.Seed is null;
        // A model that takes no seed can't be asked for the same picture twice, so auto makes a new one there too.
        if (AnySeed || mode == CacheMode.Reuse || (mode == CacheMode.Auto && input.Seed is not null))
            AnswerKey = CacheKey.Of(upstream, model, input);
    }

    /// <summary>The key under which a stored answer may serve; null: it is made anew.</summary>
    public string? AnswerKey { get; }

    /// <summary>Whether <see cref="AnswerKey"/> leaves the seed out.</summary>
    public bool AnySeed { get; }

    /// <summary>
    /// The row it becomes when there is no answer. A seed that the caller left open is chosen here and sent, so that the picture can be made again and
    /// a lost prediction be told from its like.
    /// </summary>
    public NewGeneration ToNew()
    {
        var input = _input.TakesSeed && _input.Seed is null ? _input.WithSeed(ChooseSeed(_input.SeedRange)) : _input;
        var reuseKey = CacheKey.Of(_upstream, _model, input.WithoutSeed());
        return new NewGeneration(
            _model.Reference, _model.Version, _upstream, input.Prompt ?? "", input.ToJson(), input.Seed, JsonSerializer.Serialize(_metadata),
            input.Seed is null ? reuseKey : CacheKey.Of(_upstream, _model, input), reuseKey, AnswerKey);
    }

    private static long ChooseSeed((long Min, long Max) range) =>
        range.Min + RandomNumberGenerator.GetInt32((int)Math.Min(range.Max - range.Min + 1, int.MaxValue));
}
