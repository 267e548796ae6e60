using System.Xml.Linq;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Postgres;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace GenApi.Accounts.Sessions;

/// <summary>
/// Stores the keys that encrypt session cookies in the database that several instances share, encrypted like every secret there. So a
/// browser may sign in at one instance and go on at another.
/// </summary>
internal sealed class SessionKeyRows(DatabaseSecrets secrets) : IXmlRepository
{
    private const string Prefix = SessionKeyFiles.Folder + "/";

    /// <summary>Reads all keys.</summary>
    public IReadOnlyCollection<XElement> GetAllElements() => [.. secrets.ReadAll(Prefix).Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName) =>
        secrets.ReadOrMake(Prefix + friendlyName, SecretOptions.Section, element.ToString);

    /// <summary>
    /// Makes the first key before the doors open. Instances that start together would make one each, and each would refuse the cookies of
    /// the others until it reads the keys again, a day later.
    /// </summary>
    internal sealed class FirstKey(IServiceProvider services) : IPreparation
    {
        public Task PrepareAsync(CancellationToken cancellationToken)
        {
            if (!PersistenceRegistration.IsPostgres(services))
                return Task.CompletedTask;
            return services.GetRequiredService<DatabaseSecrets>().AloneAsync(() =>
            {
                var (manager, now) = (services.GetRequiredService<IKeyManager>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
                if (!manager.GetAllKeys().Any(key => !key.IsRevoked && key.ActivationDate <= now && key.ExpirationDate > now))
                {
                    var life = services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.NewKeyLifetime;
                    manager.CreateNewKey(now, now + life);
                }
            }, cancellationToken);
        }
    }
}
