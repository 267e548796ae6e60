using System.Text;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Persistence;
using GenApi.Tests.Doors;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Accounts;

/// <summary>
/// Every route × {no key, a wrong key, a revoked one, an expired one, one without the right, a valid one for another account's resource}. A
/// route that is not in the table fails the first test: add it there with the right that it needs.
/// </summary>
public sealed class AccessTableTests(AccessTableTests.House house) : IClassFixture<AccessTableTests.House>
{
    private const string Open = "";

    /// <summary>Method and route, and the required right; <see cref="Open"/>: everyone may use it.</summary>
    private static readonly (string Route, string Right)[] Table =
    [
        ("POST /generate", "generate"),
        ("POST /generate/estimate", "generate"),
        ("GET /generations", "read"),
        ("GET /generations/{id}", "read"),
        ("POST /generations/{id}/cancel", "generate"),
        ("POST /generations/{id}/pin", "generate"),
        ("DELETE /generations/{id}/pin", "generate"),
        ("GET /generations/{id}/events", "read"),
        ("GET /events", "read"),
        ("GET /generations/{id}/logs", "read"),
        ("DELETE /generations/{id}", "generate"),
        ("GET /images/{id}", "read"),
        ("HEAD /images/{id}", "read"),
        ("GET /images/{id}/info", "read"),
        ("DELETE /images/{id}", "generate"),
        ("POST /images/read", "read"),
        ("GET /images", "read"),
        ("GET /images/tags", "read"),
        ("GET /images/{id}/tags", "read"),
        ("PUT /images/{id}/tags/{tag}", "generate"),
        ("DELETE /images/{id}/tags/{tag}", "generate"),
        ("POST /images/archive", "read"),
        ("POST /images/delete", "generate"),
        ("POST /images/restore", "generate"),
        ("GET /files/{id}", "read"),
        ("HEAD /files/{id}", "read"),
        ("GET /files/{id}/info", "read"),
        ("DELETE /files/{id}", "generate"),
        ("POST /uploads", "generate"),
        ("GET /uploads/{id}", "read"),
        ("DELETE /uploads/{id}", "generate"),
        ("GET /models", "read"),
        ("GET /models/{alias}", "read"),
        ("GET /models/{owner}/{name}", "read"),
        ("GET /models/{**page}", "read"),
        ("GET /models/{alias}/versions", "read"),
        ("GET /models/{owner}/{name}/versions", "read"),
        ("GET /generations/{id}/deliveries", "read"),
        ("POST /generations/{id}/deliveries/{delivery_id}/redeliver", "generate"),
        ("GET /accounts/me", "read"),
        ("GET /accounts/me/webhook-secret", "generate"),
        ("POST /accounts/me/webhook-secret/rotate", "generate"),
        ("GET /usage", "read"),
        ("POST /accounts/keys", "admin"),
        ("GET /accounts/keys", "admin"),
        ("GET /accounts/keys/{id}", "admin"),
        ("PATCH /accounts/keys/{id}", "admin"),
        ("POST /accounts/keys/{id}/rotate", "admin"),
        ("POST /accounts/keys/{id}/webhook-secret/rotate", "admin"),
        ("DELETE /accounts/keys/{id}", "admin"),
        ("GET /accounts/audit", "admin"),
        ("POST /links/rotate", "admin"),
        ("GET /status", "admin"),
        ("GET /metrics", "metrics"),
        ("GET /session", Open),
        ("POST /session", Open),
        ("DELETE /session", Open),
        ("GET /health/live", Open),
        ("HEAD /health/live", Open),
        ("GET /health/ready", Open),
        ("HEAD /health/ready", Open),
        ("GET /openapi/v1.json", Open),
        ("GET /swagger/{**file}", Open),
        ("GET /", Open),
        ("HEAD /", Open),
        ("GET /app/{view}", Open),
        ("HEAD /app/{view}", Open),
        ("GET /app/{version}/{**file}", Open),
        ("HEAD /app/{version}/{**file}", Open),
    ];

    public static TheoryData<string, string> Guarded => Rows(right => right != Open);

    /// <summary>The routes with the id of a resource that belongs to a key. Keys themselves are for administrators only.</summary>
    public static TheoryData<string> OfThings =>
        [
            .. Table.Select(row => row.Route).Where(
                route => route.Contains("{id}", StringComparison.Ordinal) && !route.Contains("/accounts/", StringComparison.Ordinal))];

