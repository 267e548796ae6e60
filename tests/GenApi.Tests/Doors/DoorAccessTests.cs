using System.Text;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Tests.Accounts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Doors;

/// <summary>Every route of every door turns away a caller without a key, and one whose key lacks the route's right.</summary>
public sealed class DoorAccessTests(DoorAccessTests.House house) : IClassFixture<DoorAccessTests.House>
{
    private const string Nothing = "01m874sb8sejtsw12hbne676v8";

    private static readonly string[] Prefixes = ["/replicate/", "/v1/", "/sdapi/", "/mcp"];

    /// <summary>Returns whether a path belongs to a door, whose routes are in no table of our own API.</summary>
    public static bool IsOfDoor(string path) => Prefixes.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));

    [Fact]
    public void Each_route_needs_a_right_that_a_caller_can_have()
    {
        Assert.True(house.Routes.Count > 40);
        foreach (var (method, path, endpoint) in house.Routes)
        {
            Assert.Null(endpoint.Metadata.GetMetadata<IAllowAnonymous>());
            var right = endpoint.Metadata.GetMetadata<NeededRight>()?.Right;
            Assert.True(right is not null && (right & (KeyRights.Generate | KeyRights.Read)) != 0, $"{method} {path}: {right}");
        }
    }

    [Fact]
    public async Task Each_route_turns_away_a_caller_without_a_key_or_with_a_wrong_one()
    {
        foreach (var (method, path, _) in house.Routes)
        {
            foreach (var secret in new[] { null, KeySecret.Make() })
            {
                var answer = await house.AskAsync(method, path, secret);
                Assert.True(answer.Status == 401, $"{method} {path}: {answer.Status} {answer.Text}");
                Assert.Contains("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Each_route_turns_away_a_key_that_lacks_its_right_and_lets_another_in()
    {
        foreach (var (method, path, endpoint) in house.Routes)
        {
            var right = endpoint.Metadata.GetMetadata<NeededRight>()!.Right;
            foreach (var (has, secret) in house.Holders)
            {
                var answer = await house.AskAsync(method, path, secret);
                // A door may refuse by itself what nobody can do here.
                var isTurnedAway = answer.Status == 403 && answer.Text.Contains("does not have the right", StringComparison.Ordinal);
                Assert.True(isTurnedAway == ((has & right) == 0), $"{method} {path} with {has}: {answer.Status} {answer.Text}");
                Assert.NotEqual(401, answer.Status);
            }
        }
    }

    public sealed class House : IAsyncLifetime
    {
        private GenApiApp _app = null!;

        internal IReadOnlyList<(string Method, string Path, RouteEndpoint Endpoint)> Routes { get; private set; } = [];

        internal IReadOnlyList<(KeyRights Rights, string Secret)> Holders { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            _app = await Keys.StartAsync();
            Holders =
            [
                (KeyRights.Read, (await _app.MakeAsync("reader", "read")).Secret),
                (KeyRights.Generate, (await _app.MakeAsync("maker", "generate")).Secret),
                (KeyRights.Metrics, (await _app.MakeAsync("watcher", "metrics")).Secret),
            ];
            Routes =
            [
                .. from endpoint in _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                    let path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
                    where IsOfDoor(path)
                    from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
                    select (method, path, endpoint),
            ];
        }

        /// <summary>The ids in the path do not exist, and the bodies say nothing: whoever may come in gets another refusal.</summary>
        internal Task<Answer> AskAsync(string method, string path, string? secret)
        {
            path = System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]*\}", Nothing);
            var body = method is "POST" or "PATCH" or "PUT" or "QUERY"
                ? new StringContent("""{"nothing":1}""", Encoding.UTF8, "application/json")
                : null;
            return _app.SendAsync(new HttpMethod(method), path, body, secret is null ? [] : [Keys.Of(secret)]);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
