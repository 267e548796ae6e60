using System.Buffers.Binary;

namespace GenApi.Core.Generations;

/// <summary>
/// Decides how long the run of a generation may take. Some get a little less time than others, so that <c>CreationMark</c> can tell them
/// apart.
/// </summary>
internal static class RunLimit
{
    /// <summary>Marks differ by two seconds, so an upstream that cuts its times to whole seconds still shows them apart.</summary>
    public const int StepSeconds = 2;

    private const int MostSeconds = 60;

    /// <summary>The mark shortens the longest run by at most one part in this many.</summary>
    private const int Part = 10;

    /// <summary>Returns how long the run of a generation may take.</summary>
    /// <param name="id">Of the generation; the same id always gives the same time, also in a copy of the database.</param>
    /// <param name="longest">The longest run, in whole seconds.</param>
    /// <returns>Whole seconds: <paramref name="longest"/>, or up to a minute and a tenth less.</returns>
    public static TimeSpan Of(Guid id, TimeSpan longest)
    {
        var marks = (uint)(Math.Min(MostSeconds, longest.TotalSeconds / Part) / StepSeconds) + 1;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        // The end of a version 7 id is random; its beginning is the time.
        return longest - TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) % marks * StepSeconds);
    }
}
