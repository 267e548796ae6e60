using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using GenApi.Sandbox.Control;

namespace GenApi.Sandbox.Predictions;

/// <summary>
/// Sends webhooks as Replicate does: the body of a poll, signed by Standard Webhooks. Only the last one of a prediction is repeated, with
/// growing pauses for about a minute and under the same id. Redirects are not followed.
/// </summary>
internal sealed class WebhookSender(SandboxOptions options, TimeProvider time, Faults faults, SandboxStats stats) : IDisposable
{
    private static readonly TimeSpan[] Pauses = [.. new[] { 1, 2, 4, 8, 16, 30 }.Select(s => TimeSpan.FromSeconds(s))];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly byte[] _key = Convert.FromBase64String(options.WebhookSecret["whsec_".Length..]);
    private readonly HttpClient _http =
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>
    /// Queues a webhook if the prediction asked for this event. Call it under the prediction's gate: the body is written at once.
    /// </summary>
    public void Send(Prediction prediction, string name, DateTimeOffset at)
    {
        if (prediction.Webhook is not { } target || !target.Events.Contains(name))
            return;
        var body = PredictionJson.Write(prediction, PredictionView.Full, at);
        var attempts = name == "completed" ? Pauses.Length + 1 : 1;
        var before = prediction.Deliveries;
        prediction.Deliveries = Task.Run(
            () => DeliverAsync(before, target.Url, prediction.Model.FullName, body, attempts, _stopping.Token));
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _http.Dispose();
        _stopping.Dispose();
    }

    private async Task DeliverAsync(Task before, Uri url, string model, byte[] body, int attempts, CancellationToken ct)
    {
        await before;
        var faulty = faults.Matching(model, FaultKind.WebhookLost, FaultKind.WebhookForged).FirstOrDefault(f => f.TryUse())?.Kind;
        if (faulty == FaultKind.WebhookLost)
            return;
        var id = "msg_" + RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 27);
        try
        {
            for (var attempt = 0; attempt < attempts; attempt++)
            {
                if (attempt > 0)
                    await Task.Delay(Pauses[attempt - 1], time, ct);
                if (!await PostAsync(url, id, body, forged: faulty == FaultKind.WebhookForged, ct))
                    continue;
                if (faulty == FaultKind.WebhookTwice)
                    await PostAsync(url, id, body, forged: false, ct);
                return;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The sandbox is stopping, and its webhooks end with it.
        }
    }

    private async Task<bool> PostAsync(Uri url, string id, byte[] body, bool forged, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Sign(forged ? "msg_forged" : id, timestamp, body));
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
                return false;
            stats.Delivered();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private string Sign(string id, string timestamp, byte[] body) =>
        Convert.ToBase64String(HMACSHA256.HashData(_key, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]));
}
