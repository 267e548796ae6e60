namespace GenApi.Hosting.OpenApi;

/// <summary>The groups of operations in the API document, in the order in which a caller comes to need them.</summary>
internal static class ApiTags
{
    public const string Generations = "Generations", Images = "Images", Files = "Files", Uploads = "Uploads", Models = "Models",
        Webhooks = "Webhooks", Accounts = "Accounts", Keys = "Keys", Operations = "Operations";

    public static IReadOnlyList<(string Name, string Description)> InOrder { get; } =
    [
        (Generations, "Make images, wait for them, find them again."),
        (Images, "The bytes of an image, and what is known of it."),
        (Files, "The same for an output that is not an image: video, sound, 3D models, documents."),
        (Uploads, "Images of yours, to be used as an input."),
        (Models, "What can be asked for, and what it takes and costs."),
        (Webhooks, "What was sent to your webhooks, and how to verify it."),
        (Accounts, "Who you are here, what you may spend, and what you have spent."),
        (Keys, "For administrators: API keys, and what was done to them."),
        (Operations, "For the operator: health and metrics."),
    ];
}
