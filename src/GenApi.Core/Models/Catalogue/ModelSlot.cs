using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Catalogue;

/// <summary>One model in memory: what is known about it, and the one question about it that may be under way.</summary>
internal sealed class ModelSlot(ModelReference reference, bool isConfigured)
{
    private readonly Lock _gate = new();
    private volatile KnownModel? _known;
    private Task<KnownModel>? _question;
    private long _usedAt;

    public ModelReference Reference { get; } = reference;

    /// <summary>True if an alias stands for the model, so that the slot stays in memory.</summary>
    public bool IsConfigured { get; } = isConfigured;

    /// <summary>Null: not known yet, or gone.</summary>
    public KnownModel? Known
    {
        get => _known;
        set => _known = value;
    }

    /// <summary>By the <see cref="Persistence.SteadyClock"/>, like all times here.</summary>
    public DateTimeOffset UsedAt => new(Interlocked.Read(ref _usedAt), TimeSpan.Zero);

    /// <summary>Set after a failed refresh; only the refresher reads it.</summary>
    public DateTimeOffset NoRefreshBefore { get; set; }

    /// <summary>Records a use, to the minute, so that not every request writes to a busy model.</summary>
    public void Use(DateTimeOffset now)
    {
        if (now.UtcTicks - Interlocked.Read(ref _usedAt) > TimeSpan.TicksPerMinute)
            Interlocked.Exchange(ref _usedAt, now.UtcTicks);
    }

    /// <summary>Shares one question among many callers. It is completed even if the caller who began it leaves.</summary>
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

/// <summary>A short name and its model, with the answer prepared.</summary>
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
