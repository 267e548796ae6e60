using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;

namespace GenApi.Core.Images.Metadata;

/// <summary>Finds Content Credentials: a C2PA manifest inside an image. Whether it is valid is for its readers to say.</summary>
public static class ContentCredentials
{
    /// <summary>Says whether an image carries a manifest; null if it is no PNG, JPEG, WebP or AVIF, or is damaged.</summary>
    public static bool? ArePresent(ReadOnlyMemory<byte> image)
    {
        try
        {
            return ImageContainer.FormatOf(image.Span) is null ? null : ImageContainer.Read(image).ManifestBytes > 0;
        }
        catch (GenApiException damage) when (damage.Kind == ErrorKind.ImageNotConvertible)
        {
            return null;
        }
    }
}
