using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Moving;

/// <summary>
/// Moves the secrets that the service has made for itself, so that links, cursors, sessions and signatures stay valid: from files of the
/// data directory to encrypted rows, or back. Files stay where they are.
/// </summary>
internal sealed class SecretMove(
    GenApiDbContext from, ISecretStore source, GenApiDbContext into, ISecretStore target, DataDirectory directory, TimeProvider time)
{
    /// <summary>The keys of browser sessions: one secret each in the database, one file each in this folder.</summary>
    private const string Sessions = "session-keys/", Ending = ".xml";

    private static readonly string[] Names =
    [
        WebhookSecrets.RootFile, WebhookSecrets.SigningFile, WebhookSecrets.AddressFile, PageCursors.KeyFile, ImageLinks.KeyFile,
        LastingLinks.KeyFile,
    ];

    /// <summary>Moves all secrets and reads them back.</summary>
    /// <returns>The number of secrets.</returns>
    /// <exception cref="SettingException">A secret can't be read or stored.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var names = Names.Where(source.Has).Concat(from.IsServer ? await SessionRowsAsync(cancellationToken) : SessionFiles()).ToList();
        into.SetNow(time.GetUtcNow());
        foreach (var name in names)
        {
            var secret = Read(source, from, name);
            await target.ReplaceAsync(into, NameIn(into, name), secret, cancellationToken);
            target.Forget(NameIn(into, name));
            if (Read(target, into, name) != secret)
            {
                throw new GenApiException(
                    ErrorKind.StorageUnavailable, $"{target.PlaceOf(NameIn(into, name))} is not what was stored. Run the move again.");
            }
        }
        into.SetNow(null);
        return names.Count;
    }

    private static string Read(ISecretStore store, GenApiDbContext db, string name) =>
        store.ReadOrMake(NameIn(db, name), "move", static () => throw new InvalidOperationException("The secret is there.")).Trim();

    private static string NameIn(GenApiDbContext db, string name) =>
        !db.IsServer && name.StartsWith(Sessions, StringComparison.Ordinal) ? name + Ending : name;

    private Task<List<string>> SessionRowsAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory.PathOf(Sessions));
        return from.Set<StoredSecret>().Where(secret => secret.Name.StartsWith(Sessions)).OrderBy(secret => secret.Name)
            .Select(secret => secret.Name).ToListAsync(cancellationToken);
    }

    private List<string> SessionFiles() => Directory.Exists(directory.PathOf(Sessions))
        ? [.. Directory.EnumerateFiles(directory.PathOf(Sessions), "*" + Ending).Order(StringComparer.Ordinal)
            .Select(path => Sessions + Path.GetFileNameWithoutExtension(path))]
        : [];
}
