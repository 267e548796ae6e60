using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace GenApi.Core.Persistence;

/// <summary>
/// Takes the data directory and brings the schema up to date before anything else starts. A file that can't be read as a
/// database is refused, never replaced.
/// </summary>
internal sealed class DatabaseMigrator(DataDirectory directory, IDbContextFactory<GenApiDbContext> contexts) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Acquire();
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.BeforeMigrationAsync(cancellationToken);
            if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
                await db.Database.MigrateAsync(cancellationToken);
        }
        catch (Exception failure) when (DatabaseFaults.IsUnreadable(failure))
        {
            throw new SettingException("Database", "the file is not a GenApi database, or it is damaged. It was left as it is.", failure);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException("Database", fault.Message, failure);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
