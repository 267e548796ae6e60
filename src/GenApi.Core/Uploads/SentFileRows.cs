using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Uploads;

/// <summary>Records across restarts which files were sent to the upstream in use.</summary>
internal sealed class SentFileRows(ReplicateUpstream upstream, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer)
{
    public Task<SentFile?> FindAsync(string sha256, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        return contexts.ReadAsync(
            db => db.Set<SentFile>().AsNoTracking()
                .FirstOrDefaultAsync(file => file.Upstream == name && file.Sha256 == sha256, cancellationToken),
            cancellationToken);
    }

    public Task SaveAsync(string sha256, ReplicateFile sent, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        return writer.WriteAsync(async (db, token) =>
        {
            var row = await db.Set<SentFile>().FindAsync([name, sha256], token);
            if (row is null)
                db.Add(new SentFile { Upstream = name, Sha256 = sha256, FileId = sent.Id, Url = sent.Url, ExpiresAt = expiresAt });
            else
                (row.FileId, row.Url, row.ExpiresAt) = (sent.Id, sent.Url, expiresAt);
            await db.SaveChangesAsync(token);
        }, cancellationToken);
    }

    public Task RemoveAsync(SentFile file, CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => db.Set<SentFile>()
            .Where(row => row.Upstream == file.Upstream && row.Sha256 == file.Sha256 && row.FileId == file.FileId)
            .ExecuteDeleteAsync(token), cancellationToken);

    /// <summary>Lists the files that the upstream in use still has, by hash from <paramref name="after"/> on.</summary>
    public Task<List<SentFile>> ListAsync(string after, int atMost, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        return contexts.ReadAsync(
            db => db.Set<SentFile>().AsNoTracking()
                .Where(file => file.Upstream == name && file.ExpiresAt > now && string.Compare(file.Sha256, after) > 0)
                .OrderBy(file => file.Sha256).Take(atMost).ToListAsync(cancellationToken),
            cancellationToken);
    }

    public Task RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => db.Set<SentFile>().Where(file => file.ExpiresAt <= now).ExecuteDeleteAsync(token), cancellationToken);

    /// <summary>Maps addresses at the upstream to the hashes of our bytes; other addresses are left out.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> HashesOfAsync(
        GenApiDbContext db, IReadOnlyCollection<string> urls, CancellationToken cancellationToken)
    {
        var files = await db.Set<SentFile>().AsNoTracking().Where(file => urls.Contains(file.Url))
            .Select(file => new { file.Url, file.Sha256 }).ToListAsync(cancellationToken);
        return files.DistinctBy(file => file.Url).ToDictionary(file => file.Url, file => file.Sha256, StringComparer.Ordinal);
    }
}
