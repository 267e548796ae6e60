using System.Globalization;

namespace GenApi.Client;

/// <summary>Writes paths and queries after the service's address.</summary>
internal static class Route
{
    /// <summary>Escapes one part of a path.</summary>
    /// <exception cref="ArgumentException">It is empty, or consists of dots that would lead to another route.</exception>
    public static string Segment(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return text is "." or ".."
            ? throw new ArgumentException($"'{text}' is neither an id nor a name.", nameof(text))
            : Uri.EscapeDataString(text);
    }

    /// <summary>Returns the path of a generation.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Segment"/>.</exception>
    public static string Generation(string id) => $"generations/{Segment(id)}";

    /// <summary>Returns the path of an image.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Segment"/>.</exception>
    public static string Image(string id) => $"images/{Segment(id)}";

    /// <summary>Writes a query; null members are left out.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null)
                continue;
            path += $"{separator}{name}={Uri.EscapeDataString(value)}";
            separator = '&';
        }
        return path;
    }

    /// <summary>Writes a time as RFC 3339, in UTC.</summary>
    public static string? Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
