using GenApi.Accounts;
using GenApi.Core.Accounts;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>GET /account: the account of the API key, which is not the one at Replicate.</summary>
internal static class AccountRoute
{
    public static Task GetAsync(HttpContext context)
    {
        var caller = context.Caller();
        return CatalogueAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "user");
            json.WriteString("username", AccountNames.Of(caller.AccountId));
            json.WriteString("name", caller.Name);
            json.WriteEndObject();
        });
    }
}
