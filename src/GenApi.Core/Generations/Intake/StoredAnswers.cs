using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// What answers a request without a new run: a finished generation whose images and files are all in the store, or one that is under way. One that
/// has lost any is withdrawn where it is found, and the next is looked at.
/// </summary>
internal sealed class StoredAnswers(MissingImages lost, ImageLibrary images, StoreGate gate)
{
    /// <summary>Whether all its images are in the store; some microseconds for each.</summary>
    public bool IsWhole(GenerationDetails details)
    {
        // A loop, and no closure: every hit comes along here.
        foreach (var image in details.Outputs)
        {
            if (!images.Has(image))
                return false;
        }
        return true;
    }

    /// <param name="db">The writer's, so that nothing can come between.</param>
    /// <param name="resolved">What is asked for.</param>
    /// <param name="losses">What was withdrawn is added; hand it to <see cref="Withdrawn"/> after the commit.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Submission?> FindAsync(GenApiDbContext db, ResolvedRequest resolved, List<PictureLoss> losses, CancellationToken cancellationToken)
    {
        if (resolved.AnswerKey is not { } key)
            return null;
        while (await GenerationReader.FindAnswerAsync(db, key, resolved.AnySeed, cancellationToken) is { } answer)
        {
            if (IsWhole(answer))
                return new(answer, CacheOutcome.Hit);
            // While the store is not itself nothing in it is lost.
            gate.Require();
            var loss = await lost.WithdrawAsync(db, [.. answer.Outputs.Where(image => !images.Has(image)).Select(image => image.BlobKey)], cancellationToken);
            if (loss.Answers.Count == 0)
                return new(answer, CacheOutcome.Hit);
            losses.Add(loss);
        }
        var open = db.Set<Generation>().AsNoTracking().Where(row => row.CompletedAt == null && row.CancelRequestedAt == null);
        var running = await (resolved.AnySeed ? open.Where(row => row.ReuseKey == key) : open.Where(row => row.CacheKey == key))
            .OrderByDescending(row => row.Number).FirstOrDefaultAsync(cancellationToken);
        return running is null ? null : new(new(running, []), CacheOutcome.Coalesced);
    }

    /// <summary>After the commit.</summary>
    public void Withdrawn(PictureLoss loss) => lost.Withdrawn(loss, isDamaged: false);
}
