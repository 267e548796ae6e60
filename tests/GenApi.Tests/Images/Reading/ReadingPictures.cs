using GenApi.Core.Images.Containers;

namespace GenApi.Tests.Images.Reading;

/// <summary>Pictures with settings in them.</summary>
internal static class ReadingPictures
{
    /// <summary>Returns a file of the folder <c>Pictures</c>.</summary>
    public static byte[] Bytes(string file) => File.ReadAllBytes(Repository.PathOf($"tests/GenApi.Tests/Images/Reading/Pictures/{file}"));

    public static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Repository.PathOf("tests/GenApi.Tests/Images/Reading/Pictures")).Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileName(path)!);

    /// <summary>Makes a PNG with these texts.</summary>
    public static byte[] Png(params IEnumerable<(string Keyword, string Text)> texts) =>
        Png(texts.Select(text => PngTexts.Make(text.Keyword, text.Text)));

    /// <summary>Makes a PNG with these chunks behind its header.</summary>
    public static byte[] Png(IEnumerable<PngChunk> added)
    {
        var chunks = PngChunks.Read(Bytes("plain.png"));
        return PngChunks.Write([chunks[0], .. added, .. chunks.Skip(1)], default);
    }
}
