using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Tests.Images;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Generations;

/// <summary>
/// Tests what is read about a request before it is decided: earlier acts, answers whose images are there, and runs to join.
/// </summary>
public sealed class IntakeReaderTests : IClassFixture<CoreRig>
{
    private static int _sizes = 30;

    private readonly CoreRig _rig;
    private readonly IntakeReader _reader;
    private readonly string _prompt = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString();
    private readonly string _scope = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N");

    public IntakeReaderTests(CoreRig rig)
    {
        _rig = rig;
        _rig.Forget();
        _reader = rig.Get<IntakeReader>();
    }

    [Theory]
    // How long it is remembered from now, whose act it was, its key and body, and whether it is the act of the request.
    [InlineData(1, "own", "key", "body", true)]
    [InlineData(0, "own", "key", "body", null)]
    [InlineData(-1, "own", "key", "body", null)]
    [InlineData(1, "own", "another", "body", null)]
    [InlineData(1, "own", "key", "another", false)]
    [InlineData(1, "strange", "key", "body", null)]
    [InlineData(1, "everyone", "key", "body", true)]
    [InlineData(1, "everyone", "key", "another", null)]
    [InlineData(1, "everyone", "another", "body", null)]
    public async Task An_act_is_remembered_by_its_key_for_its_time(int seconds, string whose, string key, string body, bool? isSame)
    {
        var done = await AddAsync(_ => { });
        var scope = whose switch { "own" => _scope, "everyone" => "everyone", _ => "somebody" };
        await RememberAsync(done, scope, _prompt + key, body, seconds);

        var facts = await ReadAsync(Request(key: _prompt + "key", body: "body"));

        Assert.Equal(isSame, facts.Remembered?.HasSameBody);
        Assert.Equal(isSame is null ? null : done.Id, facts.Remembered?.GenerationId);
        Assert.Equal(isSame == true, facts.Remembered?.Details is not null);
        // An expired record is gone, so that its key can be used again.
        var kept = await _rig.AllAsync<IdempotencyRecord>(rows => rows.Where(each => each.GenerationId == done.Id));
        Assert.Equal(seconds > 0 ? 1 : 0, kept.Count);
    }

    [Fact]
    public async Task An_own_act_goes_before_one_from_before_there_were_accounts_and_a_deleted_generation_is_not_shown()
    {
        var (own, old) = (await AddAsync(row => row.RequestDelete(_rig.Now)), await AddAsync(_ => { }));
        await RememberAsync(own, _scope, _prompt, "body", 60);
        await RememberAsync(old, "everyone", _prompt, "body", 60);

        var facts = await ReadAsync(Request(key: _prompt, body: "body"));

        Assert.Equal((own.Id, true, null), (facts.Remembered!.GenerationId, facts.Remembered.HasSameBody, facts.Remembered.Details));
        Assert.IsType<IntakeDecision.Refuse>(IntakeDecision.Of(facts));
    }

    [Fact]
    public async Task What_settles_the_request_ends_the_reading()
    {
        var done = await AddAsync(_ => { });
        await RememberAsync(done, _scope, _prompt, "body", 60);
        await AnswerAsync(Resolved(seed: 7));

        var facts = await ReadAsync(Request(key: _prompt, body: "body"), Resolved(seed: 7));
        var faulty = await ReadAsync(Request(), Resolved(seed: 7, fault: new(ErrorKind.InvalidInput, "Gone.")));

        Assert.Null(facts.Answer);
        Assert.Equal((null, ErrorKind.InvalidInput), (faulty.Answer, faulty.RequestFault?.Kind));
    }

