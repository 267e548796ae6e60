using System.Globalization;

namespace GenApi.Sandbox.Predictions;

/// <summary>Reads the size of the picture, in any of the five ways in which models express it.</summary>
internal static class PictureSize
{
    public static (int Width, int Height) Of(InputValues input)
    {
        if ((Parse(input.Text("size")) ?? Parse(input.Text("resolution"))) is { } exact)
            return exact;
        var ratio = input.Text("aspect_ratio");
        if (ratio is null or "custom")
        {
            var (width, height) = (input.Integer("width") ?? 1024, input.Integer("height") ?? 1024);
            return ratio is null ? (width, height) : (width / 32 * 32, height / 32 * 32);
        }
        var (w, h) = OneMegapixel(ratio);
        return input.Text("megapixels") == "0.25" ? (w / 2, h / 2) : (w, h);
    }

    /// <summary>The sizes flux paints at; 16:10 and 3:1, either way up, are ideogram's.</summary>
    private static (int Width, int Height) OneMegapixel(string ratio) => ratio switch
    {
        "16:9" => (1344, 768),
        "21:9" => (1536, 640),
        "3:2" => (1216, 832),
        "2:3" => (832, 1216),
        "4:5" => (896, 1088),
        "5:4" => (1088, 896),
        "3:4" => (896, 1152),
        "4:3" => (1152, 896),
        "9:16" => (768, 1344),
        "9:21" => (640, 1536),
        "16:10" => (1280, 800),
        "10:16" => (800, 1280),
        "3:1" => (1536, 512),
        "1:3" => (512, 1536),
        _ => (1024, 1024),
    };

    private static (int, int)? Parse(string? size)
    {
        var parts = size?.Split('x');
        if (parts is not { Length: 2 })
            return null;
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
