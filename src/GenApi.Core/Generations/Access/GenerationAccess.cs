using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Persistence;

namespace GenApi.Core.Generations.Access;

/// <summary>
/// Decides who sees which generation, and with it its images: the account that made it, every account that was answered with it, and
/// administrators. For everybody else it does not exist.
/// </summary>
internal sealed class GenerationAccess(GenerationReader reader, GenerationGrants grants, ApiKeys keys)
{
    /// <summary>Returns whether the caller sees the generation. The answer comes from memory if it was asked before.</summary>
    public ValueTask<bool> SeesAsync(Caller caller, Guid generationId, CancellationToken cancellationToken) =>
        caller.SeesAll || grants.IsKnown(caller.AccountId, generationId)
            ? new(true)
            : new(ReadAsync(caller, generationId, cancellationToken));

    /// <summary>Saves what the account was given a moment ago, because lists are read from rows.</summary>
    public async Task SaveGrantsAsync(Guid account, CancellationToken cancellationToken)
    {
        if (!grants.HasUnsaved(account))
            return;
        try
        {
            await grants.SaveAsync(cancellationToken);
        }
        catch (GenApiException)
        {
            // A full disk is no reason to list nothing. The keeper of grants tries again and logs the fault.
        }
    }

    /// <returns>Null when there is none that the caller sees.</returns>
    public async Task<GenerationDetails?> FindAsync(Caller caller, Guid generationId, CancellationToken cancellationToken)
    {
        if (caller.SeesAll || grants.IsKnown(caller.AccountId, generationId))
            return await reader.FindAsync(generationId, cancellationToken);
        var version = grants.Version;
        var details = await reader.FindAsync(generationId, caller.AccountId, cancellationToken);
        if (details is not null)
            grants.Remember(caller.AccountId, generationId, version);
        return details;
    }

    /// <summary>
    /// Reads, in the writer's transaction, what the caller may do to a generation. An account that was only given it acts on the generation
    /// itself when no other account sees it.
    /// </summary>
    public async Task<AccessLevel> LevelAsync(
        GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        if (caller.SeesAll || generation.IsOwnOf(caller.AccountId))
            return AccessLevel.Full;
        return await grants.HasAsync(db, caller.AccountId, generation, cancellationToken)
            ? await LevelOfOneAsync(db, caller, generation, cancellationToken)
            : AccessLevel.None;
    }

    /// <summary>
    /// Reads the same for ending it. While it is unfinished, the account that made it is one of those that wait for it. It ends its own
    /// part, and the run ends with the last of them.
    /// </summary>
    public async Task<AccessLevel> LevelToEndAsync(
        GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        var level = await LevelAsync(db, caller, generation, cancellationToken);
        return level == AccessLevel.Full && !caller.SeesAll && !generation.Status.IsTerminal()
            ? await LevelOfOneAsync(db, caller, generation, cancellationToken)
            : level;
    }

    /// <summary>
    /// The level of one of the accounts that see it. A revoked key does not count as another account. An account without a key does, since
    /// administrators see what was made there.
    /// </summary>
    private async Task<AccessLevel> LevelOfOneAsync(
        GenApiDbContext db, Caller caller, Generation generation, CancellationToken cancellationToken)
    {
        IEnumerable<Guid> accounts = await grants.HoldersAsync(db, generation, cancellationToken);
        if (generation.OwnerLeftAt is null)
            accounts = accounts.Append(generation.OwnerId);
        return accounts.All(account => account == caller.AccountId || keys.IsRevoked(account)) ? AccessLevel.Full : AccessLevel.OwnView;
    }

    private async Task<bool> ReadAsync(Caller caller, Guid generationId, CancellationToken cancellationToken) =>
        await FindAsync(caller, generationId, cancellationToken) is not null;
}

/// <summary>The extent of a caller's rights over one generation.</summary>
internal enum AccessLevel
{
    /// <summary>The caller does not see it.</summary>
    None,

    /// <summary>The caller can remove it from its own view only.</summary>
    OwnView,

    /// <summary>The caller can end it and delete it for everybody.</summary>
    Full,
}
