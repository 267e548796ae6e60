using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace GenApi.Core.Persistence;

/// <summary>The rows in one SQLite file.</summary>
public sealed class SqliteGenApiDbContext(DbContextOptions<SqliteGenApiDbContext> options) : GenApiDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite has no type for these that it can order and compare: instants become UTC ticks, ids 16 bytes in network order.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();
        configurationBuilder.Properties<Guid>().HaveConversion<BytesConverter>();
    }

    internal override async Task BeforeMigrationAsync(CancellationToken cancellationToken)
    {
        await Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        // A migration that was killed leaves its lock behind, and the next would wait on it for ever. The data directory's own lock
        // tells that no other process is migrating.
        await Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
    }

    internal override IQueryable<long> NumbersOfPromptsWith(string words, long before, int atMost)
    {
        // Each word in quotes, so that nothing a caller types is read as an operator.
        var terms = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"*");
        var match = string.Join(' ', terms);
        return Database.SqlQuery<long>(
            $"""SELECT rowid AS "Value" FROM "GenerationPrompts" WHERE "GenerationPrompts" MATCH {match} AND rowid < {before} ORDER BY rowid DESC LIMIT {atMost}""");
    }

    private sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(
        at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    private sealed class BytesConverter() : ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true), bytes => new Guid(bytes, true));
}
