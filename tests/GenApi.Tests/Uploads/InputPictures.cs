using System.Net.Http.Headers;
using System.Security.Cryptography;
using NetVips;

namespace GenApi.Tests.Uploads;

/// <summary>Images to send, and ways to send them.</summary>
internal static class InputPictures
{
    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string DataUri(byte[] bytes, string type = "image/png") => $"data:{type};base64,{Convert.ToBase64String(bytes)}";

    /// <summary>Makes an image with a white left half and a black right half.</summary>
    public static byte[] LeftWhite(int width, int height)
    {
        using var white = Image.Black(width / 2, height).Linear([1.0], [255.0]).Cast(Enums.BandFormat.Uchar);
        using var black = Image.Black(width - width / 2, height).Cast(Enums.BandFormat.Uchar);
        using var mask = white.Join(black, Enums.Direction.Horizontal);
        return mask.PngsaveBuffer();
    }

    /// <summary>Makes an image of one colour that no generated image shows.</summary>
    public static byte[] Plain(int width, int height)
    {
        using var grey = Image.Black(width, height).Cast(Enums.BandFormat.Uchar);
        using var plain = grey.Bandjoin(grey.Linear([1.0], [255.0]).Cast(Enums.BandFormat.Uchar), grey)
            .Copy(interpretation: Enums.Interpretation.Srgb);
        return plain.PngsaveBuffer();
    }

    /// <summary>Whether the image has the plain colour at a point, given as fractions of its size.</summary>
    public static bool IsPlainAt(byte[] picture, double x, double y)
    {
        using var image = Image.NewFromBuffer(picture);
        var pixel = image.Getpoint((int)(x * image.Width), (int)(y * image.Height));
        return pixel[0] < 8 && pixel[1] > 247 && pixel[2] < 8;
    }

    public static Task<Answer> UploadAsync(this GenApiApp app, byte[] bytes, string? type = "image/png")
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return app.SendAsync(HttpMethod.Post, "/uploads", content);
    }

    public static Task<Answer> UploadFormAsync(this GenApiApp app, params (string Name, string? FileName, byte[] Bytes)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, fileName, bytes) in parts)
        {
            if (fileName is null)
                form.Add(new ByteArrayContent(bytes), name);
            else
                form.Add(new ByteArrayContent(bytes), name, fileName);
        }
        return app.SendAsync(HttpMethod.Post, "/uploads", form);
    }

    /// <summary>Lists the hashes of the blobs that are stored and not about to be removed.</summary>
    public static Task<string[]> BlobsAsync(this GenApiApp app) => app.Store.NeededBlobsAsync();

    public static string[] Leftovers(this GenApiApp app) => app.Store.Blobs.Leftovers();

    /// <summary>Changes rows without the service.</summary>
    public static Task ExecuteAsync(this GenApiApp app, string sql) => app.Store.ExecuteAsync(sql);
}
