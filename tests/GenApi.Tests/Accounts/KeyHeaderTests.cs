using System.Text;

namespace GenApi.Tests.Accounts;

/// <summary>
/// The forms in which callers send their key: which ones are accepted, and which ones get an answer that names the header.
/// </summary>
public sealed class KeyHeaderTests(KeyHeaderTests.House house) : IClassFixture<KeyHeaderTests.House>
{
    private const string Key = "{key}";

    [Theory]
    [InlineData("X-Api-Key", "Bearer {key}")]
    [InlineData("X-Api-Key", "bearer   {key}")]
    [InlineData("X-API-KEY", "{key}")]
    [InlineData("Authorization", "Bearer {key}")]
    [InlineData("Authorization", "BEARER {key}")]
    public async Task A_key_is_understood_with_or_without_Bearer_in_its_own_header(string header, string value) =>
        Assert.Equal(200, (await house.AskAsync((header, value))).Status);

    [Theory]
    [InlineData("Authorization", "{key}", "The header Authorization lacks the word Bearer before the key.")]
    [InlineData("Authorization", "Bearer", "The header Authorization has no key behind Bearer.")]
    [InlineData("Authorization", "Token {key}", "The header Authorization has the scheme Token, but only Bearer is read.")]
    [InlineData("Authorization", "Basic dXNlcjpwYXNz", "The header Authorization has the scheme Basic,")]
    [InlineData("Authorization", "genapi {key}", "The header Authorization has another scheme,")]
    [InlineData("Authorization", "Bearer \"{key}\"", "The header Authorization holds more than the key, such as quotes")]
    [InlineData("Authorization", "Bearer Bearer {key}", "The header Authorization holds more than the key,")]
    [InlineData("Authorization", "Bearer key={key}", "The header Authorization holds more than the key,")]
    [InlineData("X-Api-Key", "'{key}'", "The header X-Api-Key holds more than the key,")]
    [InlineData("X-Api-Key", "Token {key}", "The header X-Api-Key holds more than the key,")]
    [InlineData("X-Api-Key", "Bearer", "The header X-Api-Key holds no key.")]
    [InlineData("X-Api-Key", "", "The header X-Api-Key holds no key.")]
    [InlineData("Api-Key", "{key}", "The header Api-Key is not read.")]
    [InlineData("X-Auth-Token", "{key}", "The header X-Auth-Token is not read.")]
    [InlineData("Accept", "*/*", "Send an API key: Authorization: Bearer genapi_…, or X-Api-Key: genapi_….")]
    public async Task A_wrong_form_is_answered_by_the_name_of_the_header_and_never_with_the_key(
        string header, string value, string sentence)
    {
        var answer = await house.AskAsync((header, value));

        Assert.Equal((401, "unauthenticated"), (answer.Status, answer.Code));
        Assert.StartsWith(sentence, answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer genapi_…", answer["detail"].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.DoesNotContain(house.Secret[7..], answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_is_given_twice_is_named()
    {
        Assert.Equal("The header Authorization is given more than once. Send it once.",
            (await house.AskAsync(("Authorization", $"Bearer {Key}"), ("Authorization", $"Bearer {Key}")))["detail"].GetString());
        Assert.Equal("The header X-Api-Key is given more than once. Send it once.",
            (await house.AskAsync(("X-Api-Key", Key), ("X-Api-Key", Key)))["detail"].GetString());
        // Another program's value in one header does not spoil the other.
        Assert.Equal(200, (await house.AskAsync(("Authorization", "Token other"), ("X-Api-Key", $"Bearer {Key}"))).Status);
    }

    public sealed class House : IAsyncLifetime
    {
        private GenApiApp _app = null!;

        internal string Secret { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            _app = await Keys.StartAsync();
            Secret = (await _app.MakeAsync("shop")).Secret;
        }

        internal async Task<Answer> AskAsync(params (string Name, string Value)[] headers)
        {
            // Over a bare socket, because a client merges headers that it sends twice.
            var ct = TestContext.Current.CancellationToken;
            using var connection = await RawConnection.OpenAsync(_app.Address, ct);
            var lines = headers.Select(header => $"{header.Name}: {header.Value.Replace(Key, Secret, StringComparison.Ordinal)}\r\n");
            var request = $"GET /models?limit=1 HTTP/1.1\r\nHost: localhost\r\n{string.Concat(lines)}\r\n";
            await connection.SendAsync(Encoding.ASCII.GetBytes(request), ct);
            return (await connection.ReadAsync(hasBody: true, leavesStreams: false, ct))!;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
