using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Persistence;

namespace GenApi.Core.Generations.Access;

/// <summary>
/// Who sees which generation, and with it its images: the account that made it, every account that was answered with it, and administrators. For
/// everybody else it is not there.
/// </summary>
public sealed class GenerationAccess
{
    private readonly GenerationReader _reader;
    private readonly GenerationGrants _grants;
    private readonly ApiKeys _keys;

    internal GenerationAccess(GenerationReader reader, GenerationGrants grants, ApiKeys keys) => (_reader, _grants, _keys) = (reader, grants, keys);

    /// <summary>From memory when it was asked before.</summary>
    public ValueTask<bool> SeesAsync(Caller caller, Guid generationId, CancellationToken cancellationToken) =>
        caller.SeesAll || _grants.IsKnown(caller.AccountId, generationId) ? new(true) : new(LookAsync(caller, generationId, cancellationToken));

    /// <summary>Lists are made of rows: what the account was given a moment ago becomes one first.</summary>
    internal async Task SettleAsync(Guid account, CancellationToken cancellationToken)
    {
        if (!_grants.HasUnsaved(account))
            return;
        try
        {
            await _grants.SaveAsync(cancellationToken);
        }
        catch (GenApiException)
        {
            // A disk that takes nothing is no reason to list nothing; the keeper tries again and says so.
        }
    }

    /// <returns>Null when there is none that the caller sees.</returns>
    internal async Task<GenerationDetails?> FindAsync(Caller caller, Guid generationId, CancellationToken cancellationToken)
    {
        if (caller.SeesAll || _grants.IsKnown(caller.AccountId, generationId))
            return await _reader.FindAsync(generationId, cancellationToken);
        var version = _grants.Version;
        var details = await _reader.FindAsync(generationId, caller.AccountId, cancellationToken);
        if (details is not null)
            _grants.Remember(caller.AccountId, generationId, version);
        return details;
    }

    /// <summary>
    /// In the writer's transaction: what the caller may do to it. An account that was only given it acts on the generation itself when
    /// no other account sees it.
    /// </summary>
    internal async Task<AccessLevel> ReachAsync(GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        if (caller.SeesAll || generation.IsOwnOf(caller.AccountId))
            return AccessLevel.Thing;
        return await _grants.HasAsync(db, caller.AccountId, generation, cancellationToken)
            ? await OfOneOfManyAsync(db, caller, generation, cancellationToken)
            : AccessLevel.Nothing;
    }

    /// <summary>
    /// The same for ending it. While it is unfinished, the account that made it is one of those that wait for it: it ends its own part,
    /// and the run ends with the last of them.
    /// </summary>
    internal async Task<AccessLevel> ReachToEndAsync(
        GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        var reach = await ReachAsync(db, caller, generation, cancellationToken);
        return reach == AccessLevel.Thing && !caller.SeesAll && !generation.Status.IsTerminal()
            ? await OfOneOfManyAsync(db, caller, generation, cancellationToken)
            : reach;
    }

    /// <summary>
    /// A revoked key does not count as another; an account without a key does, since the administrators see what was made there.
    /// </summary>
    private async Task<AccessLevel> OfOneOfManyAsync(
        GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        IEnumerable<Guid> accounts = await _grants.HoldersAsync(db, generation, cancellationToken);
        if (generation.OwnerLeftAt is null)
            accounts = accounts.Append(generation.OwnerId);
        return accounts.All(account => account == caller.AccountId || _keys.IsRevoked(account)) ? AccessLevel.Thing : AccessLevel.OwnView;
    }

    private async Task<bool> LookAsync(Caller caller, Guid generationId, CancellationToken cancellationToken) =>
        await FindAsync(caller, generationId, cancellationToken) is not null;
}

/// <summary>How far the acts of a caller go on one generation.</summary>
internal enum AccessLevel
{
    /// <summary>It does not see it.</summary>
    Nothing,

    /// <summary>It can stop seeing it.</summary>
    OwnView,

    /// <summary>It can end it and take it away from everybody.</summary>
    Thing,
}
