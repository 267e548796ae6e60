using System.Collections.Concurrent;
using System.Collections.Frozen;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// Resolves the model that a caller names, and what it accepts. Known models are answered from memory, after a restart from the database,
/// and stay usable while the upstream can't be asked. <see cref="ModelRefresher"/> keeps them up to date.
/// </summary>
public sealed partial class ModelCatalogue
{
    /// <summary>More than anyone uses; the rest is in the database.</summary>
    internal const int MostInMemory = 2_000;

    /// <summary>A repeated typo asks the upstream only once in this time; a model published a moment ago is found after it.</summary>
    internal static readonly TimeSpan RememberUnknown = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RetryRefreshAfter = TimeSpan.FromMinutes(5);

    /// <summary>A model that no one has used for this long is not refreshed.</summary>
    private static readonly TimeSpan RefreshWhileUsed = TimeSpan.FromDays(1);

    /// <summary>The number of aliases that a refusal suggests.</summary>
    private const int MostHints = 3;

    private readonly ModelOptions _options;
    private readonly ModelSource _source;
    private readonly SteadyClock _clock;
    private readonly ILogger _logger;
    private readonly FrozenDictionary<string, AliasSlot> _aliases;
    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _unknownUntil = new(StringComparer.Ordinal);

    public ModelCatalogue(IOptions<ModelOptions> options, ModelSource source, SteadyClock clock, ILogger<ModelCatalogue> logger)
    {
        _options = options.Value;
        _source = source;
        _clock = clock;
        _logger = logger;
        _aliases = _options.Aliases.ToFrozenDictionary(
            alias => alias.Key,
            alias =>
            {
                var reference = ModelReference.Parse(alias.Value.Model);
                return new AliasSlot(alias.Key, _slots.GetOrAdd(reference.ToString(), _ => new ModelSlot(reference, true)));
            },
            StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="reference">A form of <see cref="ModelReference"/>; null: the configured default.</param>
    /// <param name="cancellationToken">Cancels the wait; a question already sent upstream is completed.</param>
    /// <exception cref="GenApiException">
    /// InvalidRequest: it has none of the forms. UnknownModel: there is no such model or version, or callers may not name it. For a model
    /// seen for the first time also any failure to ask the upstream.
    /// </exception>
    public ValueTask<ResolvedModel> ResolveAsync(string? reference, CancellationToken cancellationToken)
    {
        var text = reference ?? _options.Default;
        if (_aliases.TryGetValue(text, out var alias))
        {
            alias.Slot.Use(_clock.Now);
            return alias.Slot.Known is { } known ? new(alias.Named(known)) : new(LearnAsync(alias, cancellationToken));
        }
        if (_options.AllowAny && _slots.TryGetValue(text, out var slot) && slot.Known is { } learnt)
        {
            slot.Use(_clock.Now);
            return new(learnt.Model);
        }
        return new(LearnAsync(text, cancellationToken));
    }

    /// <summary>Every alias with the model it stands for.</summary>
    internal IEnumerable<(string Alias, ModelReference Reference)> Aliases =>
        _aliases.Values.Select(alias => (alias.Alias, alias.Slot.Reference));

    /// <summary>Returns what a caller's text refers to: the target of an alias, or the model itself.</summary>
    /// <exception cref="GenApiException">
    /// InvalidRequest: it has none of the forms of a reference. UnknownModel: there is no such alias.
    /// </exception>
    internal ModelReference ReferenceOf(string text)
    {
        if (_aliases.TryGetValue(text, out var alias))
            return alias.Slot.Reference;
        var reference = ModelReference.Parse(text);
        if (!reference.IsAlias)
            return reference;
        return _aliases.TryGetValue(reference.Name, out alias) ? alias.Slot.Reference : throw UnknownAlias(reference.Name);
    }

    /// <summary>Returns what a model that was run accepts, from memory or the database; the upstream is not asked.</summary>
    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">The version that was run; null: run by its name.</param>
    /// <param name="cancellationToken">Cancels the wait for the database.</param>
    /// <returns><see cref="InputSchema.Unknown"/> if it is not known, or only for another version.</returns>
    internal async ValueTask<InputSchema> InputOfAsync(string model, string? version, CancellationToken cancellationToken)
    {
        // If no caller named the version, it is the one that the model had when it was last read.
        string[] references = version is null ? [model] : [$"{model}:{version}", model];
        foreach (var text in references)
        {
            var known = _slots.TryGetValue(text, out var slot) ? slot.Known : null;
            known ??= await _source.LoadAsync(ModelReference.Parse(text), cancellationToken);
            if (known is not null && known.Model.Version == version)
                return known.Model.Input;
        }
        return InputSchema.Unknown;
    }

    /// <summary>Makes sure that the description of a model has been read; callers can't name models through this.</summary>
    /// <param name="model">Without a version.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    internal async Task DescribeAsync(ModelReference model, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd(model.ToString(), _ => new ModelSlot(model, false));
        slot.Use(_clock.Now);
        var known = await slot.AskAsync(LearnOnceAsync).WaitAsync(cancellationToken);
        if (!known.IsDescribed)
            slot.Known = await FetchAsync(model, cancellationToken);
        TrimIfFull();
    }

    /// <summary>
    /// Reads models again that may have changed upstream. It stops at the first failure, because the next question would fail too.
    /// </summary>
    internal async Task RefreshDueAsync(CancellationToken cancellationToken, bool isShared = false)
    {
        var now = _clock.Now;
        var fresh = now - TimeSpan.FromMinutes(_options.RefreshMinutes);
        var due = _slots.Values
            .Where(slot => slot.Reference.Version is null
                && slot.Known is { } known && known.FetchedAt <= fresh
                && now - slot.UsedAt < RefreshWhileUsed && slot.NoRefreshBefore <= now)
            .OrderBy(slot => slot.Known?.FetchedAt)
            .ToList();
        foreach (var slot in due)
        {
            try
            {
                var stored = isShared ? await _source.LoadAsync(slot.Reference, cancellationToken) : null;
                slot.Known = stored?.FetchedAt > fresh ? stored : await FetchAsync(slot.Reference, cancellationToken);
            }
            catch (GenApiException gone) when (gone.Kind == ErrorKind.UnknownModel)
            {
                Log.Gone(_logger, slot.Reference.ToString());
                await ForgetAsync(slot, cancellationToken);
            }
            catch (GenApiException failure)
            {
                Log.NotRefreshed(_logger, slot.Reference.ToString(), failure.Code, failure);
                slot.NoRefreshBefore = now + RetryRefreshAfter;
                return;
            }
        }
    }

    private async Task<ResolvedModel> LearnAsync(AliasSlot alias, CancellationToken cancellationToken) =>
        alias.Named(await alias.Slot.AskAsync(LearnOnceAsync).WaitAsync(cancellationToken));

    private async Task<ResolvedModel> LearnAsync(string text, CancellationToken cancellationToken)
    {
        var reference = ModelReference.Parse(text);
        if (reference.IsAlias)
        {
            if (_aliases.TryGetValue(reference.Name, out var alias))
                return await LearnAsync(alias, cancellationToken);
            throw UnknownAlias(reference.Name);
        }
        if (!_options.AllowAny)
            throw Unknown(reference.Name, "only aliases may be named here");
        var slot = _slots.GetOrAdd(reference.ToString(), _ => new ModelSlot(reference, false));
        slot.Use(_clock.Now);
        var known = await slot.AskAsync(LearnOnceAsync).WaitAsync(cancellationToken);
        TrimIfFull();
        return known.Model;
    }

    private async Task<KnownModel> LearnOnceAsync(ModelSlot slot)
    {
        try
        {
            return await LookUpAsync(slot);
        }
        catch
        {
            // Keyed by the question, not by the caller: a caller who leaves early must not cancel it for the others.
            Drop(slot);
            throw;
        }
    }

    private async Task<KnownModel> LookUpAsync(ModelSlot slot)
    {
        var text = slot.Reference.ToString();
        if (_unknownUntil.TryGetValue(text, out var until) && _clock.Now < until)
            throw UnknownUpstream(slot.Reference);
        if (await _source.LoadAsync(slot.Reference, CancellationToken.None) is { } known)
            return known;
        try
        {
            return await FetchAsync(slot.Reference, CancellationToken.None);
        }
        catch (GenApiException unknown) when (unknown.Kind == ErrorKind.UnknownModel)
        {
            // Forgetting too early costs one question each; remembering without a bound would cost memory.
            if (_unknownUntil.Count >= MostInMemory)
                _unknownUntil.Clear();
            _unknownUntil[text] = _clock.Now + RememberUnknown;
            throw UnknownUpstream(slot.Reference);
        }
    }

    private async Task<KnownModel> FetchAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var entry = await _source.FetchAsync(reference, cancellationToken);
        var known = _source.Known(entry);
        try
        {
            await _source.SaveAsync(entry, cancellationToken);
        }
        catch (GenApiException storage) when (IsStorage(storage))
        {
            // The row only helps after a restart; the answer is in memory.
            Log.NotKept(_logger, entry.Reference, storage);
        }
        return known;
    }

