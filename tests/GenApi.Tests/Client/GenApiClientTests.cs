using System.Text.Json.Nodes;
using GenApi.Client;
using GenApi.Tests.Accounts;
using GenApi.Tests.Images;
using GenApi.Tests.Replicate;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Client;

public sealed class GenApiClientTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static GenerateRequest Fox => new() { Prompt = "a red fox", Width = 64, Height = 64 };

    [Fact]
    public async Task A_caller_with_a_key_makes_finds_pins_and_deletes_and_sees_what_it_cost()
    {
        await using var app = await Keys.StartAsync(new() { ["Models:Prices:stability-ai/sdxl:PerImage"] = "0.01" });
        using var client = new GenApiClient(app.Address, (await app.MakeAsync("ann")).Secret + "\n");

        var made = new List<Generation>();
        for (var seed = 1; seed <= 3; seed++)
        {
            var request = Fox with { Seed = seed, Input = new JsonObject { ["scheduler"] = "K_EULER" } };
            made.Add(await client.GenerateAsync(request, cancellationToken: Ended));
        }
        var ofNow = new GenerationQuery { Status = GenerationStatus.Succeeded, Model = "sdxl", Words = "fox red", PageSize = 1 };
        var listed = await client.ListAsync(ofNow with { CreatedAfter = made[0].CreatedAt }, Ended).ToListAsync(Ended);
        var pinned = await client.PinAsync(made[0].Id, Ended);
        var onlyPinned = await client.ListAsync(new() { Pinned = true }, Ended).ToListAsync(Ended);
        var unpinned = await client.UnpinAsync(made[0].Id, Ended);
        var logs = await client.GetLogsAsync(made[0].Id, Ended);
        await client.DeleteAsync(made[2].Id, Ended);
        var account = await client.GetAccountAsync(Ended);
        var (yesterday, tomorrow) = (made[0].CreatedAt.AddDays(-1), made[0].CreatedAt.AddDays(1));
        var usage = await client.GetUsageAsync(new() { GroupBy = "model", From = yesterday, To = tomorrow }, Ended);

        Assert.Equal(made.Select(each => each.Id).Reverse(), listed.Select(each => each.Id));
        Assert.Equal("K_EULER", made[0].Input.GetProperty("scheduler").GetString());
        Assert.Equal(0.01m, made[0].Cost!.Usd);
        Assert.True(made[0].Timing.TotalSeconds > 0 && made[0].CompletedAt > made[0].CreatedAt);
        Assert.Equal((true, made[0].Id, false), (pinned.Pinned, Assert.Single(onlyPinned).Id, unpinned.Pinned));
        Assert.NotEqual("", logs);
        Assert.Equal(404,
            (await Assert.ThrowsAsync<GenApiProblemException>(() => client.GetAsync(made[2].Id, cancellationToken: Ended))).Status);
        Assert.Equal(("ann", usage.Totals.CostUsd), (account.Name, account.Budgets.Total.SpentUsd));
        Assert.Equal((3, "stability-ai/sdxl", 0.03m),
            (Assert.Single(usage.Groups).Runs, usage.Groups[0].Group, usage.Totals.CostUsd));
    }

    [Fact]
    public async Task A_caller_names_the_person_for_whom_it_asks_and_reads_what_they_spent()
    {
        await using var app = await Keys.StartAsync(new() { ["Models:Prices:stability-ai/sdxl:PerImage"] = "0.01" });
        var (id, secret) = await app.MakeAsync("shop");
        await app.PatchKeyAsync(id, """{ "end_user_budgets": { "total": "0.015" } }""");
        using var client = new GenApiClient(app.Address, secret);

        var made = await client.GenerateAsync(Fox with { Seed = 1, User = "ann" }, cancellationToken: Ended);
        await client.GenerateAsync(Fox with { Seed = 2 }, cancellationToken: Ended);
        var hit = await app.GenerateAsync(
            new { prompt = "a red fox", width = 64, height = 64, seed = 1 }, Keys.Of(secret), ("X-OpenWebUI-User-Id", "ann"),
            ("X-OpenWebUI-User-Email", "ann@pictures.example"), ("X-OpenWebUI-User-Name", "Ann"));
        var refused = await Assert.ThrowsAsync<GenApiProblemException>(
            () => client.GenerateAsync(Fox with { Seed = 3, User = "ann" }, cancellationToken: Ended));
        var listed = await client.ListAsync(new() { EndUser = "ann" }, Ended).ToListAsync(Ended);
        var (yesterday, tomorrow) = (made.CreatedAt.AddDays(-1), made.CreatedAt.AddDays(1));
        var query = new UsageQuery { GroupBy = "end_user", EndUser = "ann", From = yesterday, To = tomorrow };
        var group = Assert.Single((await client.GetUsageAsync(query, Ended)).Groups);

        Assert.Equal(("ann", "ann", made.Id), (made.EndUser, GenerateRequest.Again(made).User, hit.Id));
        Assert.Equal(("budget_exhausted", "end_user", "ann"), (refused.Code, refused.Budget!.Of, refused.Budget.EndUser));
        Assert.Equal(made.Id, Assert.Single(listed).Id);
        Assert.Equal(("ann", "Ann", "ann@pictures.example"), (group.Group, group.Name, group.Email));
        Assert.Equal((1L, 1L, 0.01m), (group.Runs, group.Hits, group.CostUsd));
    }

    [Fact]
    public async Task An_administrator_ends_all_lasting_links_and_nobody_else_can()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("shop");
        using var shop = new GenApiClient(app.Address, secret);
        using var admin = new GenApiClient(app.Address, Keys.Admin);
        var request = new { prompt = "a red fox", model = "sdxl", size = "128x128", response_format = "url" };
        var made = await app.PostAsync("/v1/images/generations", request, Keys.Of(secret));
        Assert.True(made.Status == 200, made.Text);
        var link = new Uri(made["data"][0].GetProperty("url").GetString()!).PathAndQuery;

        var refused = await Assert.ThrowsAsync<GenApiProblemException>(() => shop.RotateLinksAsync(Ended));
        var before = await app.GetAsync(link);
        await admin.RotateLinksAsync(Ended);
        var after = await app.GetAsync(link);

        Assert.Equal((403, "forbidden", 1), (refused.Status, refused.Code, refused.Attempts));
        Assert.Equal((200, 403, "forbidden"), (before.Status, after.Status, after.Code));
    }

    [Fact]
    public async Task Models_tell_what_they_take_and_their_example_can_be_sent()
    {
        await using var app = await GenApiApp.StartAsync();
        using var client = new GenApiClient(app.Address);

        var models = await client.ListModelsAsync(Ended).ToListAsync(Ended);
        var found = await client.SearchModelsAsync("flux", cancellationToken: Ended);
        var one = await client.GetModelAsync("stability-ai/sdxl", Ended);
        var versions = await client.ListModelVersionsAsync("sdxl", Ended).ToListAsync(Ended);
        var pinned = await client.GetModelAsync($"{one.Model}:{versions.Single(each => each.Used).Version}", Ended);
        var unknown = await Assert.ThrowsAsync<GenApiProblemException>(() => client.GetModelAsync("sdxxl", Ended));

        Assert.Contains(models, each => each is { Alias: "sdxl", Default: true, Price: { Hardware: not null, UsdPerSecond: > 0 } });
        Assert.True(found.Search.UpstreamAnswered);
        Assert.Contains(found.Models, each => each.Alias == "flux-dev");
        Assert.Equal("num_inference_steps", Assert.Single(one.CommonNames["steps"]));
        Assert.Equal(one.Version, pinned.Version);
        Assert.Equal("unknown_model", unknown.Code);
        Assert.Equal(GenerationStatus.Succeeded,
            (await client.GenerateAsync(one.ToRequest() with { Width = 64, Height = 64 }, cancellationToken: Ended)).Status);
    }

    [Fact]
    public async Task A_picture_is_uploaded_and_used_as_an_input()
    {
        await using var app = await GenApiApp.StartAsync();
        using var client = new GenApiClient(app.Address);
        var path = Path.Combine(app.Folder, "in.png");
        await File.WriteAllBytesAsync(path, Pictures.Png(64, 64), Ended);

        var upload = await client.UploadAsync(path, Ended);
        var same = await client.UploadAsync(Pictures.Png(64, 64), Ended);
        var made = await client.GenerateAsync(Fox with { Image = upload.Id, Strength = 0.5, Seed = 1 }, cancellationToken: Ended);
        var known = await client.GetUploadAsync(upload.Id, Ended);
        await client.DeleteUploadAsync(same.Id, Ended);
        var none = await Assert.ThrowsAsync<GenApiProblemException>(() => client.UploadAsync("no picture"u8.ToArray(), Ended));

        Assert.Equal(("image/png", 64, 64, upload.Sha256), (upload.ContentType, upload.Width, known.Height, same.Sha256));
        Assert.Equal(upload.Id, made.Input.GetProperty("image").GetString());
        Assert.Equal((415, "unsupported_media_type", 1), (none.Status, none.Code, none.Attempts));
    }

    [Fact]
    public async Task A_refusal_says_everything_at_once_and_is_not_sent_again()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Accounts:KeyBudget:Day"] = "0.000001" });
        await using var front = await Front.StartAsync(app);
        using var client = front.Client();

        var invalid = await Assert.ThrowsAsync<GenApiProblemException>(() =>
            client.GenerateAsync(new() { Prompt = "", Width = 0 }, cancellationToken: Ended));
        var budget = await Assert.ThrowsAsync<GenApiProblemException>(() =>
            client.GenerateAsync(new() { Prompt = "a red fox" }, cancellationToken: Ended));

        Assert.Equal((400, "invalid_request", 2), (invalid.Status, invalid.Code, invalid.Errors.Count));
        Assert.All(invalid.Errors.Values.SelectMany(each => each), sentence =>
            Assert.Contains(sentence, invalid.Message, StringComparison.Ordinal));
        Assert.Contains(invalid.TraceId!, invalid.Message, StringComparison.Ordinal);
        Assert.Equal((402, "budget_exhausted", "key", "day", 0.000001m),
            (budget.Status, budget.Code, budget.Budget!.Of, budget.Budget.Span, budget.Budget.LimitUsd));
        Assert.Equal(2, front.Seen("POST", "/generate").Count);
    }

    [Fact]
    public async Task It_comes_from_an_IHttpClientFactory_by_a_line_of_the_frameworks_own()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("ann");
        var services = new ServiceCollection();
        services.AddHttpClient<GenApiClient>(http =>
        {
            http.BaseAddress = app.Address;
            http.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        });
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("ann", (await provider.GetRequiredService<GenApiClient>().GetAccountAsync(Ended)).Name);
    }

    [Fact]
    public async Task The_address_may_have_a_path_and_a_redirect_is_told_and_not_followed_with_the_key()
    {
        await using var server = await ScriptedServer.StartAsync(308, "", "text/plain", ("Location", "https://other.example/"));
        using var client = new GenApiClient(new Uri(server.BaseUrl, "/behind/this?query=1"), "genapi_key");

        var refused = await Assert.ThrowsAsync<GenApiProblemException>(() => client.GetAsync("gen_1/../x?y", cancellationToken: Ended));

        var seen = Assert.Single(server.Requests);
        Assert.Equal(("/behind/this/generations/gen_1%2F..%2Fx%3Fy", "Bearer genapi_key"), (seen.Target, seen.Headers["Authorization"]));
        Assert.StartsWith("GenApi.Client/", seen.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Contains("https://other.example/", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task What_would_lead_to_another_route_is_no_id_and_no_name(string text)
    {
        using var client = new GenApiClient(new Uri("http://127.0.0.1:9"));

        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.DeleteAsync(text, Ended));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.DeleteUploadAsync(text, Ended));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.GetModelAsync($"owner/{text}", Ended));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.DeleteAsync(new GeneratedImage { Id = text }, Ended));
    }

    [Fact]
    public async Task Something_else_at_the_address_is_named_as_such_and_not_asked_again()
    {
        await using var server = await ScriptedServer.StartAsync(200, "<h1>Welcome</h1>", "text/html");
        using var client = new GenApiClient(server.BaseUrl);

        var failure = await Assert.ThrowsAsync<GenApiConnectionException>(() => client.GetAccountAsync(Ended));

        Assert.Contains("text/html", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("/generate", null)]
    [InlineData("ftp://localhost", null)]
    [InlineData("http://localhost", "two words")]
    [InlineData("http://localhost", "größer")]
    public void What_can_not_work_is_refused_when_the_client_is_made(string address, string? key)
    {
        var refused = Assert.Throws<ArgumentException>(() => new GenApiClient(new Uri(address, UriKind.RelativeOrAbsolute), key));

        if (key is not null)
            Assert.DoesNotContain(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_is_verified_over_its_bytes_and_read()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(receiver.Settings);
        using var client = new GenApiClient(app.Address, (await app.MakeAsync("shop")).Secret);
        var verifier = new WebhookVerifier((await client.GetWebhookSecretAsync(Ended)).Secret);
        var request = Fox with { Prompt = "größer – ein Fuchs", Webhook = receiver.Url };
        var made = await client.GenerateAsync(request, cancellationToken: Ended);

        var sent = await receiver.NextAsync(1);
        var (id, timestamp, signature) = sent.Headers;
        var body = System.Text.Encoding.UTF8.GetBytes(sent.Request.Body);
        var message = verifier.Read(id, timestamp, signature, body)!;

        Assert.Equal((id, "generation.completed", made.Id, made.Images[0].Sha256),
            (message.Id, message.Type, message.Generation.Id, message.Generation.Images[0].Sha256));
        Assert.True(verifier.IsValid(id, timestamp, $"v1a,AAAA v1,AAAA {signature}", body));
        Assert.Null(verifier.Read(id, timestamp, signature, [.. body, (byte)' ']));
        Assert.Null(verifier.Read("msg_other", timestamp, signature, body));
        Assert.Null(verifier.Read(id, timestamp, null, body));
        Assert.Null(verifier.Read(id, "now", signature, body));
        Assert.Null(new WebhookVerifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Read(id, timestamp, signature, body));
        var later = new SteppedClock();
        later.Step(TimeSpan.FromSeconds(301));
        Assert.Null(new WebhookVerifier((await client.GetWebhookSecretAsync(Ended)).Secret, later).Read(id, timestamp, signature, body));
        Assert.Throws<ArgumentException>(() => new WebhookVerifier("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }
}
