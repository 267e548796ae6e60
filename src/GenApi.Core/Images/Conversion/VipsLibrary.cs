using NetVips;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// The settings of libvips, made once. It is a separate class because touching one of its types loads the library, which takes memory; a
/// service that converts nothing does not load it. Whatever opens bytes with libvips prepares it first, or nothing would be blocked.
/// </summary>
internal static class VipsLibrary
{
    private const string Domain = "VIPS";

    // The native side keeps only a pointer to it.
    private static readonly Log.LogDelegate Silence = static (_, _, _) => { };

    static VipsLibrary()
    {
        // No original is converted the same way twice, and several are converted at once: the cache and threads within one conversion would
        // only cost memory. One thread also makes the encoders give the same bytes each time.
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
        // Loaders that their authors have not tested with hostile files. SVG is one of them; see DrawingRenderer.
        NetVips.NetVips.BlockUntrusted = true;
        // Warnings about damaged files would go to stderr, past the logs.
        Log.SetLogHandler(Domain, Enums.LogLevelFlags.Warning, Silence);
    }

    /// <summary>Loads and sets up the library; free when repeated.</summary>
    public static void Prepare()
    {
    }
}
