using GenApi.Core.Maintenance;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary><c>start-anew</c>: lets the service start after the database was lost, which it refuses otherwise.</summary>
internal static class StartFreshVerb
{
    public static Verb Verb { get; } = new("start-anew", "Lets the next start create a new database after one was lost.", async call =>
    {
        await call.AnnounceAsync();
        call.Services.GetRequiredService<FreshStart>().Allow();
        await Console.Out.WriteLineAsync("The next start creates a new database.");
        return 0;
    })
    { Store = VerbStore.Write };
}
