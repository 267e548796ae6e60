using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Persistence;

/// <summary>For a process that does one thing to the database and ends, whether or not a service is using it.</summary>
public sealed class DatabaseVisit(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts, IServiceProvider services)
{
    /// <summary>
    /// Where nobody uses the data directory, takes it and brings the schema up to date, as a start would; else leaves that to the service that uses it.
    /// </summary>
    /// <exception cref="SettingException">The database can't be used, or the service that uses it is of another version.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (directory.TryAcquire())
        {
            await services.GetRequiredService<DatabaseMigrator>().PrepareAsync(cancellationToken);
            return;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            throw new SettingException("Database", "the service that uses it is of an older version, so its tables are not those of this one. Restart it first.");
    }
}
