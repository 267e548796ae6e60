using System.Security.Cryptography;

namespace GenApi.Tests.Generations;

internal static class Requests
{
    /// <summary>Asks for the smallest image that SDXL makes, which the sandbox paints in a millisecond.</summary>
    public static object Small(int seed, string prompt = "a red fox") => new { prompt, seed, width = 64, height = 64 };

    /// <summary>Asks for the same without a seed.</summary>
    public static object Unseeded(string prompt = "a red fox") => new { prompt, width = 64, height = 64 };

    /// <summary>Checks that it succeeded, that every image is there, and that its bytes have its hash.</summary>
    public static async Task AssertWholeAsync(GenApiApp app, Answer made)
    {
        Assert.True(made.Status == 200, $"{made.Status} {made.Text}");
        Assert.Equal("succeeded", made.State);
        Assert.NotEqual(0, made["images"].GetArrayLength());
        foreach (var image in made["images"].EnumerateArray())
        {
            var bytes = await app.GetAsync(new Uri(image.GetProperty("url").GetString()!).PathAndQuery);
            Assert.Equal(200, bytes.Status);
            Assert.Equal(image.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes.Body)));
            Assert.Equal(image.GetProperty("bytes").GetInt64(), bytes.Body.Length);
        }
    }

    /// <summary>Uses the service's own wait, a second at a time, until the generation has ended.</summary>
    public static async Task<Answer> EndedAsync(GenApiApp app, string id)
    {
        for (var round = 0; round < 30; round++)
        {
            var seen = await app.GetAsync($"/generations/{id}", ("Prefer", "wait=2"));
            if (seen.Status == 200 && seen.State is "succeeded" or "failed" or "canceled")
                return seen;
        }
        throw new InvalidOperationException($"{id} did not end within a minute.");
    }
}
