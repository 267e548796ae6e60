namespace GenApi.Tests.Page;

/// <summary>A screen, in CSS pixels.</summary>
internal sealed record Screen(int Width, int Height, bool IsPhone)
{
    public static Screen Desktop { get; } = new(1280, 800, false);

    public static Screen Phone { get; } = new(390, 844, true);

    /// <summary>Returns <see cref="Phone"/> for 390 and <see cref="Desktop"/> for 1280.</summary>
    public static Screen Of(int width) => width == Phone.Width ? Phone : Desktop;
}