    [Fact]
    public async Task An_answer_is_the_newest_of_the_request_and_with_any_seed_the_newest_of_all()
    {
        var older = await AnswerAsync(Resolved(seed: 7));
        var newer = await AnswerAsync(Resolved(seed: 7));
        var other = await AnswerAsync(Resolved(seed: 8));

        Assert.Equal(newer.Id, (await ReadAsync(Request(), Resolved(seed: 7))).Answer?.Generation.Id);
        Assert.Equal(other.Id, (await ReadAsync(Request(), Resolved(mode: CacheMode.Reuse))).Answer?.Generation.Id);
        var fresh = await ReadAsync(Request(), Resolved(seed: 7, mode: CacheMode.Refresh));
        Assert.Equal((null, false), (fresh.Answer, fresh.MayReuse));
        Assert.NotEqual(older.Id, newer.Id);
    }

    [Fact]
    [OnlyOnDisk]
    public async Task An_answer_that_has_lost_an_image_is_withdrawn_and_the_next_one_is_taken()
    {
        var whole = await AnswerAsync(Resolved(seed: 7));
        var (lost, alsoLost) = (await AnswerAsync(Resolved(seed: 7)), await AnswerAsync(Resolved(seed: 7)));
        foreach (var row in new[] { lost, alsoLost })
            await LoseAsync(row);

        var facts = await ReadAsync(Request(), Resolved(seed: 7));

        Assert.Equal(whole.Id, facts.Answer?.Generation.Id);
        Assert.Equal([alsoLost.Id, lost.Id], facts.Losses.Select(loss => Assert.Single(loss.Answers).Id));
        Assert.Equal((false, true), ((await _rig.ReadAsync(lost.Id))!.IsAnswer, (await _rig.ReadAsync(whole.Id))!.IsAnswer));
        await LoseAsync(whole);
        Assert.Equal(
            new IntakeDecision.Insert(CacheOutcome.Miss, ReplacesLost: true),
            IntakeDecision.Of(await ReadAsync(Request(), Resolved(seed: 7))));
    }

    [Fact]
    [OnlyOnDisk]
    public async Task While_the_store_is_gone_nothing_in_it_counts_as_lost()
    {
        var row = await AnswerAsync(Resolved(seed: 7));
        var blobs = Path.Combine(_rig.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");
        IntakeFacts answered, asked;
        try
        {
            answered = await ReadAsync(Request(), Resolved(seed: 7));
            asked = await ReadAsync(Request(), Resolved(seed: 9));
        }
        finally
        {
            Directory.Move(blobs + ".away", blobs);
        }

        Assert.Equal((null, ErrorKind.StorageUnavailable), (answered.Answer, answered.StoreFault?.Kind));
        Assert.Equal((null, ErrorKind.StorageUnavailable), (asked.Answer, asked.StoreFault?.Kind));
        Assert.True((await _rig.ReadAsync(row.Id))!.IsAnswer);
        Assert.Equal(row.Id, (await ReadAsync(Request(), Resolved(seed: 7))).Answer?.Generation.Id);
    }

    [Fact]
    public async Task The_newest_unfinished_run_of_the_request_is_joined_unless_it_is_being_canceled()
    {
        await RunningAsync(Resolved(seed: 7));
        var newer = await RunningAsync(Resolved(seed: 7));
        await RunningAsync(Resolved(seed: 7), row => row.RequestCancel(_rig.Now));
        var other = await RunningAsync(Resolved(seed: 8));
        await RunningAsync(Resolved(seed: 9), row => row.MarkCanceled(_rig.Now));

        Assert.Equal(newer.Id, (await ReadAsync(Request(), Resolved(seed: 7))).Running?.Id);
        Assert.Equal(other.Id, (await ReadAsync(Request(), Resolved(mode: CacheMode.Reuse))).Running?.Id);
        Assert.Null((await ReadAsync(Request(), Resolved(seed: 9))).Running);
        Assert.Null((await ReadAsync(Request(), Resolved(seed: 7, mode: CacheMode.Refresh))).Running);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_a_stored_answer_may_be_wanted(bool onlyIfCached) => Assert.Equal(
        onlyIfCached, (await ReadAsync(Request() with { OnlyIfCached = onlyIfCached }, Resolved(seed: 7))).OnlyIfCached);

    [Fact]
    [OnlyOnDisk]
    public async Task An_answer_is_whole_while_all_its_images_are_there()
    {
        var row = await AnswerAsync(Resolved(seed: 7));
        var details = (await _rig.Get<GenerationReader>().FindAsync(row.Id, CoreRig.Stop))!;
        Assert.True(_reader.IsWhole(details));

        await LoseAsync(row);

        Assert.False(_reader.IsWhole(details));
        Assert.True(_reader.IsWhole(new(row, [])));
    }

    private GenerationRequest Request(string? key = null, string body = "") => new()
    {
        IdempotencyKey = key is null ? null : new IdempotencyKey(_scope, key, body),
    };

    private ResolvedRequest Resolved(long? seed = null, CacheMode mode = CacheMode.Auto, GenApiException? fault = null)
    {
        var json = seed is null
            ? JsonSerializer.Serialize(new { prompt = _prompt })
            : JsonSerializer.Serialize(new { prompt = _prompt, seed });
        var members = JsonElement.Parse(json).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value));
        return new(
            "replicate", new ResolvedModel("stability-ai", "sdxl", CoreRig.Version, InputSchema.Unknown, null), null,
            new NormalisedInput(InputSchema.Unknown, [.. members]), mode, new Dictionary<string, string>(), fault);
    }

