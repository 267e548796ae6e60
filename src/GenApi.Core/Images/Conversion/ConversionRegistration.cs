using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Images.Conversion;

public static class ConversionRegistration
{
    /// <summary>Adds the image converter and its settings (section <c>Images</c>).</summary>
    public static IServiceCollection AddImageConversion(this IServiceCollection services)
    {
        services.AddOptions<ConversionOptions>().BindConfiguration(ConversionOptions.Section);
        services.TryAddSingleton(_ => RendererProgram.Find());
        services.TryAddSingleton<ImageConverter>();
        return services;
    }
}
