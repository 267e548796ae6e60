using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;

namespace GenApi.Core.Models.Catalogue;

/// <summary>One model in memory: what is known of it, and the one question about it that may be under way.</summary>
internal sealed class ModelSlot(ModelReference reference, bool isConfigured)
{
    private readonly Lock _gate = new();
    private volatile KnownModel? _known;
    private Task<KnownModel>? _question;
    private long _usedAt;

    public ModelReference Reference { get; } = reference;

    /// <summary>Behind an alias: stays in memory.</summary>
    public bool IsConfigured { get; } = isConfigured;

    /// <summary>Null: not learnt yet, or gone.</summary>
    public KnownModel? Known
    {
        get => _known;
        set => _known = value;
    }

    /// <summary>By the <see cref="Persistence.SteadyClock"/>, as all times here.</summary>
    public DateTimeOffset UsedAt => new(Interlocked.Read(ref _usedAt), TimeSpan.Zero);

    /// <summary>After a refresh that failed; only the refresher looks.</summary>
    public DateTimeOffset NoRefreshBefore { get; set; }

    /// <summary>To the minute, so that a much used model is not written to by every request.</summary>
    public void Use(DateTimeOffset now)
    {
        if (now.UtcTicks - Interlocked.Read(ref _usedAt) > TimeSpan.TicksPerMinute)
            Interlocked.Exchange(ref _usedAt, now.UtcTicks);
    }

    /// <summary>Many callers, one question. It is seen through even when the caller who began it goes away.</summary>
    public Task<KnownModel> AskAsync(Func<ModelSlot, Task<KnownModel>> ask)
    {
        lock (_gate)
            return _question ??= Task.Run(() => RunAsync(ask));
    }

    private async Task<KnownModel> RunAsync(Func<ModelSlot, Task<KnownModel>> ask)
    {
        try
        {
            return _known ??= await ask(this);
        }
        finally
        {
            lock (_gate)
                _question = null;
        }
    }
}

/// <summary>A short name and the model behind it, with the answer ready made.</summary>
internal sealed class AliasSlot(string alias, ModelSlot slot)
{
    private volatile Answer? _answer;

    public string Alias { get; } = alias;

    public ModelSlot Slot { get; } = slot;

    public ResolvedModel Named(KnownModel known)
    {
        var answer = _answer;
        if (answer?.Of != known)
            _answer = answer = new Answer(known, known.Model with { Alias = Alias });
        return answer.Model;
    }

    private sealed class Answer(KnownModel of, ResolvedModel model)
    {
        public KnownModel Of => of;

        public ResolvedModel Model => model;
    }
}
