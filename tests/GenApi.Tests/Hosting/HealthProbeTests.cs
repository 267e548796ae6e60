using GenApi.Hosting.Health;
using Microsoft.Extensions.Configuration;

namespace GenApi.Tests.Hosting;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData(null, "http://localhost:8080/health/ready")]
    [InlineData("http://+:8080", "http://localhost:8080/health/ready")]
    [InlineData("http://*:5000;https://*:5001", "http://localhost:5000/health/ready")]
    [InlineData("http://0.0.0.0:81", "http://localhost:81/health/ready")]
    [InlineData("http://127.0.0.1:9090", "http://127.0.0.1:9090/health/ready")]
    public void The_address_listened_on_is_the_one_asked(string? urls, string target) =>
        Assert.Equal(target, HealthProbe.Target(urls).ToString());

    [Fact]
    public async Task A_running_service_is_ready_and_a_stopped_one_is_not()
    {
        await using var app = await GenApiApp.StartAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Urls", app.Address.ToString())]).Build();

        Assert.Equal(0, await HealthProbe.RunAsync(configuration));
        await app.StopAsync();
        Assert.Equal(1, await HealthProbe.RunAsync(configuration));
    }
}
