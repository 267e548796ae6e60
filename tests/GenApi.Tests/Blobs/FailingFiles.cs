using GenApi.Core.Blobs;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Tests.Blobs;

/// <summary>Makes the real calls and records them; one call, or all calls from one on, can be made to fail.</summary>
internal sealed class FailingFiles : DurableFiles
{
    private (string Call, Exception Failure, bool Lasts)? _fault;
    private int _before;
    private int _hits;

    public List<string> Calls { get; } = [];

    /// <summary>How many calls have failed since <see cref="Fail"/>.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <param name="call">A name from <see cref="Calls"/>.</param>
    /// <param name="at">The first call of that name to fail, from 1, counted from now.</param>
    /// <param name="lasts">Whether later calls fail too, until <see cref="Heal"/>.</param>
    public void Fail(string call, Exception failure, int at = 1, bool lasts = false)
    {
        lock (Calls)
            (_fault, _before, _hits) = ((call, failure, lasts), at - 1, 0);
    }

    public void Heal()
    {
        lock (Calls)
            _fault = null;
    }

    public override SafeFileHandle Create(string path)
    {
        Note("create");
        return base.Create(path);
    }

    public override ValueTask WriteAsync(SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        Note("write");
        return base.WriteAsync(file, bytes, offset, cancellationToken);
    }

    public override void Flush(SafeFileHandle file)
    {
        Note("flush");
        base.Flush(file);
    }

    public override void Rename(string from, string target)
    {
        Note("rename");
        base.Rename(from, target);
    }

    public override void Delete(string path)
    {
        Note("delete");
        base.Delete(path);
    }

    public override void CreateFolder(string path)
    {
        Note("create folder");
        base.CreateFolder(path);
    }

    public override void FlushFolder(string path)
    {
        Note("flush folder");
        base.FlushFolder(path);
    }

    private void Note(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
            if (_fault is not { } fault || fault.Call != call || _before-- > 0)
                return;
            if (!fault.Lasts)
                _fault = null;
            _hits++;
            throw fault.Failure;
        }
    }
}
