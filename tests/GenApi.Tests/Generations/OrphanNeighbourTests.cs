using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Recovery;
using GenApi.Core.Uploads;

namespace GenApi.Tests.Generations;

/// <summary>Tests a search while other generations search too, other installations use the account, and files were sent before.</summary>
public sealed class OrphanNeighbourTests(CoreRig rig) : OrphanFinderSuite(rig)
{
    private const string Strange = "asks for the same as";

    [Fact]
    public async Task Two_that_ask_for_the_same_share_what_was_made_in_the_order_of_their_rows()
    {
        var (first, second) = (await SentAsync(), await SentAsync());
        List.Add("p2", first, 2);
        List.Add("p1", first, 1);

        Assert.Equal("p2", (await FindAsync(second)).Prediction?.Id);
        Assert.Equal("p1", (await FindAsync(first)).Prediction?.Id);
    }

    [Fact]
    public async Task A_search_goes_by_the_generation_as_the_worker_knows_it()
    {
        var (canceled, ended) = (await SentAsync(), await SentAsync());
        await Rig.EditAsync(canceled, row => row.RequestCancel(Beginning));
        await Rig.EditAsync(ended, row => row.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", Beginning));
        List.Add("p1", canceled, 1);

        Assert.Equal("p1", (await FindAsync(canceled, isSettled: false)).Prediction?.Id);
        Assert.Equal("p1", (await FindAsync(ended)).Prediction?.Id);
    }

    [Fact]
    public async Task A_guess_is_left_to_one_that_ended_without_its_prediction_if_it_fits_that_better()
    {
        var (run, ended) = (await SentAsync(), await SentAsync(new { prompt = Prompt, more = 1 }));
        await Rig.EditAsync(ended, row => row.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", Beginning));
        List.Add("p1", ended, 1);

        Assert.Equal(OrphanFate.Missing, (await FindAsync(run)).Fate);
        List.Add("p2", run, 2, input: new { prompt = Prompt, other = 1 });
        Assert.Equal("p2", (await FindAsync(run)).Prediction?.Id);
    }

    [Fact]
    public async Task Neither_anotherPrompt_nor_another_upstream_nor_an_answered_creation_takes_part()
    {
        var run = await SentAsync();
        await SentAsync(upstream: "sandbox");
        var answered = await SentAsync();
        await Rig.EditAsync(answered, row => row.MarkAccepted($"own-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", Beginning));
        await Rig.AcceptAsync(CoreRig.New(Prompt));
        List.Add("p1", run, 1);

        // Alone, so found at once and before the settling time.
        Assert.Equal("p1", (await FindAsync(run, isSettled: false)).Prediction?.Id);
    }

    [Theory]
    [InlineData("ours", "other", "ours", null)]
    [InlineData("ours", "ours", "ours", "p1")]
    [InlineData("other", "ours", "ours", null)]
    public async Task Files_are_known_by_the_addresses_under_which_they_were_sent(string image, string first, string second, string? found)
    {
        var (ours, others) = (Hash(), Hash());
        await AddFilesAsync(("ours", ours), ("other", others));
        GenerationFile[] files =
        [
            new("image", null, ours, "image/png"), new("images", 0, ours, "image/png"), new("images", 1, ours, "image/png"),
        ];
        var run = await SentAsync(
            new { prompt = Prompt, image = "upl_1", images = new[] { "upl_1", "upl_1" } }, files: JsonSerializer.Serialize(files));
        List.Add("p1", run, 1, Allowed(run), new
        {
            prompt = Prompt,
            image = Address(image),
            images = new[] { Address(first), Address(second) },
        });

        // An unknown address would be a guess, which does not count yet.
        Assert.Equal(found, (await FindAsync(run, isSettled: false)).Prediction?.Id);
    }

    [Theory]
    // Whose mark the deadline shows, and whether the operator hears of somebody else.
    [InlineData("a stranger's", false, 1)]
    [InlineData("nobody's", false, 0)]
    [InlineData("an ended one's", false, 0)]
    [InlineData("a stranger's", true, 0)]
    public async Task Another_installation_is_reported_once(string whose, bool isGuess, int warnings)
    {
        var run = await SentAsync();
        var ended = await SentAsync();
        await Rig.EditAsync(ended, row => row.MarkFailed(ErrorKind.UpstreamTimeout, "Not found.", Beginning));
        double? mark = whose == "a stranger's" ? 300 : whose == "nobody's" ? null : Allowed(ended);
        var before = Warnings();
        foreach (var id in new[] { "p1", "p2" })
            List.Add(id, run, 1, mark, isGuess ? new { prompt = Prompt, more = id } : null);

        await FindAsync(run);
        await FindAsync(run);

        Assert.Equal(warnings, Warnings() - before);
    }

    private int Warnings() => Rig.Log.Lines.Count(line => line.Contains(Strange, StringComparison.Ordinal));

    private string Address(string name) => $"https://files.example/{Prompt}/{name}";

    private static string Hash() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    private Task AddFilesAsync(params (string Name, string Hash)[] files) => Rig.Writer.WriteAsync(async (db, token) =>
    {
        db.AddRange(files.Select(file => new SentFile
        {
            Upstream = "replicate",
            Sha256 = file.Hash,
            FileId = file.Name,
            Url = Address(file.Name),
            ExpiresAt = Beginning.AddDays(1),
        }));
        await db.SaveChangesAsync(token);
    }, CoreRig.Stop);
}
