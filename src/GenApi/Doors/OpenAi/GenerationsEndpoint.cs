using GenApi.Hosting.Requests;

namespace GenApi.Doors.OpenAi;

/// <summary>POST /v1/images/generations: images from a prompt.</summary>
internal sealed class GenerationsEndpoint(ImagesCallReader reader, ImagesRequests requests, ImagesRoute route)
{
    public async Task PostAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, context.RequestAborted);
        var call = await reader.ReadAsync(
            ImagesCallReader.MembersOf(body), isEdit: false, areTexts: false, context.RequestAborted);
        await route.AnswerAsync(context, call, requests.Of(context, call, body));
    }
}