    private async Task ForgetAsync(ModelSlot slot, CancellationToken cancellationToken)
    {
        slot.Known = null;
        Drop(slot);
        try
        {
            await _source.ForgetAsync(slot.Reference, cancellationToken);
        }
        catch (GenApiException storage) when (IsStorage(storage))
        {
            Log.NotKept(_logger, slot.Reference.ToString(), storage);
        }
    }

    private static bool IsStorage(GenApiException failure) => failure.Kind is ErrorKind.StorageFull or ErrorKind.StorageUnavailable;

    private void TrimIfFull()
    {
        if (_slots.Count <= MostInMemory)
            return;
        foreach (var slot in _slots.Values.Where(slot => !slot.IsConfigured).OrderBy(slot => slot.UsedAt).Take(MostInMemory / 4))
            Drop(slot);
    }

    /// <summary>Removes a model from memory, unless an alias stands for it.</summary>
    private void Drop(ModelSlot slot)
    {
        if (!slot.IsConfigured)
            _slots.TryRemove(KeyValuePair.Create(slot.Reference.ToString(), slot));
    }

    private GenApiException UnknownUpstream(ModelReference reference) =>
        Unknown(reference.Name, $"the upstream has no {(reference.Version is null ? "model" : "version")} '{reference}' that it can run");

    private GenApiException Unknown(string text, string sentence)
    {
        var nearest = NearestName.Closest(text, _aliases.Keys, MostHints);
        var hint = nearest.Count == 0 ? "" : $" The nearest aliases: {string.Join(", ", nearest)}.";
        return GenApiException.ForMember(ErrorKind.UnknownModel, ModelReference.Member, $"{sentence}.{hint}");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Model {Reference} could not be refreshed ({Code}); GenApi keeps using what it knows")]
        public static partial void NotRefreshed(ILogger logger, string reference, string code, Exception failure);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Reference} is gone at the upstream")]
        public static partial void Gone(ILogger logger, string reference);

        [LoggerMessage(Level = LogLevel.Warning, Message = "What the upstream said about model {Reference} could not be stored")]
        public static partial void NotKept(ILogger logger, string reference, Exception failure);
    }
}
