using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Service;

/// <summary>Stores which generations one request of a door became, so that its answer can be fetched later.</summary>
internal sealed class GenerationBatches(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, TimeProvider time)
{
    /// <summary>Stores a batch; it is on the disk when this returns.</summary>
    /// <param name="account">The account that asked.</param>
    /// <param name="door">See <see cref="Generation.Door"/>.</param>
    /// <param name="generations">In the order of the answer; at least one.</param>
    /// <param name="answer">What shapes the answer, as a JSON object.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<GenerationBatch> AddAsync(
        Guid account, string door, IReadOnlyCollection<Guid> generations, string answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var batch = new GenerationBatch
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account,
            Door = door,
            Generations = JsonSerializer.Serialize(generations),
            Answer = answer,
            CreatedAt = now,
        };
        await writer.WriteAsync(
            async (db, token) =>
            {
                db.Add(batch);
                await db.SaveChangesAsync(token);
            },
            cancellationToken);
        return batch;
    }

    /// <summary>Finds a batch; null if there is none, or it is another account's.</summary>
    public Task<GenerationBatch?> FindAsync(Guid id, Caller caller, CancellationToken cancellationToken)
    {
        var account = caller.VisibleAccount;
        return contexts.ReadAsync(
            db => db.Set<GenerationBatch>().AsNoTracking()
                .FirstOrDefaultAsync(batch => batch.Id == id && (account == null || batch.AccountId == account), cancellationToken),
            cancellationToken);
    }

    /// <summary>Returns the generations of a batch, in the order of its answer.</summary>
    public static IReadOnlyList<Guid> IdsOf(GenerationBatch batch) => JsonSerializer.Deserialize<List<Guid>>(batch.Generations)!;
}
