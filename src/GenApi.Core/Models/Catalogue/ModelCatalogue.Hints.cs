using System.Collections.Concurrent;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Finds hints for a caller who named the wrong model or input.</summary>
public sealed partial class ModelCatalogue
{
    /// <summary>The time that a refusal may wait for models that no one has used yet.</summary>
    private static readonly TimeSpan HintPatience = TimeSpan.FromSeconds(2);

    /// <summary>The pause after a failed question, so that repeated mistakes do not wait for the same failure each time.</summary>
    private static readonly TimeSpan HintPause = TimeSpan.FromSeconds(30);

    /// <summary>More versions than callers look at; the others are still named in full.</summary>
    private const int MostShown = 10_000;

    private readonly ConcurrentDictionary<string, string> _shown = new(StringComparer.Ordinal);

    private long _noHintsBefore;

    /// <summary>
    /// Remembers the versions of a model that a caller was shown, since clients of the upstream run a version without naming its model.
    /// </summary>
    /// <param name="model">The model that has the versions.</param>
    /// <param name="isOfficial">Whether it runs by its name, whatever the version.</param>
    /// <param name="versions">The ids of its versions.</param>
    internal void Shown(ModelReference model, bool isOfficial, IEnumerable<string> versions)
    {
        if (_shown.Count >= MostShown)
            _shown.Clear();
        foreach (var version in versions.Select(each => each.ToLowerInvariant()).Where(ModelReference.IsVersion))
            _shown[version] = isOfficial ? model.Unpinned.ToString() : (model with { Version = version }).ToString();
    }

    /// <summary>
    /// Finds a name that a caller can write for a version: an alias that pins it, or a model in memory that has it. A version that a
    /// caller was shown has a name too. Null if none is known here; the upstream is not asked.
    /// </summary>
    internal string? NameOfVersion(string version)
    {
        version = version.ToLowerInvariant();
        if (_aliases.Values.FirstOrDefault(each => each.Slot.Reference.Version == version) is { } alias)
            return alias.Alias;
        var model = _slots.Values.Select(slot => slot.Known?.Model).FirstOrDefault(known => known?.Version == version);
        return model is not null ? $"{model.Reference}:{version}" : _shown.GetValueOrDefault(version);
    }

    /// <summary>
    /// Finds an alias whose model fits, the default model's first. It asks the upstream about models that no one has used yet, for at most
    /// two seconds.
    /// </summary>
    /// <param name="fits">Checks what a model accepts.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Null if none fits, or the upstream could not be asked.</returns>
    internal async Task<string?> FindAliasAsync(Func<ResolvedModel, bool> fits, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(HintPatience, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var mayAsk = _clock.Now.UtcTicks >= Volatile.Read(ref _noHintsBefore);
        var aliases = _aliases.Values.Where(each => mayAsk || each.Slot.Known is not null)
            .OrderBy(each => each.Alias.Equals(_options.Default, StringComparison.OrdinalIgnoreCase) ? 0 : 1)
            .ThenBy(each => each.Slot.Known is null ? 1 : 0).ThenBy(each => each.Alias, StringComparer.Ordinal);
        foreach (var alias in aliases)
        {
            try
            {
                if (fits(alias.Slot.Known is { } known ? alias.Named(known) : await LearnAsync(alias, linked.Token)))
                    return alias.Alias;
            }
            catch (GenApiException gone) when (gone.Kind == ErrorKind.UnknownModel)
            {
                // The next alias may fit.
            }
            catch (Exception failure) when (failure is GenApiException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Volatile.Write(ref _noHintsBefore, (_clock.Now + HintPause).UtcTicks);
                return null;
            }
        }
        return null;
    }

    private GenApiException UnknownAlias(string alias)
    {
        if (!ModelReference.IsVersion(alias))
            return Unknown(alias, $"there is no alias '{alias}'");
        var name = NameOfVersion(alias) ?? $"owner/name:{alias}";
        return GenApiException.ForMember(
            ErrorKind.UnknownModel, ModelReference.Member, $"a version alone does not identify a model. Write {name}.");
    }
}
