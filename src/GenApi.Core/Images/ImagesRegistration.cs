using GenApi.Core.Blobs;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Images;

public static class ImagesRegistration
{
    /// <summary>Needs the blob store and the database.</summary>
    public static IServiceCollection AddImages(this IServiceCollection services) => services.AddSingleton(provider => new ImageLibrary(
        provider.GetRequiredService<IDbContextFactory<GenApiDbContext>>(),
        provider.GetRequiredService<IBlobStore>(),
        provider.GetServices<IBlobUser>(),
        provider.GetRequiredService<TimeProvider>()));
}
