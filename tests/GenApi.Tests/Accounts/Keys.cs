using System.Text;

namespace GenApi.Tests.Accounts;

/// <summary>Keys for tests, made over HTTP as by an administrator.</summary>
internal static class Keys
{
    /// <summary>The value of <c>Accounts:AdminKey</c>.</summary>
    public const string Admin = "an-admin-key-for-tests-0123456789abcdef";

    public static (string, string) Of(string secret) => ("Authorization", $"Bearer {secret}");

    public static (string, string) AsAdmin => Of(Admin);

    /// <summary>A service that requires keys.</summary>
    public static Task<GenApiApp> StartAsync(
        Dictionary<string, string?>? settings = null, GenApi.Sandbox.Control.SandboxOptions? sandbox = null, TimeProvider? time = null) =>
        GenApiApp.StartAsync(new(settings ?? []) { ["Accounts:AdminKey"] = Admin }, sandbox, time);

    public static async Task<(string Id, string Secret)> MakeAsync(this GenApiApp app, string name, params string[] rights)
    {
        var made = await app.PostAsync(
            "/accounts/keys", new { name, rights = rights.Length == 0 ? ["generate", "read"] : rights }, AsAdmin);
        Assert.True(made.Status == 201, made.Text);
        return (made.Id, made["secret"].GetString()!);
    }

    public static async Task<(string Id, string Secret)> MakeBudgetedAsync(this GenApiApp app, object budgets)
    {
        var made = await app.PostAsync("/accounts/keys", new { name = "shop", budgets }, AsAdmin);
        Assert.True(made.Status == 201, made.Text);
        return (made.Id, made["secret"].GetString()!);
    }

    public static async Task PatchKeyAsync(this GenApiApp app, string id, string body)
    {
        var changed = await app.SendAsync(
            HttpMethod.Patch, $"/accounts/keys/{id}", new StringContent(body, Encoding.UTF8, "application/json"), AsAdmin);
        Assert.True(changed.Status == 200, changed.Text);
    }
}
