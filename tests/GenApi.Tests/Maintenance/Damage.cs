using System.Text.Json;

namespace GenApi.Tests.Maintenance;

/// <summary>Damages a data directory by hand, and reads the answer of fsck.</summary>
internal static class Damage
{
    public static string PathOf(GenApiApp app, string key) => Path.Combine(app.DataDirectory, "blobs", key[..2], key);

    /// <summary>Returns the blob of a generation's first image.</summary>
    public static string BlobOf(GenApiApp app, Answer made) => PathOf(app, KeyOf(made));

    public static string KeyOf(Answer made) => made["images"][0].GetProperty("sha256").GetString()!;

    public static string Database(GenApiApp app) => Path.Combine(app.DataDirectory, "genapi.db");

    public static Task<long> ExecuteAsync(GenApiApp app, string sql) => app.Store.ExecuteAsync(sql);

    /// <summary>Runs fsck and reads its document.</summary>
    public static async Task<(int ExitCode, JsonElement Report)> FsckAsync(GenApiApp app, params string[] options)
    {
        var (exitCode, output, errors) = await app.VerbAsync(["fsck", "--json", .. options]);
        Assert.True(exitCode is 0 or 1, $"{exitCode} {errors} {output}");
        return (exitCode, JsonElement.Parse(output));
    }

    /// <summary>Returns the subject of the first finding that is no note; on some stores notes come before the others.</summary>
    public static string Subject(JsonElement report) => report.GetProperty("findings").EnumerateArray()
        .First(each => each.GetProperty("weight").GetString() != "note").GetProperty("subject").GetString()!;

    public static async Task AssertSoundAsync(GenApiApp app)
    {
        var (exitCode, report) = await FsckAsync(app);
        Assert.True(exitCode == 0, report.GetRawText());
        Assert.Empty(Kinds(report));
    }

    /// <summary>Returns the findings that the service repairs by itself, in the form of <see cref="Kinds"/>.</summary>
    public static string Mending(JsonElement report) =>
        string.Join(", ", report.GetProperty("self_mending").EnumerateObject().Select(each => $"{each.Name} {each.Value}"));

    /// <summary>Returns the problems by kind and number, such as <c>blob_missing 1, half_written 2</c>.</summary>
    public static string Kinds(JsonElement report) =>
        string.Join(", ", report.GetProperty("problems").EnumerateObject().Select(each => $"{each.Name} {each.Value}"));
}
