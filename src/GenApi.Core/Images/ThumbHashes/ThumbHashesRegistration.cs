using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Images.ThumbHashes;

public static class ThumbHashesRegistration
{
    /// <summary>Adds the loop that computes ThumbHashes. It needs the image library and the image converter.</summary>
    public static IServiceCollection AddThumbHashes(this IServiceCollection services) => services.AddHostedService<ThumbHashLoop>();
}
