namespace GenApi.Tests.Accounts;

/// <summary>A clock that runs like the system's, but at noon of a day in the past, so that no day ends during a test.</summary>
internal sealed class AfterNoon : TimeProvider
{
    private readonly TimeSpan _offset = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero) - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;
}
