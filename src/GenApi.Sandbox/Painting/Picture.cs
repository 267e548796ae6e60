namespace GenApi.Sandbox.Painting;

internal enum PictureFormat
{
    Png,
    Jpeg,
    Webp,

    /// <summary>Four frames in which the picture moves to the left.</summary>
    AnimatedWebp,

    /// <summary>Sixteen bits for each color, in the colors of Display P3, with its profile.</summary>
    WidePng,
}

/// <summary>Everything that a picture depends on. Equal recipes give identical bytes on the same machine and version.</summary>
internal sealed record Picture(
    string Model, string Prompt, long Seed, int Width, int Height, PictureFormat Format, int Quality, Source? Source = null)
{
    public string Extension => Format switch
    {
        PictureFormat.Jpeg => "jpg",
        PictureFormat.Webp or PictureFormat.AnimatedWebp => "webp",
        _ => "png",
    };

    public string ContentType => Format switch
    {
        PictureFormat.Jpeg => "image/jpeg",
        PictureFormat.Webp or PictureFormat.AnimatedWebp => "image/webp",
        _ => "image/png",
    };
}
