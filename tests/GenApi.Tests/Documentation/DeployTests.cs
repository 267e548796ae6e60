using System.Text.RegularExpressions;
using GenApi.Hosting.Settings;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Documentation;

/// <summary>Checks the examples for several instances without an engine or a cluster.</summary>
public sealed partial class DeployTests
{
    private static readonly string[] Files =
        [.. Directory.EnumerateFiles(Repository.PathOf("deploy"), "*.y*ml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_setting_in_them_exists()
    {
        var settings = File.ReadAllText(Repository.PathOf("docs/operate/settings.md"));
        var named = Files.SelectMany(file => Setting().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct()
            .Select(name => name.Replace("__", ":", StringComparison.Ordinal)).ToList();

        Assert.Contains("Database:Provider", named);
        Assert.All(named, name =>
        {
            Assert.True(SettingNames.Has(name), name);
            Assert.Contains($"`{ListItem().Replace(name, "")}`", settings, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Instances_have_no_rights_stop_in_peace_and_are_asked_the_right_question()
    {
        var compose = File.ReadAllText(Repository.PathOf("deploy/compose/docker-compose.yml"));
        Assert.All(
            ["read_only: true", "- no-new-privileges:true", "- ALL", "\"127.0.0.1:8080:8080\"", "stop_grace_period: 20s"],
            line => Assert.Contains(line, compose, StringComparison.Ordinal));
        Assert.DoesNotContain("AllowAnonymous", compose, StringComparison.Ordinal);

        var deployment = File.ReadAllText(Repository.PathOf("deploy/kubernetes/deployment.yaml"));
        Assert.Matches(@"readinessProbe:\s+httpGet:\s+path: /health/ready\b", deployment);
        // A database that is away must not end every instance.
        Assert.Matches(@"livenessProbe:\s+httpGet:\s+path: /health\s", deployment);
        Assert.Contains("maxUnavailable: 0", deployment, StringComparison.Ordinal);
        Assert.Contains("runAsNonRoot: true", deployment, StringComparison.Ordinal);
        var listed = File.ReadAllText(Repository.PathOf("deploy/kubernetes/kustomization.yaml"));
        var manifests = Files.Where(file => file.Contains("kubernetes", StringComparison.Ordinal))
            .Select(file => Path.GetFileName(file)).Where(name => name != "kustomization.yaml");
        Assert.All(manifests, name => Assert.Contains($"- {name}", listed, StringComparison.Ordinal));
    }

    /// <summary>nginx checks its own file, where it is installed.</summary>
    [Fact]
    public async Task The_proxy_accepts_its_settings()
    {
        var nginx = ServerPrograms.Find("nginx");
        Assert.SkipWhen(nginx is null, "nginx is not installed (Debian: nginx-light).");
        var folder = Directory.CreateTempSubdirectory("genapi-nginx-").FullName;
        try
        {
            // The names of the instances exist in the network of compose only.
            var text = File.ReadAllText(Repository.PathOf("deploy/compose/nginx.conf"));
            await File.WriteAllTextAsync(
                Path.Combine(folder, "nginx.conf"), InstanceHost().Replace(text, "127.0.0.1:8080"), TestContext.Current.CancellationToken);
            await ServerPrograms.RunAsync(nginx!, ["-t", "-p", folder, "-c", "nginx.conf", "-e", "stderr"], asUser: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"\b([A-Z][A-Za-z]+(?:__\w+)+)\s*:")]
    private static partial Regex Setting();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex ListItem();

    [GeneratedRegex(@"genapi\d:8080")]
    private static partial Regex InstanceHost();
}
