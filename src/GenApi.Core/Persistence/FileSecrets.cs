using GenApi.Core.Persistence.Files;

namespace GenApi.Core.Persistence;

/// <summary>The secrets of a store that one process uses: files next to the database. So a secret is in no copy of the database.</summary>
internal sealed class FileSecrets(DataDirectory directory) : ISecretStore
{
    public string ReadOrMake(string name, string section, Func<string> make) => SecretFile.ReadOrMake(directory, name, section, make);

    public bool Has(string name) => File.Exists(directory.PathOf(name));

    public Task ReplaceAsync(GenApiDbContext db, string name, string secret, CancellationToken cancellationToken)
    {
        SecretFile.Replace(directory, name, secret);
        return Task.CompletedTask;
    }

    /// <summary>Returns the time of the file, which another process may have replaced.</summary>
    public long VersionOf(string name) => File.GetLastWriteTimeUtc(directory.PathOf(name)).Ticks;

    public void Forget(string name)
    {
    }

    public string PlaceOf(string name) => $"the file '{name}' in the data directory";
}
