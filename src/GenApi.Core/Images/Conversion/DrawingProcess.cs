using System.ComponentModel;
using System.Diagnostics;

namespace GenApi.Core.Images.Conversion;

/// <param name="Memory">In bytes, beyond what the process takes for itself.</param>
/// <param name="Time">From its start to its end.</param>
internal readonly record struct DrawingLimits(long Memory, TimeSpan Time);

/// <summary>
/// Has drawings drawn by another process (<see cref="DrawingRenderer"/>), which is killed when it takes too long or too much memory.
/// </summary>
internal static class DrawingProcess
{
    /// <summary>The memory of the process before it opens anything.</summary>
    private const long Runtime = 80 << 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>The process ends itself later than it is killed, in case nobody is left to kill it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <param name="program">What is started.</param>
    /// <param name="svg">The drawing.</param>
    /// <param name="drawn">The size that it states, and the one in which it is drawn.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    /// <returns>Four bytes a pixel, row by row.</returns>
    public static async Task<byte[]> DrawAsync(
        RendererProgram program, ReadOnlyMemory<byte> svg, (int Width, int Height, FittedSize Size) drawn, DrawingLimits limits,
        CancellationToken cancellationToken)
    {
        using var process = Start(program);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop.Token);
            var watch = WatchAsync(process, limits.Memory + Runtime, stop.Token);
            var request = DrawingRenderer.Request(drawn, limits.Time + Grace);
            var drawing = await ExchangeAsync(process, request, svg, drawn.Size.ScaledPixels * 4, stop.Token);
            if (drawing is null && await watch is { } needed)
                throw ConversionFaults.TooMuchMemory(needed - Runtime, limits.Memory);
            await process.WaitForExitAsync(stop.Token);
            await stop.CancelAsync();
            await Task.WhenAny(errors);
            return drawing ?? throw ConversionFaults.Damaged(
                new InvalidDataException($"The process that draws ended with {process.ExitCode}."));
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(RendererProgram program)
    {
        try
        {
            return Process.Start(program.Start())!;
        }
        catch (Win32Exception failure)
        {
            throw ConversionFaults.NoRenderer(failure);
        }
    }

    /// <returns>Null if the process ended early.</returns>
    private static async Task<byte[]?> ExchangeAsync(
        Process process, byte[] request, ReadOnlyMemory<byte> svg, long length, CancellationToken cancellationToken)
    {
        try
        {
            await using (var input = process.StandardInput.BaseStream)
            {
                await input.WriteAsync(request, cancellationToken);
                await input.WriteAsync(svg, cancellationToken);
            }
            // The first byte comes when all is drawn. Until then a drawing that fails takes no memory here.
            var first = new byte[1];
            await process.StandardOutput.BaseStream.ReadExactlyAsync(first, cancellationToken);
            var pixels = new byte[length];
            await process.StandardOutput.BaseStream.ReadExactlyAsync(pixels, cancellationToken);
            return pixels;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <returns>The memory in bytes for which the process was killed; null if it ended by itself.</returns>
    private static async Task<long?> WatchAsync(Process process, long most, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
            process.Refresh();
            if (process.HasExited)
                return null;
            var resident = Resident(process);
            if (resident <= most)
                continue;
            Kill(process);
            return resident;
        }
    }

    private static long Resident(Process process)
    {
        try
        {
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ended in between.
            return 0;
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }
}
