using System.Linq.Expressions;
using GenApi.Core.Cluster;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Images.ThumbHashes;
using GenApi.Core.Images.Variants;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Images;

public static class ImagesRegistration
{
    /// <summary>Adds the image library, the converter and variants. They need the blob store and the database.</summary>
    public static IServiceCollection AddImages(this IServiceCollection services) => services
        .AddSingleton<IBlobUser>(Images)
        .AddSingleton<IBlobUser>(Files)
        .AddSingleton<UseCounts>()
        .AddHostedService<BlobsAtStart>()
        .AddSingleton<StoreGate>()
        .AddSingleton<LocalBlobHolds>()
        .AddSingleton<SharedBlobHolds>()
        .AddSingleton<IBlobHolds>(static provider => provider.GetRequiredService<ICluster>().IsShared
            ? provider.GetRequiredService<SharedBlobHolds>()
            : provider.GetRequiredService<LocalBlobHolds>())
        .AddSingleton<BlobRemovals>()
        .AddSingleton<ImageLibrary>()
        .AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<ImageLibrary>())
        .AddSingleton<ImageMemory>()
        .AddSingleton<EmbeddedCopies>()
        .AddSingleton<StoredCredentials>()
        .AddImageConversion()
        .AddImageVariants()
        .AddThumbHashes();

    private static BlobTable Images { get; } = TableOf("image", PublicId.Image, image => image.Kind == FileKind.Image);

    private static BlobTable Files { get; } = TableOf("file", PublicId.File, image => image.Kind != FileKind.Image);

    private static BlobTable TableOf(string kind, string prefix, Expression<Func<StoredImage, bool>> which) => new(
        kind, prefix, db => db.Set<StoredImage>().AsNoTracking().Where(which).Select(image => new BlobReference
        {
            Id = image.Id,
            BlobKey = image.BlobKey,
            Length = image.Bytes,
            IsLost = image.LostAt != null,
        }))
    {
        MarkLost = (db, id, since, cancellationToken) => db.Set<StoredImage>().Where(image => image.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(image => image.LostAt, since), cancellationToken),
    };
}
