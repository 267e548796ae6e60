using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// Has drawings drawn by another process (<see cref="DrawingRenderer"/>), which is killed when it takes too long or too much memory.
/// </summary>
internal static class DrawingProcess
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <param name="program">What is started.</param>
    /// <param name="svg">The drawing.</param>
    /// <param name="wanted">Decides the size in which it is drawn.</param>
    /// <param name="limits">The most pixels, bytes of resident memory, and time.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    public static async Task<Drawing> DrawAsync(
        RendererProgram program, ReadOnlyMemory<byte> svg, ImageConversion wanted, (long Pixels, long Memory, TimeSpan Time) limits,
        CancellationToken cancellationToken)
    {
        using var process = Start(program);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop.Token);
            var watch = WatchAsync(process, limits.Memory, stop.Token);
            var answer = ExchangeAsync(process, DrawingRenderer.Request(wanted, limits.Pixels, limits.Time), svg, limits.Pixels, stop.Token);
            await Task.WhenAny(watch, answer);
            // The watch ends first only if it killed the process.
            if (watch.IsCompletedSuccessfully && await watch is { } needed)
                throw ConversionFaults.TooMuchMemory(needed, limits.Memory);
            var drawing = await answer;
            await process.WaitForExitAsync(stop.Token);
            await stop.CancelAsync();
            await Task.WhenAny(errors);
            return process.ExitCode switch
            {
                DrawingRenderer.Done when drawing is not null => drawing,
                DrawingRenderer.TooManyPixels => throw ConversionFaults.TooManyPixels(limits.Pixels + 1, limits.Pixels),
                var code => throw ConversionFaults.Damaged(new InvalidDataException($"The process that draws ended with {code}.")),
            };
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

    private static async Task<Drawing?> ExchangeAsync(
        Process process, byte[] request, ReadOnlyMemory<byte> svg, long mostPixels, CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.BaseStream;
        try
        {
            await using (var input = process.StandardInput.BaseStream)
            {
                await input.WriteAsync(request, cancellationToken);
                await input.WriteAsync(svg, cancellationToken);
            }
            var head = new byte[DrawingRenderer.AnswerLength];
            await output.ReadExactlyAsync(head, cancellationToken);
            int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(at));
            var (width, height) = (Number(8), Number(12));
            // The size comes from a process that has read a stranger's file.
            if (width <= 0 || height <= 0 || (long)width * height > mostPixels || Number(0) <= 0 || Number(4) <= 0)
                return null;
            var pixels = new byte[width * height * 4];
            await output.ReadExactlyAsync(pixels, cancellationToken);
            return new Drawing(Number(0), Number(4), width, height, pixels);
        }
        catch (IOException)
        {
            // It ended early (EndOfStreamException is one too). Its exit code says why.
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
