using System.Runtime.InteropServices;
using GenApi.Core.Errors;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// Converts images with libvips, within the limits of <see cref="ConversionOptions"/>. Conversions wait in one queue. The first of it reads
/// its original and waits until workers have returned enough memory; those behind it hold nothing.
/// </summary>
public sealed class ImageConverter : IDisposable
{
    /// <summary>Conversions that may wait. A page of a gallery asks for some dozens at once.</summary>
    internal const int LongestQueue = 512;

    private const double Mebibyte = 1 << 20, Smoothing = 0.1;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    /// <summary>The time without a conversion after which freed memory is returned: the next one would only claim it again.</summary>
    private static readonly TimeSpan UntilReturned = TimeSpan.FromSeconds(2);

    private readonly ConversionOptions _options;
    private readonly RendererProgram _program;
    private readonly MemoryBudget _memory;
    private readonly WorkerThreads _threads = new();
    private readonly SemaphoreSlim _head = new(1), _workers;
    private readonly int _workerCount;
    private readonly ITimer _idle;
    private int _waiting, _running;
    private double _typicalSeconds = 0.1;

    public ImageConverter(IOptions<ConversionOptions> options, RendererProgram program)
    {
        (_options, _program) = (options.Value, program);
        _memory = new MemoryBudget((long)(_options.MaxMemoryMb * Mebibyte));
        _workerCount = _options.Workers > 0 ? _options.Workers : Environment.ProcessorCount;
        _workers = new SemaphoreSlim(_workerCount);
        _idle = TimeProvider.System.CreateTimer(_ => ReturnMemory(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Conversions at work now.</summary>
    internal int Running => Volatile.Read(ref _running);

    /// <summary>Conversions in the queue now.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Converts an image. The same original and the same conversion give the same bytes.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>, final: the image is damaged, of no known format or beyond a limit.
    /// <see cref="ErrorKind.Overloaded"/>, transient: too many conversions wait.
    /// </exception>
    public Task<ConvertedImage> ConvertAsync(OriginalImage original, ImageConversion wanted, CancellationToken cancellationToken) =>
        RunAsync(original, wanted, VipsConversion.Convert, cancellationToken);

    /// <summary>As above, for an original that is in memory.</summary>
    public Task<ConvertedImage> ConvertAsync(ReadOnlyMemory<byte> original, ImageConversion wanted, CancellationToken cancellationToken) =>
        ConvertAsync(OriginalImage.Of(original), wanted, cancellationToken);

    /// <summary>Decodes the first frame: sRGB with alpha, eight bits, orientation applied.</summary>
    /// <param name="original">The file.</param>
    /// <param name="longestSide">In pixels. A smaller image is not enlarged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GenApiException">As for a conversion.</exception>
    public Task<PixelMap> PixelsAsync(OriginalImage original, int longestSide, CancellationToken cancellationToken)
    {
        var wanted = new ImageConversion { Width = longestSide, Height = longestSide, Format = VariantFormat.Png };
        return RunAsync(original, wanted, static (plan, _, stop) => VipsConversion.Pixels(plan, stop), cancellationToken);
    }

    /// <summary>As above, for an original that is in memory.</summary>
    public Task<PixelMap> PixelsAsync(ReadOnlyMemory<byte> original, int longestSide, CancellationToken cancellationToken) =>
        PixelsAsync(OriginalImage.Of(original), longestSide, cancellationToken);

    public void Dispose()
    {
        _idle.Dispose();
        _head.Dispose();
        _workers.Dispose();
    }

    private async Task<T> RunAsync<T>(
        OriginalImage original, ImageConversion wanted, Func<ImagePlan, ImageConversion, CancellationToken, T> convert,
        CancellationToken cancellationToken)
    {
        var job = await AdmitAsync(original, wanted, cancellationToken);
        var limit = TimeSpan.FromSeconds(_options.ConversionSeconds);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = WorkAsync(job, limit, wanted, convert, stop.Token);
        try
        {
            return await work.WaitAsync(limit, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw ConversionFaults.TooSlow(limit);
        }
        finally
        {
            await stop.CancelAsync();
            // A step of the work that can't be stopped may go on after the caller was answered.
            _ = work.ContinueWith(
                ended =>
                {
                    _ = ended.Exception;
                    stop.Dispose();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Waits for a worker and memory. Only the head of the queue holds an original.</summary>
    private async Task<Job> AdmitAsync(OriginalImage original, ImageConversion wanted, CancellationToken cancellationToken)
    {
        if (original.Length > _memory.Total)
            throw ConversionFaults.TooMuchMemory(original.Length, _memory.Total);
        try
        {
            if (Interlocked.Increment(ref _waiting) > LongestQueue)
                throw ConversionFaults.Overloaded(RetryAfter());
            await _head.WaitAsync(cancellationToken);
            try
            {
                var bytes = await original.ReadAsync(cancellationToken);
                var plan = ImagePlan.Of(ArrayOf(bytes), wanted, _options.MaxPixels);
                // What a drawing needs shows only when it is drawn: it may take half of everything at most.
                var needed = Math.Max(plan.Memory + bytes.Length, plan.Header is null ? _memory.Total / 2 : 0);
                if (needed > _memory.Total)
                    throw ConversionFaults.TooMuchMemory(needed, _memory.Total);
                await _memory.TakeAsync(needed, cancellationToken);
                try
                {
                    await _workers.WaitAsync(cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    _memory.Return(needed);
                    throw;
                }
                Interlocked.Increment(ref _running);
                return new Job(plan, needed);
            }
            finally
            {
                _head.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Returns worker and memory when the work has really ended, which may be after its caller has left.</summary>
    private async Task<T> WorkAsync<T>(
        Job job, TimeSpan limit, ImageConversion wanted, Func<ImagePlan, ImageConversion, CancellationToken, T> convert,
        CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            if (job.Plan.Header is not null)
                return await _threads.RunAsync(() => convert(job.Plan, wanted, stop));
            var drawing = await DrawingProcess.DrawAsync(
                _program, job.Plan.Bytes, job.Plan.Drawn!.Value, new DrawingLimits(job.Memory, limit), stop);
            return await _threads.RunAsync(() => convert(job.Plan with { Drawing = drawing }, wanted, stop));
        }
        catch (NetVips.VipsException failure)
        {
            throw ConversionFaults.Damaged(failure);
        }
        finally
        {
            var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            _typicalSeconds += (seconds - _typicalSeconds) * Smoothing;
            if (Interlocked.Decrement(ref _running) == 0)
                _idle.Change(UntilReturned, Timeout.InfiniteTimeSpan);
            _memory.Return(job.Memory);
            _workers.Release();
        }
    }

    private void ReturnMemory()
    {
        if (Running == 0)
            NativeMemory.ReturnFreed();
    }

    private TimeSpan RetryAfter()
    {
        var seconds = Math.Ceiling(LongestQueue * _typicalSeconds / _workerCount);
        return TimeSpan.FromSeconds(Math.Clamp(seconds, 1, LongestRetry.TotalSeconds));
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : bytes.ToArray();

    private sealed record Job(ImagePlan Plan, long Memory);
}
