using GenApi.Core.Errors;

namespace GenApi.Core.Persistence;

/// <summary>Says whether the database can be used now. It asks nothing that takes longer than some microseconds.</summary>
public interface IDatabaseHealth
{
    /// <summary>The reason why the database may not be used; null: it may. Callers see the sentence too.</summary>
    GenApiException? Fault { get; }

    /// <summary>True if there is room for new rows and some to spare.</summary>
    bool HasRoom { get; }

    /// <summary>Frees the room that is kept for deletions on a full disk.</summary>
    /// <returns>False where there is none, so there is nothing to gain.</returns>
    bool ReleaseRoom();

    /// <summary>Records that a transaction failed because of the database.</summary>
    void Failed(GenApiException fault);

    /// <summary>Records that a transaction was committed.</summary>
    void Succeeded();

    /// <summary>Checks before each transaction that what it commits would not be lost.</summary>
    /// <exception cref="GenApiException">StorageUnavailable: the file is no longer ours.</exception>
    void RequireOurs();

    /// <exception cref="GenApiException">StorageUnavailable: see <see cref="Fault"/>.</exception>
    void Require()
    {
        if (Fault is { } fault)
            throw fault;
    }
}
