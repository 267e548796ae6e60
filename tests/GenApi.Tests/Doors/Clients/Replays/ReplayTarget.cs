namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>What the user of a program has set, and wants.</summary>
/// <param name="Base">The address that the program is given.</param>
/// <param name="Picture">The PNG to edit.</param>
/// <param name="Mask">The PNG that is transparent where to edit it.</param>
internal sealed record ReplayTarget(Uri Base, string Key, string Prompt, byte[] Picture, byte[] Mask)
{
    /// <summary>The path of the address without a slash at its end.</summary>
    public string Path => Base.AbsolutePath.TrimEnd('/');

    public static ReplayTarget Of(ClientApp app, Uri address, string prompt) =>
        new(address, app.Key, prompt, File.ReadAllBytes(app.Picture), File.ReadAllBytes(app.Mask));

    /// <summary>Fetches a link, with the authorization that the program sends along, if any.</summary>
    public static async Task<(byte[] Bytes, string? ContentType)> FetchAsync(string url, string? authorization = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return (bytes, response.Content.Headers.ContentType?.MediaType);
    }
}
