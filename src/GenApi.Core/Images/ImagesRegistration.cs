using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Images;

public static class ImagesRegistration
{
    /// <summary>Needs the blob store and the database.</summary>
    public static IServiceCollection AddImages(this IServiceCollection services) => services.AddSingleton<ImageLibrary>();
}
