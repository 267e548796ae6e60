using System.Globalization;
using System.Text;
using GenApi.Sandbox.Models;

namespace GenApi.Sandbox.Predictions;

/// <summary>Writes the log of a run at a given time. Each poll gets a new text: nothing is stored and no timer runs.</summary>
internal static class ProgressLog
{
    private const int BarWidth = 10;
    private const int MaxLines = 50;

    /// <summary>Parts of a block in eighths, as tqdm draws them.</summary>
    private const string Eighths = " ▏▎▍▌▋▊▉";

    public static string At(Prediction prediction, DateTimeOffset now)
    {
        if (prediction.Plan is not { } plan || prediction.StartedAt is not { } started)
            return "";
        var end = prediction.CompletedAt ?? now;
        return prediction.Model.Log switch
        {
            LogStyle.Bar => Bar(prediction, plan, end - started),
            LogStyle.Words => Words(prediction, plan, end - started),
            _ => "",
        };
    }

    private static string Words(Prediction prediction, RunPlan plan, TimeSpan elapsed)
    {
        var log = new StringBuilder();
        if (prediction.Model.Find("seed") is not null)
            log.Append(CultureInfo.InvariantCulture, $"Using seed: {plan.Seed}\n");
        AppendInputs(log, plan);
        log.Append("Generating image...\n");
        if (prediction.Status == PredictionStatus.Succeeded)
            log.Append(CultureInfo.InvariantCulture, $"Generated image in {elapsed.TotalSeconds:F1}sec\n");
        return log.ToString();
    }

    private static string Bar(Prediction prediction, RunPlan plan, TimeSpan elapsed)
    {
        var log = new StringBuilder(256);
        var mode = plan.Inputs.Count == 0 ? "txt2img" : plan.Inputs.Any(each => each.Name == "mask") ? "inpainting" : "img2img";
        log.Append(CultureInfo.InvariantCulture, $"Using seed: {plan.Seed}\nPrompt: {plan.Prompt}\n{mode} mode\n");
        AppendInputs(log, plan);
        var done = prediction.Status == PredictionStatus.Succeeded || plan.StepTime == TimeSpan.Zero && prediction.HasEnded
            ? plan.Steps
            : plan.StepTime == TimeSpan.Zero ? 0 : (int)Math.Clamp((elapsed - plan.BaseTime / 2) / plan.StepTime, 0, plan.Steps);
        var stride = Math.Max(1, plan.Steps / MaxLines);
        for (var step = 0; step <= done; step += stride)
            AppendLine(log, step, plan);
        if (done == plan.Steps && done % stride != 0)
            AppendLine(log, done, plan);
        return log.ToString();
    }

    /// <summary>Proves to the sender of a file that exactly its bytes have arrived.</summary>
    private static void AppendInputs(StringBuilder log, RunPlan plan)
    {
        foreach (var (name, picture) in plan.Inputs)
            log.Append(CultureInfo.InvariantCulture, $"Using {name}: {picture.Width}x{picture.Height}, sha256 {picture.Sha256}\n");
    }

    private static void AppendLine(StringBuilder log, int step, RunPlan plan)
    {
        var percent = plan.Steps == 0 ? 100 : step * 100 / plan.Steps;
        log.Append(CultureInfo.InvariantCulture, $"{percent,3}%|");
        var eighths = plan.Steps == 0 ? BarWidth * 8 : step * BarWidth * 8 / plan.Steps;
        log.Append('█', eighths / 8);
        if (eighths < BarWidth * 8)
            log.Append(Eighths[eighths % 8]).Append(' ', BarWidth - 1 - eighths / 8);
        log.Append(CultureInfo.InvariantCulture, $"| {step}/{plan.Steps} [{Clock(plan.StepTime * step)}<");
        if (step == 0)
            log.Append("?, ?it/s]\n");
        else
            log.Append(CultureInfo.InvariantCulture, $"{Clock(plan.StepTime * (plan.Steps - step))}, {Rate(plan.StepTime)}]\n");
    }

    private static string Clock(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes:D2}:{span.Seconds:D2}");

    private static string Rate(TimeSpan step)
    {
        var seconds = Math.Max(step.TotalSeconds, 0.001);
        return seconds > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds,5:F2}s/it")
            : string.Create(CultureInfo.InvariantCulture, $"{1 / seconds,5:F2}it/s");
    }
}
