using GenApi.Core.Cluster;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Uploads;

public static class UploadsRegistration
{
    /// <summary>
    /// Adds uploads and their settings (section <c>Uploads</c>). It needs Persistence, Blobs, Replicate, Accounts and Images; the sweeper
    /// starts after the migration.
    /// </summary>
    public static IServiceCollection AddUploads(this IServiceCollection services)
    {
        services.AddOptions<UploadsOptions>().BindConfiguration(UploadsOptions.Section);
        services.AddSingleton<IBlobUser>(Uploads);
        services.AddSingleton<UploadUses>();
        services.AddSingleton<UploadLibrary>();
        services.AddSingleton<IChangeListener>(static provider => provider.GetRequiredService<UploadLibrary>());
        services.AddSingleton<PictureReader>();
        services.AddSingleton<MaskInverter>();
        services.AddSingleton<AlphaMasks>();
        services.AddSingleton<SentFileRows>();
        services.AddSingleton<SentFiles>();
        services.AddSingleton<UploadSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<UploadSweeper>());
        return services;
    }

    private static BlobTable Uploads { get; } = new(
        "upload", PublicId.Upload, db => db.Set<Upload>().AsNoTracking().Select(upload => new BlobReference
        {
            Id = upload.Id,
            BlobKey = upload.BlobKey,
            Length = upload.Bytes,
            IsLost = false,
        }));
}
