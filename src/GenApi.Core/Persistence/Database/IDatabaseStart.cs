using GenApi.Core.Errors;

namespace GenApi.Core.Persistence.Database;

/// <summary>Prepares the database for a service or a verb.</summary>
internal interface IDatabaseStart
{
    /// <summary>Makes the database usable: its schema has all migrations afterwards.</summary>
    /// <exception cref="SettingException">It can't be used. It was left unchanged.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Returns whether there is a store. It makes nothing.</summary>
    /// <exception cref="SettingException">The database can't be reached.</exception>
    Task<bool> HasStoreAsync(CancellationToken cancellationToken);

    /// <summary>Takes the store for this process alone, where that is possible.</summary>
    /// <returns>False where a service uses it, and has prepared it.</returns>
    bool TryTake();

    /// <summary>Describes the place of the store, for the message that there is none.</summary>
    string Missing { get; }
}
