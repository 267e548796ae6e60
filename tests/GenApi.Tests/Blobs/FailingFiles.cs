using GenApi.Core.Blobs;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Tests.Blobs;

/// <summary>The real calls, listed; the next one of a name can be made to fail.</summary>
internal sealed class FailingFiles : DurableFiles
{
    private (string Call, Exception Failure)? _next;

    public List<string> Calls { get; } = [];

    public void Fail(string call, Exception failure) => _next = (call, failure);

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

    public override void Rename(string from, string to)
    {
        Note("rename");
        base.Rename(from, to);
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
            Calls.Add(call);
        if (_next?.Call != call)
            return;
        var failure = _next.Value.Failure;
        _next = null;
        throw failure;
    }
}