    private Task<IntakeFacts> ReadAsync(GenerationRequest request, ResolvedRequest? resolved = null) => _rig.Writer.WriteAsync(
        (db, token) => _reader.ReadAsync(db, request, resolved ?? Resolved(), token), CoreRig.Stop);

    private Task RememberAsync(Generation done, string scope, string key, string body, int seconds) =>
        _rig.Writer.WriteAsync(async (db, token) =>
        {
            db.Add(new IdempotencyRecord
            {
                Scope = scope,
                Key = key,
                BodyHash = body,
                GenerationId = done.Id,
                ExpiresAt = _rig.Now.AddSeconds(seconds),
            });
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);

    private async Task<Generation> AddAsync(Action<Generation> change)
    {
        var row = Generation.Accept(CoreRig.New(_prompt), _rig.Now);
        change(row);
        return await _rig.AddAsync(row);
    }

    private async Task<Generation> RunningAsync(ResolvedRequest resolved, Action<Generation>? change = null)
    {
        var row = Generation.Accept(resolved.ToNew(default) with { FlightKey = null }, _rig.Now);
        change?.Invoke(row);
        return await _rig.AddAsync(row);
    }

    /// <summary>Adds a finished generation whose image has a size that no other one has.</summary>
    private async Task<Generation> AnswerAsync(ResolvedRequest resolved)
    {
        var row = await RunningAsync(resolved, each =>
        {
            each.MarkSubmitting(_rig.Now, _rig.Now, TimeSpan.FromSeconds(900));
            each.MarkAccepted($"p-{Guid.CreateVersion7(DateTimeOffset.UnixEpoch):N}", _rig.Now);
            each.MarkStoring(TransitionTests.Files(1), null, default, _rig.Now);
            each.MarkSucceeded(_rig.Now, null);
        });
        var picture = Pictures.Png(Interlocked.Increment(ref _sizes), 3);
        using var staged = await _rig.Get<ImageLibrary>().StageAsync(new MemoryStream(picture), CoreRig.Stop);
        var image = staged.ToRow(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), row.Id, 0, "fox");
        await _rig.Writer.WriteAsync(async (db, token) =>
        {
            db.Add(image);
            await db.SaveChangesAsync(token);
        }, CoreRig.Stop);
        return row;
    }

    private async Task LoseAsync(Generation row)
    {
        var images = await _rig.AllAsync<Core.Images.StoredImage>(rows => rows.Where(image => image.GenerationId == row.Id));
        await _rig.Store.Blobs.DeleteAsync(Assert.Single(images).BlobKey);
    }
}
