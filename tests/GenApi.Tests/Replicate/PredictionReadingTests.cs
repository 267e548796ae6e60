using System.Text.RegularExpressions;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Tests.Replicate;

public sealed partial class PredictionReadingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("starting", PredictionStatus.Starting, false)]
    [InlineData("processing", PredictionStatus.Processing, false)]
    [InlineData("succeeded", PredictionStatus.Succeeded, true)]
    [InlineData("failed", PredictionStatus.Failed, true)]
    [InlineData("canceled", PredictionStatus.Canceled, true)]
    [InlineData("aborted", PredictionStatus.Aborted, true)]
    [InlineData("successful", PredictionStatus.Unknown, false)]
    [InlineData("", PredictionStatus.Unknown, false)]
    public async Task Four_statuses_are_terminal_and_an_unknown_one_is_not(string text, PredictionStatus status, bool terminal)
    {
        var prediction = await ReadAsync($$"""{"id":"abc","status":"{{text}}"}""");

        Assert.Equal((status, terminal), (prediction.Status, prediction.IsTerminal));
    }

    [Fact]
    public async Task Of_duplicate_members_the_last_one_counts()
    {
        var prediction = await ReadAsync(
            """{"id":"a","id":"b","status":"starting","status":"failed","input":{"x":1},"input":{"x":2,"x":3},"metrics":"""
                + """{"predict_time":1,"predict_time":2}}""");

        Assert.Equal(
            ("b", PredictionStatus.Failed, 3, 2d),
            (prediction.Id, prediction.Status, prediction.Input!.Value.GetProperty("x").GetInt32(), prediction.PredictSeconds));
    }

    [Fact]
    public async Task Absent_and_null_members_are_null()
    {
        var absent = await ReadAsync("""{"id":"a"}""");
        var nothing = await ReadAsync(
            """{"id":"a","model":null,"version":null,"input":null,"output":null,"error":null,"logs":null,"metrics":null,"status":"""
                + """null,"created_at":null,"started_at":null,"completed_at":null,"data_removed":null,"urls":null}""");

        Assert.Equal(new Prediction { Id = "a" }, absent);
        Assert.Equal(absent, nothing);
    }

    [Theory]
    [InlineData("""{"id":"a","metrics":{"total_time":0},"created_at":"2026-01-01T00:00:00Z","completed_at":"2026-01-01T00:00:07Z"}""", 0d)]
    [InlineData("""{"id":"a","metrics":{},"created_at":"2026-01-01T00:00:00.5Z","completed_at":"2026-01-01T00:00:07Z"}""", 6.5)]
    [InlineData("""{"id":"a","created_at":"2026-01-01T00:00:07Z","completed_at":"2026-01-01T00:00:00Z"}""", null)]
    [InlineData("""{"id":"a","created_at":"2026-01-01T00:00:00Z"}""", null)]
    public async Task A_total_time_that_is_not_measured_is_the_time_between_creation_and_end(string body, double? seconds)
    {
        Assert.Equal(seconds, (await ReadAsync(body)).TotalSeconds);
    }

    [Fact]
    public async Task Members_of_another_type_do_not_spoil_the_rest()
    {
        var prediction = await ReadAsync(
            """{"id":17,"version":{"a":[1]},"status":"succeeded","error":["a"],"logs":12,"metrics":[],"created_at":"""
                + """5,"started_at":"yesterday","data_removed":"true","new":{"x":1}}""");

        Assert.Equal(("17", """{"a":[1]}""", """["a"]""", "12"), (prediction.Id, prediction.Version, prediction.Error, prediction.Logs));
        Assert.Equal(
            (null, null, null, true), (prediction.PredictSeconds, prediction.CreatedAt, prediction.StartedAt, prediction.DataRemoved));
    }

    [Theory]
    [InlineData("3", 3d)]
    [InlineData("3.804328", 3.804328)]
    [InlineData("3e-06", 3e-06)]
    [InlineData("-11136021.178237", null)]
    [InlineData("1e999", null)]
    [InlineData("\"3\"", null)]
    public async Task A_running_time_is_a_number_that_is_not_negative(string json, double? seconds)
    {
        Assert.Equal(seconds, (await ReadAsync($$$"""{"id":"a","metrics":{"predict_time":{{{json}}},"image_count":1}}""")).PredictSeconds);
    }

    [Theory]
    [InlineData("2024-04-22T11:15:14Z", 0)]
    [InlineData("2024-04-22T11:15:14.4Z", 4_000_000)]
    [InlineData("2024-04-22T11:15:14.469000Z", 4_690_000)]
    [InlineData("2024-04-22T11:15:14.12345678Z", 1_234_568)]
    [InlineData("2024-04-22T11:15:14.123456784Z", 1_234_568)]
    [InlineData("2024-04-22T13:15:14.5+02:00", 5_000_000)]
    [InlineData("2024-04-22T11:15:14.5", 5_000_000)]
    public async Task Times_may_have_none_to_nine_digits_after_the_second(string text, int ticks)
    {
        var prediction = await ReadAsync($$"""{"id":"a","created_at":"{{text}}"}""");

        Assert.Equal(new DateTimeOffset(2024, 4, 22, 11, 15, 14, TimeSpan.Zero).AddTicks(ticks), prediction.CreatedAt);
    }

    [Fact]
    public async Task A_log_with_bytes_that_were_no_text_is_kept()
    {
        Assert.Equal("""caf\udcc3 100%""", (await ReadAsync("""{"id":"a","logs":"caf\udcc3 100%"}""")).Logs);
    }

    [Fact]
    public async Task An_empty_error_is_none() => Assert.Null((await ReadAsync("""{"id":"a","error":""}""")).Error);

    [Theory]
    [InlineData("null", "")]
    [InlineData("\"https://replicate.delivery/a.png\"", "https://replicate.delivery/a.png")]
    [InlineData(
        """["https://r.d/1","data:image/png;base64,AA==","http://r.d/2"]""", "https://r.d/1 data:image/png;base64,AA== http://r.d/2")]
    [InlineData("""[{"file":"https://r.d/2","text":"a fox"},{"file":"https://r.d/1"}]""", "https://r.d/2 https://r.d/1")]
    [InlineData("""{"a":{"b":[null,7,true,["https:\/\/r.d\/x"]]},"c":"HTTPS://r.d/y"}""", "https://r.d/x HTTPS://r.d/y")]
    [InlineData("\"a text about https://r.d\"", "")]
    [InlineData("""["https://r.d is nice","data: none","hello","","https://","d\ud800,"]""", "")]
    [InlineData("17", "")]
    public void Files_are_found_wherever_they_stand(string json, string expected)
    {
        Assert.Equal(expected, string.Join(' ', PredictionOutput.Collect(ReplicateRig.Json(json))));
    }

    [Fact]
    public void No_output_holds_no_files() => Assert.Empty(PredictionOutput.Collect(null));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("Using seed: 42069\nPrompt: 50% off\ntxt2img mode\n", null)]
    [InlineData("  0%|          | 0/50 [00:00<?, ?it/s]", "0 0/50")]
    [InlineData("  0%|  | 0/50 [00:00]\n  4%|▍         | 2/50 [00:00<00:02, 16.47it/s]\n", "0.04 2/50")]
    [InlineData("  4%|▍ | 2/50\r 42%|████▏     | 21/50 [00:01<00:01]\rsaving…", "0.42 21/50")]
    [InlineData("100%|██████████| 40/40 [00:02]\r\n  0%|          | 0/10 [00:00]\r\n\r\n", "0 0/10")]
    [InlineData("4it [00:01, 3.2it/s]", null)]
    [InlineData("12%|a|b| 6/50", "0.12 6/50")]
    [InlineData("12%|| 6/50", null)]
    [InlineData("12%|x| 6/", null)]
    [InlineData("99999999999%|x| 6/50", null)]
    [InlineData("250%|x| 6/50", "1 6/50")]
    [InlineData("50%|x| 6/0", null)]
    [InlineData("50%|x| 999999999999999/1", null)]
    [InlineData("50%|x| 7/3", "0.5 3/3")]
    [InlineData("|x| 6/50", null)]
    public void Progress_is_the_last_bar_of_the_log(string? logs, string? expected)
    {
        var progress = PredictionLog.Parse(logs);

        Assert.Equal(
            expected, progress is null ? null : FormattableString.Invariant($"{progress.Percentage} {progress.Current}/{progress.Total}"));
    }

    private static async Task<Prediction> ReadAsync(string body)
    {
        await using var server = await ScriptedServer.StartAsync(200, body);
        await using var rig = new ReplicateRig(server.BaseUrl);
        return await rig.Client.GetAsync(Ids().Matches(body)[^1].Groups[1].Value, Cancel);
    }

    [GeneratedRegex("\"id\":\"?(\\w+)")]
    private static partial Regex Ids();
}