    public static TheoryData<string, string> Unguarded => Rows(right => right == Open);

    [Fact]
    public void Every_route_is_in_the_table()
    {
        var routes = house.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(
                endpoint =>
                    (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                        .Select(method => (Method: method, Path: $"/{endpoint.RoutePattern.RawText!.Trim('/')}")))
            .Where(route => !DoorAccessTests.IsOfDoor(route.Path)).Select(route => $"{route.Method} {route.Path}");

        Assert.Equal(Table.Select(row => row.Route).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Guarded))]
    public async Task A_guarded_route_turns_away_who_may_not(string route, string right)
    {
        foreach (var (who, secret) in house.Strangers)
        {
            var answer = await house.AskAsync(route, secret);
            Assert.True(answer.Status == 401, $"{who}: {answer.Status} {answer.Text}");
            Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            AssertProblem(answer, route, "unauthenticated");
        }
        foreach (var (rights, secret) in house.Holders)
        {
            var answer = await house.AskAsync(route, secret);
            if (rights == right || rights == "admin")
                Assert.True(answer.Status is not (401 or 403), $"{rights}: {answer.Status} {answer.Text}");
            else
            {
                Assert.True(answer.Status == 403, $"{rights}: {answer.Status} {answer.Text}");
                AssertProblem(answer, route, "forbidden");
            }
        }
    }

