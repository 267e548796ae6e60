using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Core.Images.Variants;

public static class VariantsRegistration
{
    /// <summary>Adds variants of images and their settings (section <c>Images</c>). It needs the image library and the converter.</summary>
    public static IServiceCollection AddImageVariants(this IServiceCollection services)
    {
        services.AddOptions<VariantsOptions>().BindConfiguration(VariantsOptions.Section);
        return services
            .AddSingleton<IBlobUser>(Variants)
            .AddSingleton<VariantRetention>()
            .AddSingleton<VariantLibrary>();
    }

    private static BlobTable Variants { get; } = new(
        "variant", PublicId.Variant, db => db.Set<ImageVariant>().AsNoTracking().Select(variant => new BlobReference
        {
            Id = variant.Id,
            BlobKey = variant.BlobKey,
            Length = variant.Bytes,
            IsLost = false,
        }))
    {
        IsDerived = true,
        MarkLost = (db, id, since, cancellationToken) =>
            db.Set<ImageVariant>().Where(variant => since != null && variant.Id == id).ExecuteDeleteAsync(cancellationToken),
    };
}
