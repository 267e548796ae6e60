using GenApi.Core.Maintenance;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary><c>start-anew</c>: a start after the database was lost is refused until this was said.</summary>
internal static class StartFreshVerb
{
    public static Verb Verb { get; } = new("start-anew", "Lets the next start make a new database where one was lost.", async call =>
    {
        await call.AnnounceAsync();
        call.Services.GetRequiredService<FreshStart>().Allow();
        await Console.Out.WriteLineAsync("The next start makes a new database.");
        return 0;
    })
    { Store = VerbStore.Write };
}