    /// <summary>Another key's resource is not found, to the byte: the answer is the one for a resource that never existed.</summary>
    [Theory, MemberData(nameof(OfThings))]
    public async Task Anothers_thing_is_not_there(string route)
    {
        var answer = await house.AskAsync(route, house.Other, house.Things);
        var missing = await house.AskAsync(route, house.Other);

        Assert.True(answer.Status == 404, $"{answer.Status} {answer.Text}");
        if (!route.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.Equal((missing.Code, missing["detail"].GetString()), (answer.Code, answer["detail"].GetString()));
        // And its own key finds it, then and later.
        Assert.Equal(200, (await house.AskAsync("GET /generations/{id}", house.Own, house.Things)).Status);
        Assert.Equal(200, (await house.AskAsync("GET /images/{id}", house.Own, house.Things)).Status);
        Assert.Equal(200, (await house.AskAsync("GET /files/{id}", house.Own, house.Things)).Status);
        Assert.Equal(200, (await house.AskAsync("GET /uploads/{id}", house.Own, house.Things)).Status);
    }

    [Theory, MemberData(nameof(Unguarded))]
    public async Task An_open_route_asks_nobody(string route, string _)
    {
        foreach (var (who, secret) in house.Strangers)
        {
            var answer = await house.AskAsync(route, secret);
            // The body of these requests is none for POST /session, and no file of the page has the name.
            Assert.True(answer.Status is 200 or 204 or 302 or 400 or 404, $"{who}: {answer.Status} {answer.Text}");
            Assert.DoesNotContain((string[])[Keys.Admin, GenApiApp.Token], each => answer.Text.Contains(each, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_document_says_of_every_route_what_the_table_says()
    {
        var document = (await house.AskAsync("GET /openapi/v1.json", null)).Json;

        Assert.Equal(
            "bearer",
            document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").GetProperty("scheme").GetString());
        foreach (var (route, right) in Table.Where(row => row.Right != Open && !row.Route.Contains("{**", StringComparison.Ordinal)))
        {
            var parts = route.Split(' ');
            var operation = document.GetProperty("paths").GetProperty(parts[1]).GetProperty(parts[0].ToLowerInvariant());
            Assert.Equal(2, operation.GetProperty("security").GetArrayLength());
            Assert.Contains(
                $"`{right}`", operation.GetProperty("responses").GetProperty("403").GetProperty("description").GetString(),
                StringComparison.Ordinal);
        }
    }

    private static void AssertProblem(Answer answer, string route, string code)
    {
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
        if (!route.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.Equal(code, answer.Code);
    }

    private static TheoryData<string, string> Rows(Func<string, bool> which)
    {
        var data = new TheoryData<string, string>();
        foreach (var (route, right) in Table.Where(row => which(row.Right)))
            data.Add(route, right);
        return data;
    }

    /// <summary>One service with a key of every kind.</summary>
    public sealed class House : IAsyncLifetime
    {
        private const string Nothing = "01m874sb8sejtsw12hbne676v8";

        internal GenApiApp App { get; private set; } = null!;

        /// <summary>The key that owns the resources, and one with the same rights that owns none.</summary>
        public string Own { get; private set; } = "";

        public string Other { get; private set; } = "";

        /// <summary>The ids by their prefix.</summary>
        internal IReadOnlyDictionary<string, string> Things { get; private set; } = new Dictionary<string, string>();

        public IReadOnlyList<(string Who, string? Secret)> Strangers { get; private set; } = [];

        public IReadOnlyList<(string Rights, string Secret)> Holders { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            var ct = TestContext.Current.CancellationToken;
            var keys = App.Services.GetRequiredService<ApiKeys>();
            var revoked = await keys.CreateAsync(new KeyTerms("revoked", KeyRights.Admin, null), Actor.AtTheMachine, ct);
            await keys.RevokeAsync(revoked.Key.Id, Actor.AtTheMachine, ct);
            var expired = await keys.CreateAsync(new KeyTerms("expired", KeyRights.Admin, revoked.Key.CreatedAt), Actor.AtTheMachine, ct);
            Strangers = [
                ("no key", null), ("a wrong key", KeySecret.Make()), ("a revoked key", revoked.Secret), ("an expired key", expired.Secret)];
            var good = new List<(string, string)>();
            foreach (var right in KeyRightsWords.All)
                good.Add(
                    (right,
                        (await keys.CreateAsync(new KeyTerms(right, KeyRightsWords.Parse(right), null), Actor.AtTheMachine, ct)).Secret));
            Holders = good;
            (Own, Other) = ((await App.MakeAsync("own")).Secret, (await App.MakeAsync("other")).Secret);
            var made = await App.GenerateAsync(
                new
                {
                    prompt = "a red fox",
                    model = "sandbox/clip",
                    seed = 1,
                    width = 64,
                    height = 64,
                    webhook = "https://receiver.example/",
                },
                Keys.Of(Own));
            var delivery = await App.GetAsync($"/generations/{made.Id}/deliveries", Keys.Of(Own));
            var upload = await App.SendAsync(
                HttpMethod.Post, "/uploads", new ByteArrayContent(Uploads.InputPictures.Plain(16, 16)), Keys.Of(Own));
            Things = new Dictionary<string, string>
            {
                [PublicId.Generation] = made.Id,
                [PublicId.Image] = made["images"][0].GetProperty("id").GetString()!,
                [PublicId.File] = made["files"][0].GetProperty("id").GetString()!,
                [PublicId.Upload] = upload.Id,
                [PublicId.Message] = delivery["data"][0].GetProperty("id").GetString()!,
            };
        }

        /// <summary>
        /// The ids in the path do not exist: an allowed caller gets 404, or another fitting status, and never 401 or 403.
        /// </summary>
        internal Task<Answer> AskAsync(string route, string? secret, IReadOnlyDictionary<string, string>? things = null)
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
            var prefix = path.Split('/')[1] switch
            {
                "images" => PublicId.Image,
                "files" => PublicId.File,
                "accounts" => PublicId.Key,
                "uploads" => PublicId.Upload,
                _ => PublicId.Generation,
            };
            path = path.Replace("{id}", things?[prefix] ?? prefix + Nothing, StringComparison.Ordinal)
                .Replace("{delivery_id}", things?[PublicId.Message] ?? PublicId.Message + Nothing, StringComparison.Ordinal)
                .Replace("{tag}", "fox", StringComparison.Ordinal)
                .Replace("{**file}", "index.html", StringComparison.Ordinal)
                .Replace("{**page}", "https://replicate.com/owner/name", StringComparison.Ordinal);
            // Otherwise it would go on.
            if (path == "/events")
                path += "?follow=false";
            var body = method is "POST" or "PATCH" ? new StringContent("""{"nothing":1}""", Encoding.UTF8, "application/json") : null;
            return App.SendAsync(new HttpMethod(method), path, body, secret is null ? [] : [Keys.Of(secret)]);
        }

        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }
}
