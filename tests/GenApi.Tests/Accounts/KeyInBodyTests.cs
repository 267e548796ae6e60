namespace GenApi.Tests.Accounts;

/// <summary>A request whose body holds the key that it is sent with is refused everywhere, because bodies are stored and shown.</summary>
public sealed class KeyInBodyTests(KeyInBodyTests.House house) : IClassFixture<KeyInBodyTests.House>
{
    [Theory]
    [InlineData("/generate", """{"prompt":"a fox","metadata":{"token":"KEY"}}""")]
    [InlineData("/generate", """{"prompt":"a fox for KEY"}""")]
    [InlineData("/generate", """{"prompt":"a fox","input":{"settings":["\u0067REST"]}}""")]
    [InlineData("/v1/images/generations", """{"model":"sdxl","prompt":"a fox","negative_prompt":"KEY"}""")]
    [InlineData("/v1/images/generations", """{"model":"sdxl","prompt":"KEY"}""")]
    [InlineData("/sdapi/v1/txt2img", """{"prompt":"KEY"}""")]
    public async Task A_key_in_the_body_is_refused_and_not_repeated(string path, string body)
    {
        body = body.Replace("KEY", house.Secret, StringComparison.Ordinal).Replace("REST", house.Secret[1..], StringComparison.Ordinal);

        var answer = await house.App.PostAsync(path, body, Keys.Of(house.Secret));

        Assert.InRange(answer.Status, 400, 422);
        Assert.Contains("the API key of this request", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(house.Secret[10..], answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, house.App.Sandbox.Stats.Creations);
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        internal string Secret { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            Secret = (await App.MakeAsync("shop")).Secret;
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
