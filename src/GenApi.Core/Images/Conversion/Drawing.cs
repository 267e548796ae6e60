namespace GenApi.Core.Images.Conversion;

/// <summary>A drawing that was drawn.</summary>
/// <param name="Width">Its own size in pixels, as libvips reads it.</param>
/// <param name="Height">As <paramref name="Width"/>.</param>
/// <param name="DrawnWidth">The size that it was drawn in.</param>
/// <param name="DrawnHeight">As <paramref name="DrawnWidth"/>.</param>
/// <param name="Rgba">Four bytes a pixel, row by row.</param>
internal sealed record Drawing(int Width, int Height, int DrawnWidth, int DrawnHeight, byte[] Rgba);
