using GenApi.Core.Uploads;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that of several instances only the leader removes what is old, and that each saves what it alone knows.</summary>
public sealed class LeaderTaskTests
{
    [Fact]
    public async Task Only_the_leader_removes_expired_uploads_and_every_instance_saves_its_uses()
    {
        await using var all = await CoreInstances.StartAsync();
        var now = all.Time.GetUtcNow();
        var (old, used) = (Upload('a', now.AddDays(-400)), Upload('b', now.AddDays(-400)));
        await all[0].WriteAsync(async (db, token) =>
        {
            db.AddRange(old, used);
            return await db.SaveChangesAsync(token);
        });
        all[1].Get<UploadLibrary>().Used(used);

        await SweepAsync(all[1]);
        Assert.Equal(2, await all.Store.ExecuteAsync("SELECT count(*) FROM Uploads"));
        await SweepAsync(all[0]);

        Assert.Equal([used.Id], await all[0].WriteAsync((db, token) => db.Set<Upload>().Select(each => each.Id).ToListAsync(token)));
    }

    private static Task SweepAsync(CoreInstance instance) =>
        instance.Get<UploadSweeper>().SweepAsync(TestContext.Current.CancellationToken);

    private static Upload Upload(char key, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at),
        OwnerId = Guid.Empty,
        BlobKey = new string(key, 64),
        ContentType = "image/png",
        Width = 1,
        Height = 1,
        Bytes = 1,
        CreatedAt = at,
        LastUsedAt = at,
        IsOurs = false,
        InverseOf = null,
    };
}
