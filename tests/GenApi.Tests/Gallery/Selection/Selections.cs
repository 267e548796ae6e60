using GenApi.Core.Generations.Bin;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Maintenance;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Gallery.Selection;

/// <summary>Acts on many images over HTTP, and stores with many images.</summary>
internal static class Selections
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static Task<Answer> BinAsync(this GenApiApp app, IEnumerable<string> ids, params (string, string)[] headers) =>
        app.PostAsync("/images/delete", new { ids }, headers);

    public static Task<Answer> RestoreAsync(this GenApiApp app, IEnumerable<string> ids, params (string, string)[] headers) =>
        app.PostAsync("/images/restore", new { ids }, headers);

    public static Task<Answer> ArchiveAsync(this GenApiApp app, IEnumerable<string> ids, params (string, string)[] headers) =>
        app.PostAsync("/images/archive", new { ids }, headers);

    /// <summary>Removes what has been in the bin for its time, as the service does once a minute.</summary>
    public static Task<int> EmptyBinAsync(this GenApiApp app) => app.Services.GetRequiredService<BinSweep>().RunAsync(Ended);

    /// <summary>The ids of a generation's images.</summary>
    public static IReadOnlyList<string> ImageIds(this Answer generation) =>
        [.. generation["images"].EnumerateArray().Select(image => image.GetProperty("id").GetString()!)];

    /// <summary>Puts everything that is in the bin there so much earlier.</summary>
    public static Task<long> AgeBinAsync(this GenApiApp app, TimeSpan by) =>
        Damage.ExecuteAsync(app, $"UPDATE Images SET BinnedAt = BinnedAt - {by.Ticks} WHERE BinnedAt IS NOT NULL");

    /// <summary>Adds files with these bytes to a generation: as many rows, and the bytes once.</summary>
    /// <returns>Their ids.</returns>
    public static async Task<IReadOnlyList<string>> AddFilesAsync(
        this GenApiApp app, string generationId, int count, byte[] bytes, string fileName = "a-red-fox-1")
    {
        Assert.True(PublicId.TryParse(PublicId.Generation, generationId, out var generation));
        var library = app.Services.GetRequiredService<ImageLibrary>();
        var accepted = new FilePromise(null, null) { IsAccepted = true };
        using var content = new MemoryStream(bytes);
        using var staged = await library.StageAsync(content, generation, 1_000, accepted, static _ => true, Ended);
        var rows = Enumerable.Range(1_000, count)
            .Select(index => staged.ToRow(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), generation, index, fileName)).ToList();
        await app.Services.GetRequiredService<DatabaseWriter>().WriteAsync(async (db, token) =>
        {
            db.AddRange(rows);
            await db.SaveChangesAsync(token);
        }, Ended);
        await library.ForgetStagedAsync(generation, 1_000, Ended);
        return [.. rows.Select(row => row.PublicId)];
    }
}
