using GenApi.Accounts;
using GenApi.Core.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace GenApi.Doors.OpenAi.Edits;

internal static class EditsRouting
{
    public static IServiceCollection AddOpenAiEdits(this IServiceCollection services) => services
        .AddSingleton<EditForm>()
        .AddSingleton<EditJson>()
        .AddSingleton<EditsEndpoint>();

    public static IEndpointRouteBuilder MapOpenAiEdits(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var edits = routes.ServiceProvider.GetRequiredService<EditsEndpoint>();
        // The description of these routes is OpenAI's own. The service's general limit is for JSON; a form may have several images.
        var door = routes.MapGroup("/v1/images").ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(EditForm.MostBytes));
        door.MapPost("/edits", edits.EditAsync).Needs(KeyRights.Generate);
        door.MapPost("/variations", edits.VaryAsync).Needs(KeyRights.Generate);
        return routes;
    }
}
