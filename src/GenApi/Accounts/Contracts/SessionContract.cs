using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace GenApi.Accounts.Contracts;

[Description("Whether this browser is signed in.")]
internal sealed record SessionContract
{
    [Description("True if the cookie of the request names a key that is valid now.")]
    public required bool SignedIn { get; init; }

    [Description("False if callers without a key may use the service. They have fewer rights then, unless there is no key at all.")]
    public required bool NeedsKey { get; init; }

    [Description("The key's name. Null if not signed in.")]
    public required string? Name { get; init; }

    [Description("What to send with every change. Null if not signed in.")]
    public required AntiforgeryContract? Antiforgery { get; init; }
}

[Description("The token by which a page shows that a change comes from itself and not from a page of another origin.")]
internal sealed record AntiforgeryContract(
    [property: Description("The name of the header: `X-CSRF-Token`.")] string Header,
    [property: Description("Its value. It fits this browser and this key, and needs the cookie that came with it.")] string Token);

[Description("The key to sign in with.")]
internal sealed record SignInRequest
{
    [Description("The secret of an API key: `genapi_…`, or the value of `Accounts:AdminKey`. Space around it does not count.")]
    [Required]
    public required string Key { get; init; }
}
