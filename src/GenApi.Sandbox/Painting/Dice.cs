namespace GenApi.Sandbox.Painting;

/// <summary>
/// Random numbers that are the same everywhere for the same seed (splitmix64); <see cref="Random"/> does not promise that across versions.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number for a text that does not change between processes (FNV-1a), unlike <see cref="string.GetHashCode()"/>.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 up to, not including, <paramref name="count"/>.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    public float Between(float low, float high) => low + (high - low) * ((Next() >> 40) / (float)(1 << 24));

    public bool Chance(float share) => Between(0, 1) < share;
}
