using GenApi.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Verbs;

namespace GenApi.Images;

/// <summary>POST /links/rotate: ends all lasting links.</summary>
internal sealed class LinkEndpoints(LinkRotation rotation)
{
    public async Task RotateAsync(HttpContext context)
    {
        await rotation.RotateAsync(Actor.Of(context.Caller(), context.Origin()), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static void Document(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RotateLinks", ApiTags.Images, "End all lasting links",
            "Replaces the secret that signs lasting links, the ones that doors put into their answers. Links issued before are refused "
                + "with 403 from now on. Images stay, and answers contain new links. Signed links, which expire, are not affected.")
        .Answer(204, "The links are ended.")
        .Problems(ErrorKind.StorageFull, ErrorKind.StorageUnavailable);
}

/// <summary><c>links rotate</c>, whether the service runs (it notices at once) or not.</summary>
internal static class LinksVerb
{
    public static Verb Rotate { get; } = new("links rotate", "Ends all lasting links to images at once.", RotateAsync)
    {
        Store = VerbStore.Write,
    };

    private static async Task<int> RotateAsync(VerbCall call)
    {
        await call.OpenForWriteAsync(mayCreate: false);
        await call.Services.GetRequiredService<LinkRotation>().RotateAsync(Actor.AtTheMachine, call.Stopping);
        await Console.Error.WriteLineAsync("All lasting links issued so far are refused from now on. Answers contain new ones.");
        return 0;
    }
}
