namespace GenApi.Hosting.OpenApi;

/// <summary>The groups of operations in the API document, in the order in which a caller comes to need them.</summary>
internal static class ApiTags
{
    public const string Generations = "Generations", Images = "Images", Files = "Files", Uploads = "Uploads", Models = "Models",
        Webhooks = "Webhooks", Accounts = "Accounts", Keys = "Keys", Operations = "Operations";

    public static IReadOnlyList<(string Name, string Description)> InOrder { get; } =
    [
        (Generations, "Make images, wait for them, find them again."),
        (Images, "The bytes of an image, and its facts."),
        (Files, "The same for outputs that are not images: video, sound, 3D models, documents."),
        (Uploads, "Your own images, to use as inputs."),
        (Models, "The available models, their inputs and their prices."),
        (Webhooks, "Messages sent to your webhooks, and how to verify them."),
        (Accounts, "Your account: its rights, its limits, and what it has spent."),
        (Keys, "For administrators: API keys and the audit log."),
        (Operations, "For the operator: health and metrics."),
    ];
}
