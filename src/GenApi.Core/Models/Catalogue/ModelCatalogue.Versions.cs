using GenApi.Core.Errors;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Finds the model of a version that is named alone, as the clients of Replicate name it.</summary>
public sealed partial class ModelCatalogue
{
    /// <summary>The most models that are asked whether a version is theirs: those of the aliases first, then those read last.</summary>
    private const int MostAsked = 32;

    private const int AskedAtOnce = 8;

    /// <summary>A search makes some thirty calls to the upstream, so the next one waits this long.</summary>
    private static readonly TimeSpan SearchPause = TimeSpan.FromSeconds(2);

    /// <summary>The most versions that wait for their search; callers of the same version share one.</summary>
    private const int MostWaiting = 4;

    private readonly Lock _order = new();
    private readonly Dictionary<string, Task<string?>> _searches = new(StringComparer.Ordinal);
    private Task _lastSearch = Task.CompletedTask;
    private DateTimeOffset _noSearchBefore;

    /// <summary>
    /// Returns the name to resolve for what a caller of a door named. If callers may name aliases only, it is the alias that stands for
    /// exactly this model.
    /// </summary>
    /// <param name="text">A version alone, or any form of <see cref="ModelReference"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// UnknownModel: no model with this version is known, or callers may not name it. Overloaded, transient: too many versions are being
    /// searched. Also any failure to ask the upstream.
    /// </exception>
    internal async Task<string> NameForAsync(string text, CancellationToken cancellationToken)
    {
        if (!ModelReference.IsVersion(text))
        {
            return !_options.AllowAny && ModelReference.TryParse(text, out var named) && AliasOf(named) is { } alias ? alias : text;
        }
        var version = text.ToLowerInvariant();
        if (!_options.AllowAny)
            return _aliases.Values.FirstOrDefault(each => each.Slot.Reference.Version == version)?.Alias ?? throw NoAliasOf(version);
        return NameOfVersion(version) ?? await _source.FindNameAsync(version, cancellationToken)
            ?? await SearchAsync(version).WaitAsync(cancellationToken) ?? throw UnknownVersion(version);
    }

    /// <summary>
    /// Returns whether the output of a model is a file or a list of files, by its description in memory; null: nothing is known there.
    /// </summary>
    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">64 hexadecimal digits, or null.</param>
    internal bool? MakesFiles(string model, string? version) =>
        (version is not null && _slots.TryGetValue($"{model}:{version}", out var pinned) ? pinned.Known : null)?.Model.MakesFiles
        ?? (_slots.TryGetValue(model, out var slot) ? slot.Known : null)?.Model.MakesFiles;

    private string? AliasOf(ModelReference reference) =>
        reference.IsAlias ? null : _aliases.Values.FirstOrDefault(each => each.Slot.Reference == reference)?.Alias;

    /// <summary>
    /// Joins the search for the version, or begins one after those that wait already. A caller that leaves does not end it, because others
    /// may wait for it too.
    /// </summary>
    private Task<string?> SearchAsync(string version)
    {
        lock (_order)
        {
            if (_searches.TryGetValue(version, out var search))
                return search;
            if (_unknownUntil.TryGetValue(version, out var until) && _clock.Now < until)
                return Task.FromResult<string?>(null);
            // One of them is being worked on.
            if (_searches.Count > MostWaiting)
                throw TooManySearches(version);
            search = SearchAfterAsync(_lastSearch, version);
            _lastSearch = search;
            _searches.Add(version, search);
            return search;
        }
    }

    /// <summary>Searches one version after the other.</summary>
    private async Task<string?> SearchAfterAsync(Task before, string version)
    {
        // Never runs in its caller, which holds the lock.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        try
        {
            // Another search may have read it meanwhile.
            if (NameOfVersion(version) is { } found)
                return found;
            if (_noSearchBefore - _clock.Now is var pause && pause > TimeSpan.Zero)
                await Task.Delay(pause, _clock);
            _noSearchBefore = _clock.Now + SearchPause;
            var name = await AskForAsync(version, CancellationToken.None);
            if (name is null)
                _unknownUntil[version] = _clock.Now + RememberUnknown;
            return name;
        }
        finally
        {
            lock (_order)
                _searches.Remove(version);
        }
    }

    /// <summary>
    /// Asks the known models whether the version is theirs, because the upstream finds no version by itself. Then it looks at the account's
    /// latest runs.
    /// </summary>
    private async Task<string?> AskForAsync(string version, CancellationToken cancellationToken)
    {
        var aliases = _aliases.Values.Select(each => each.Slot.Reference.Unpinned.ToString());
        var models = aliases.Concat(await _source.ListNamesAsync(MostAsked, cancellationToken)).Distinct().Take(MostAsked);
        return await FirstWithAsync(models, version, cancellationToken) ?? await _source.FindRunAsync(version, cancellationToken);
    }

    private async Task<string?> FirstWithAsync(IEnumerable<string> models, string version, CancellationToken cancellationToken)
    {
        string? found = null;
        await Parallel.ForEachAsync(
            models, new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken },
            async (model, token) =>
            {
                if (Volatile.Read(ref found) is not null)
                    return;
                try
                {
                    await ResolveAsync($"{model}:{version}", token);
                    Volatile.Write(ref found, $"{model}:{version}");
                }
                catch (GenApiException other) when (other.Kind == ErrorKind.UnknownModel)
                {
                    // It is no version of this model.
                }
            });
        return found;
    }

    private static GenApiException TooManySearches(string version) => new(
        ErrorKind.Overloaded,
        $"Too many versions are being searched now. Repeat the request in a moment, or write owner/name:{version}, which needs no search.")
    {
        RetryAfter = SearchPause,
        IsTransient = true,
    };

    private static GenApiException NoAliasOf(string version) => GenApiException.ForMember(
        ErrorKind.UnknownModel, ModelReference.Member,
        $"only aliases may be named here, and none stands for the version {version}. GET /models lists the aliases.");

    private static GenApiException UnknownVersion(string version) => GenApiException.ForMember(
        ErrorKind.UnknownModel, ModelReference.Member,
        $"no model with the version {version} is known here. Write owner/name:{version}, which needs no search.");
}
