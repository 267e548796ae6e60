using System.Text.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Sandbox.Http;

internal static class AccountEndpoints
{
    /// <summary>The account of every token.</summary>
    public const string Username = "sandbox";

    private static readonly (string Sku, string Name)[] Hardware =
    [
        ("cpu", "CPU"),
        ("gpu-t4", "Nvidia T4 GPU"),
        ("gpu-l40s", "Nvidia L40S GPU"),
        ("gpu-a100-large", "Nvidia A100 (80GB) GPU"),
        ("gpu-h100", "Nvidia H100 GPU"),
    ];

    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/account", () => Answers.Json(Write));
        routes.MapGet("/v1/hardware", () => Answers.Json(json =>
        {
            json.WriteStartArray();
            foreach (var (sku, name) in Hardware)
            {
                json.WriteStartObject();
                json.WriteString("sku", sku);
                json.WriteString("name", name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }));
        routes.MapGet("/v1/webhooks/default/secret", (SandboxOptions options) => Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("key", options.WebhookSecret);
            json.WriteEndObject();
        }));
    }

    public static void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "organization");
        json.WriteString("username", Username);
        json.WriteString("name", "Sandbox");
        json.WriteString("github_url", "https://github.com/sandbox");
        json.WriteEndObject();
    }
}
