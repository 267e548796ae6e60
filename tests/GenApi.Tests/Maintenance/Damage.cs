using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Maintenance;

/// <summary>Damages a data directory by hand and reads fsck's report.</summary>
internal static class Damage
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static string PathOf(GenApiApp app, string key) => Path.Combine(app.DataDirectory, "blobs", key[..2], key);

    /// <summary>The blob of a generation's first image.</summary>
    public static string BlobOf(GenApiApp app, Answer made) => PathOf(app, KeyOf(made));

    public static string KeyOf(Answer made) => made["images"][0].GetProperty("sha256").GetString()!;

    public static string Database(GenApiApp app) => Path.Combine(app.DataDirectory, "genapi.db");

    public static async Task<long> ExecuteAsync(GenApiApp app, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Database(app)};Pooling=False");
        await connection.OpenAsync(Ended);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Ended) is long value ? value : 0;
    }

    /// <summary>Runs fsck and reads its document.</summary>
    public static async Task<(int ExitCode, JsonElement Report)> FsckAsync(GenApiApp app, params string[] options)
    {
        var (exitCode, output, errors) = await app.VerbAsync(["fsck", "--json", .. options]);
        Assert.True(exitCode is 0 or 1, $"{exitCode} {errors} {output}");
        return (exitCode, JsonElement.Parse(output));
    }

    public static async Task AssertSoundAsync(GenApiApp app)
    {
        var (exitCode, report) = await FsckAsync(app);
        Assert.True(exitCode == 0, report.GetRawText());
        Assert.Empty(Kinds(report));
    }

    /// <summary>The findings that the service repairs itself, in the same form.</summary>
    public static string Mending(JsonElement report) =>
        string.Join(", ", report.GetProperty("self_mending").EnumerateObject().Select(each => $"{each.Name} {each.Value}"));

    /// <summary>The problems by kind and number, such as <c>blob_missing 1, half_written 2</c>.</summary>
    public static string Kinds(JsonElement report) =>
        string.Join(", ", report.GetProperty("problems").EnumerateObject().Select(each => $"{each.Name} {each.Value}"));
}
