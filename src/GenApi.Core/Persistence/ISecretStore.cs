using GenApi.Core.Errors;

namespace GenApi.Core.Persistence;

/// <summary>
/// Stores the secrets that the service makes for itself: files of the data directory, or encrypted rows where several instances share a
/// database. All instances of a store get the same secrets.
/// </summary>
public interface ISecretStore
{
    /// <summary>Reads a secret, and makes it where there is none. Of several processes that make it at once, all get the same.</summary>
    /// <param name="name">The name, also in messages.</param>
    /// <param name="section">The section of the settings, for messages.</param>
    /// <param name="make">Makes a new secret, as ASCII text.</param>
    /// <exception cref="SettingException">It can't be read or made.</exception>
    string ReadOrMake(string name, string section, Func<string> make);

    /// <summary>Returns whether there is a secret of this name.</summary>
    bool Has(string name);

    /// <summary>
    /// Replaces a secret in the writer's transaction, and makes it where there is none. Readers see the old one or the new one.
    /// </summary>
    /// <param name="db">The context of the transaction.</param>
    /// <param name="name">The name.</param>
    /// <param name="secret">The new secret, as ASCII text.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="GenApiException">StorageUnavailable: it can't be written; the old secret stays.</exception>
    Task ReplaceAsync(GenApiDbContext db, string name, string secret, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a number that changes when any process replaces the secret, at the latest a second later. It takes some microseconds.
    /// </summary>
    long VersionOf(string name);

    /// <summary>Drops what is remembered of a secret: it was replaced just now.</summary>
    void Forget(string name);

    /// <summary>Names the place of a secret, for messages: <c>the file 'name' in the data directory</c>.</summary>
    string PlaceOf(string name);
}
